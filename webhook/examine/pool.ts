import { words } from '../../scanner/words.ts';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { Metrics } from '../metrics.ts';
import { hostSlots } from './host-slots.ts';
import type { Task, TaskAnswer, TaskFailure, WorkerSetup } from './task.ts';

/** Heap of one thread in MiB. What needs more ends the thread, and its task is an error. */
const HEAP = 256;
/** Of it, where new things stand: what is not needed for long is given back often. */
const YOUNG_HEAP = 4;

/** Threads beside those that were asked for, which start when all of them wait for one registry, and end when they have had nothing to do for so long. */
const SPARE = 1;
const SPARE_MILLISECONDS = 60_000;

/** Worker threads with a bounded queue before them. */
export interface Pool {
  /** Never rejects: a thread that ends and a queue that is full are failures like any other. */
  run(task: Task): Promise<TaskAnswer | TaskFailure>;
  readonly ready: boolean;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly workers: number;
  /** Tasks that may wait. */
  readonly queue: number;
  readonly setup: WorkerSetup;
  readonly metrics: Metrics;
  /** Milliseconds of one task, waiting included. */
  readonly taskTimeout: number;
  /** File of the threads; left out: that of the product. */
  readonly filename?: string;
  /** MiB of one thread; left out: 256. */
  readonly heap?: number;
}

/** Starts the threads. Resolves when each has loaded what it needs, so that the first review does not wait for it. */
export async function openPool({ workers, queue, setup, metrics, taskTimeout, filename = workerFile(), heap = HEAP }: PoolOptions): Promise<Pool> {
  const threads = new Piscina<Task, TaskAnswer | TaskFailure>({
    filename, name: 'work', workerData: setup, minThreads: workers, maxThreads: workers + SPARE, idleTimeout: SPARE_MILLISECONDS, concurrentTasksPerWorker: 1,
    // Waiting in Atomics would stop the sockets that a thread keeps open between two tasks.
    atomics: 'disabled', resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: YOUNG_HEAP }, recordTiming: false, workerHistogram: false,
  });
  // A thread that ends between tasks is replaced; nothing of it is anybody's answer.
  threads.on('error', () => metrics.errors.inc({ reason: 'worker' }));
  // A thread waits while its registry answers, so one registry never gets the spare thread, nor more than half of the queue.
  const slots = hostSlots({ places: workers, queue: Math.ceil(queue / 2) });
  const full: TaskFailure = { failure: { kind: 'unreadable', code: 'queue-full', message: `Not analysed: ${queue} scans wait already (try again, or raise --workers or --queue)` } };
  let underWay = 0;
  let closed = false;
  const count = (change: number): void => {
    underWay += change;
    metrics.queueDepth.set(Math.max(0, underWay - workers));
  };
  const run = async (task: Task): Promise<TaskAnswer | TaskFailure> => {
    // Counted here, because the pool's own bound leaves out tasks that can be aborted.
    if (underWay >= workers + queue) return full;
    count(1);
    const end = metrics.scans.startTimer();
    const answer = await (slots.run(hostOf(task), () => threads.run(task, { signal: AbortSignal.timeout(taskTimeout) }).catch((error: unknown) => ended(error, taskTimeout))) ?? full);
    count(-1);
    end({ outcome: 'failure' in answer ? answer.failure.code : 'ok' });
    return answer;
  };
  await Promise.all(Array.from({ length: workers }, () => threads.run(WARM)));
  return {
    run,
    get ready() {
      return !closed && threads.threads.length > 0;
    },
    async close() {
      closed = true;
      await threads.destroy();
    },
  };
}

/** Nothing to do but to load everything. */
const WARM: Task = { kind: 'search', source: { kind: 'bytes', bytes: new Uint8Array(0) }, asks: [] };

/** Whom a task waits for; null: nobody. */
function hostOf(task: Task): string | null {
  if (task.kind === 'verify') return task.finds[0]?.packaging?.repository?.split('/')[0] ?? null;
  const { source } = task;
  if (source.kind === 'bytes') return null;
  return source.kind === 'url' ? URL.parse(source.url)?.host ?? source.url : source.repository.split('/')[0]!;
}

function ended(error: unknown, milliseconds: number): TaskFailure {
  if (error instanceof Error && error.name === 'AbortError') return { failure: { kind: 'unreadable', code: 'deadline', message: `Not analysed: the scan took longer than ${milliseconds / 1_000} seconds` } };
  return { failure: { kind: 'unreadable', code: 'crash', message: `Not analysed: the scan ended its thread (${words(error)})` } };
}

/** The file beside this one, as it is called in the sources and in the bundle. */
function workerFile(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './examine-worker.js', import.meta.url));
}
