import { RULES } from '../rules/index.ts';
import type { Opened } from '../scanner/artifact.ts';
import type { CacheOptions } from '../scanner/artifact/cache/stores.ts';
import type { TargetProfile } from '../scanner/carrier.ts';
import { entryDetail } from '../scanner/report/entry-detail.ts';
import type { NamedRuntime } from '../scanner/facts/runtimes/runtime.ts';
import { scanEntry, unopenedEntry, withoutWasmEntry, type ScanEntry } from '../scanner/report/entry.ts';
import type { Policy } from '../scanner/policy/policy.ts';
import { UNKNOWN_PROVENANCE, type Provenance } from '../scanner/provenance.ts';
import { scan } from '../scanner/scan.ts';
import type { AdvisorySource, RunRecords, ScanContext } from '../scanner/scan-context.ts';
import { scanUnopened, scanWithoutWasm } from '../scanner/scan-surroundings.ts';
import { inflate } from './inflate.ts';
import { knownBytes } from './known-bytes.ts';
import type { Policies } from './policies.ts';
import { referenceOf, type Scanner } from './scanner.ts';

/** What every scan is lent, whoever asks. */
export const SCAN_BASE: Pick<ScanContext, 'rules' | 'inflate' | 'secretScanner'> = {
  rules: RULES,
  inflate,
  secretScanner: { scan: async (candidates) => (candidates.length === 0 ? [] : (await import('../scanner/secret/secretlint.ts')).secretlintScanner.scan(candidates)) },
};
/** Between two artifacts, Ctrl-C and the progress line get a turn after so many milliseconds. */
const TURN_MS = 50;

/** What judging in one thread needs beside the policies. */
export interface EngineSetting {
  /** ISO 8601 */
  readonly now: string;
  readonly targetProfile: TargetProfile | null;
  /** The runtime that the user names. */
  readonly runtime?: NamedRuntime | null;
  /** Where facts and findings of fetched artifacts are kept; null: nowhere. */
  readonly cache: CacheOptions | null;
  /** Whether entries carry what a report to look at shows. */
  readonly detailed?: boolean;
  /** Advisories that dependencies are held against; null: none were given. */
  readonly advisories?: AdvisorySource | null;
  readonly onBug: ScanContext['onBug'];
}

/** Judges in this thread, one artifact at a time. */
export function localScanner(policies: Policies, { now, targetProfile, runtime, cache, detailed, advisories, onBug }: EngineSetting): Scanner {
  let last = performance.now();
  const known = knownBytes();
  const records = lazily(cache);
  return {
    lanes: 1,
    async scan(opened, provenances): Promise<ScanEntry> {
      if (performance.now() - last > TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        last = performance.now();
      }
      const applied = policies.for(referenceOf(opened));
      const provenance = (policy: Policy): Provenance => provenances[applied.indexOf(policy)] ?? UNKNOWN_PROVENANCE;
      return entryOf(opened, detailed === true ? 'detailed' : 'plain', { ...SCAN_BASE, provenance, known, ...(records && { records }), policies: applied, now, onBug, ...(targetProfile !== null && { targetProfile }), ...(runtime && { runtime }), ...(advisories && { advisories }) });
    },
    close: async () => {},
  };
}

/** The store is loaded for the first artifact that was fetched, since most runs fetch nothing. */
function lazily(cache: CacheOptions | null): RunRecords | null {
  if (cache === null) return null;
  let store: Promise<RunRecords | null> | null = null;
  const opened = (): Promise<RunRecords | null> => (store ??= import('./run-records.ts').then(({ diskRecords }) => diskRecords(cache)));
  return {
    get: async (key) => (await (await opened())?.get(key)) ?? null,
    put: async (key, record) => (await opened())?.put(key, record),
  };
}

async function entryOf(opened: Opened, form: 'detailed' | 'plain', context: ScanContext): Promise<ScanEntry> {
  if ('failure' in opened) return unopenedEntry(scanUnopened(opened, context), opened);
  if ('withoutWasm' in opened) return withoutWasmEntry(scanWithoutWasm(opened, context), opened);
  const result = await scan(opened, context);
  const entry = scanEntry(result, opened);
  return form === 'plain' || result.facts === null ? entry : { ...entry, detail: entryDetail(result.facts) };
}
