import type { ReportFormat } from './format.ts';

/** The one list of formats of `scan`. A new format is a file and a line here; its code loads only when asked for. */
export const REPORT_FORMATS = {
  text: async () => (await import('./text.ts')).textReport,
  json: async () => (await import('./json.ts')).jsonReport,
  jsonl: async () => (await import('./jsonl.ts')).jsonlReport,
  sarif: async () => (await import('./sarif/sarif.ts')).sarifReport,
  html: async () => (await import('./html/page.ts')).htmlReport,
  markdown: async () => (await import('./markdown.ts')).markdownReport,
  github: async () => (await import('./github.ts')).githubReport,
  gitlab: async () => (await import('./gitlab.ts')).gitlabReport,
  junit: async () => (await import('./junit.ts')).junitReport,
  csv: async () => (await import('./csv.ts')).csvReport,
} as const satisfies Record<string, () => Promise<ReportFormat>>;

export type ReportFormatName = keyof typeof REPORT_FORMATS;
