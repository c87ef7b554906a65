import type { CacheOptions } from '../../scanner/artifact/cache/stores.ts';
import type { RegistryOptions } from '../../scanner/artifact/oci/registry.ts';
import type { Examiner } from '../judging.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { ANYBODY, openClients } from './clients.ts';
import { PoolExaminer } from './examiner.ts';
import { openPool } from './pool.ts';
import { openRights } from './rights.ts';
import { Searches } from './searches.ts';

/** How images without a sign of Wasm are treated: left alone, looked at by manifest and config, or searched to the last layer. */
export type Detection = 'signals' | 'manifest' | 'layers';

export interface ExaminerOptions {
  readonly detection: Detection;
  /** Threads. */
  readonly workers: number;
  /** Scans that may wait for a thread. */
  readonly queue: number;
  readonly registry: Omit<RegistryOptions, 'pullSecrets' | 'deadline' | 'blobs'>;
  /** Registries, in normal form, for which the credentials of `registry` count for everybody. */
  readonly sharedRegistries: readonly string[];
  readonly cache: CacheOptions;
  /** Milliseconds of one fetch. */
  readonly fetchTimeout: number;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** A task may fetch a few things and then decode them. */
const TASK_FACTOR = 2;
const TASK_MILLISECONDS = 60_000;

/** What tests replace. */
export interface ExaminerTestParts {
  /** File of the threads. */
  readonly worker?: string;
  readonly proofMilliseconds?: number;
  /** MiB of one thread. */
  readonly heap?: number;
}

/** Opens an examiner. Resolves when its threads are ready; throws RangeError where the options of registries name no host. */
export async function openExaminer(options: ExaminerOptions, parts: ExaminerTestParts = {}): Promise<Examiner> {
  const { detection, sharedRegistries, registry, cache, fetchTimeout, metrics, log } = options;
  const clients = openClients({ registry, fetchTimeout }, null);
  clients.for(ANYBODY);
  const pool = await openPool({
    workers: options.workers, queue: options.queue, setup: { registry, cache, fetchTimeout }, metrics, taskTimeout: fetchTimeout * TASK_FACTOR + TASK_MILLISECONDS,
    ...(parts.worker !== undefined && { filename: parts.worker }), ...(parts.heap !== undefined && { heap: parts.heap }),
  });
  return new PoolExaminer({ detection, sharedRegistries, clients, pool, rights: openRights(), searches: new Searches({ pool, metrics, log, ...(parts.proofMilliseconds !== undefined && { proofMilliseconds: parts.proofMilliseconds }) }), metrics, log });
}
