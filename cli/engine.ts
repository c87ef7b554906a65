import { RULES } from '../rules/index.ts';
import { scanEntry, type ScanEntry } from '../scanner/report/entry.ts';
import { scan, type ScanContext } from '../scanner/scan.ts';
import { inflate } from './inflate.ts';
import type { Policies } from './policies.ts';
import type { Scanner } from './scan-all.ts';

const BASE: Pick<ScanContext, 'rules' | 'provenance' | 'inflate' | 'secretScanner'> = {
  rules: RULES,
  provenance: { status: 'unknown' },
  inflate,
  secretScanner: { scan: async (candidates) => (candidates.length === 0 ? [] : (await import('../scanner/secret/secretlint.ts')).secretlintScanner.scan(candidates)) },
};
/** Between two artifacts, Ctrl-C and the progress line get a turn after so many milliseconds. */
const TURN_MS = 50;

/** Judges in this thread, one artifact at a time. `now` is ISO 8601. */
export function localScanner(policies: Policies, { now, onBug }: { readonly now: string; readonly onBug: ScanContext['onBug'] }): Scanner {
  let last = performance.now();
  return {
    lanes: 1,
    async scan(artifact): Promise<ScanEntry> {
      if (performance.now() - last > TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        last = performance.now();
      }
      const result = await scan(artifact, { ...BASE, policies: policies.for(artifact.name), now, onBug });
      return scanEntry(result);
    },
    close: async () => {},
  };
}
