import { plainEntry } from './entry.ts';
import type { ReportWriter } from './format.ts';
import { harmlessJson } from './harmless.ts';

/** One element of `results` a line, as soon as it is known. */
export function jsonlReport(): ReportWriter {
  return { add: (entry) => `${harmlessJson(plainEntry(entry))}\n`, end: () => '' };
}
