import { plainEntry, type ScanEntry } from './entry.ts';
import type { ReportContext, ReportWriter } from './format.ts';
import { harmlessJson } from './harmless.ts';

/** Version of the JSON contract of `scan` and `inspect`; raised when a field changes its meaning or goes away. */
export const SCHEMA_VERSION = 1;

/** The report as one JSON document, schema in docs/schema/scan.schema.json; written as the results come, so memory stays flat. */
export function jsonReport(context: ReportContext): ReportWriter {
  let started = false;
  return {
    add(entry: ScanEntry): string {
      const lead = started ? ',\n    ' : `{\n  "schemaVersion": ${SCHEMA_VERSION},\n  "results": [\n    `;
      started = true;
      return lead + indented(plainEntry(entry), 4);
    },
    end(): string {
      const lead = started ? '\n  ],' : `{\n  "schemaVersion": ${SCHEMA_VERSION},\n  "results": [],`;
      return `${lead}\n  "policies": ${indented(context.policies, 2)},\n  "engine": ${indented({ name: 'wasmgate', version: context.engineVersion }, 2)}\n}\n`;
    },
  };
}

function indented(value: unknown, columns: number): string {
  return harmlessJson(value, 2).replaceAll('\n', `\n${' '.repeat(columns)}`);
}
