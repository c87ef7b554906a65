import { Worker } from 'node:worker_threads';
import type { Artifact, Opened } from '../scanner/artifact.ts';
import type { CacheOptions } from '../scanner/artifact/cache/stores.ts';
import type { TargetProfile } from '../scanner/carrier.ts';
import type { NamedRuntime } from '../scanner/facts/runtimes/runtime.ts';
import { failureEntry, type ScanEntry } from '../scanner/report/entry.ts';
import { sayBugs } from './bugs.ts';
import { localScanner } from '../engine/local-scanner.ts';
import type { Stream } from './io.ts';
import { unreadJudgement, type Policies, type PolicySource } from '../engine/policies.ts';
import { referenceOf, type Provenances, type Scanner } from '../engine/scanner.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly policies: readonly PolicySource[];
  readonly accepted: Policies['accepted'];
  /** ISO 8601; the same moment for every artifact of a run. */
  readonly now: string;
  readonly targetProfile: TargetProfile | null;
  readonly runtime: NamedRuntime | null;
  readonly cache: CacheOptions | null;
  /** Whether entries carry what a report to look at shows. */
  readonly detailed: boolean;
  /** Full path of the advisory data; null: none was given. */
  readonly advisoryData: string | null;
  /** How bugs are said on stderr. */
  readonly detail: 'message' | 'stack';
}

/** Digests whose thread is remembered. */
const REMEMBERED = 10_000;

interface Lane {
  worker: Worker | null;
  /** The work given to it last; the next waits for it. */
  last: Promise<unknown>;
  queued: number;
}

/**
 * Worker threads that judge artifacts; facts stay in the thread, entries come back as plain data. Equal bytes go to the thread that
 * met them before, which need not decode them again. What has no bytes is judged in this thread.
 */
export function openPool(lanes: number, setup: WorkerSetup, { policies, stderr }: { readonly policies: Policies; readonly stderr: Stream }): Scanner {
  const all: Lane[] = Array.from({ length: lanes }, () => ({ worker: null, last: Promise.resolve(), queued: 0 }));
  const met = new Map<string, Lane>();
  const local = localScanner(policies, { ...setup, onBug: sayBugs(stderr, setup.detail) });
  return {
    lanes,
    async scan(opened: Opened, provenances) {
      if ('failure' in opened || 'withoutWasm' in opened) return local.scan(opened, provenances);
      const lane = laneFor(opened.digest, all, met);
      lane.queued++;
      const turn = lane.last.then(() => answerOf(lane, { artifact: opened, provenances }, setup));
      lane.last = turn;
      const answer = await turn;
      lane.queued--;
      if ('entry' in answer) return answer.entry;
      return failureEntry(opened.name, { kind: 'unreadable', code: 'crash', message: `The scan of ${opened.name} stopped: ${answer.crash}` }, unreadJudgement(policies, referenceOf(opened), setup.now));
    },
    async close() {
      await Promise.all(all.map(async ({ worker }) => worker?.terminate()));
    },
  };
}

function laneFor(digest: string, all: readonly Lane[], met: Map<string, Lane>): Lane {
  const lane = met.get(digest) ?? all.reduce((least, one) => (one.queued < least.queued ? one : least));
  met.set(digest, lane);
  const oldest = met.keys().next();
  if (met.size > REMEMBERED && !oldest.done) met.delete(oldest.value);
  return lane;
}

/** What a thread is sent. */
export interface Work {
  readonly artifact: Artifact;
  readonly provenances: Provenances;
}

type Answer = { readonly entry: ScanEntry } | { readonly crash: string };

/** Asks the thread of a lane; one that ended, such as for want of memory, is replaced for the next artifact. */
async function answerOf(lane: Lane, work: Work, setup: WorkerSetup): Promise<Answer> {
  const worker = (lane.worker ??= start(setup));
  const answer = await ask(worker, work);
  if ('crash' in answer) {
    lane.worker = null;
    await worker.terminate();
  }
  return answer;
}

function start(setup: WorkerSetup): Worker {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  return new Worker(new URL(file, import.meta.url), { workerData: setup });
}

/** Sends one artifact and waits for its entry, or for the end of the thread, such as out of memory. */
function ask(worker: Worker, { artifact, provenances }: Work): Promise<Answer> {
  return new Promise((resolve) => {
    const onEntry = (entry: ScanEntry): void => finish({ entry });
    const onError = (error: Error): void => finish({ crash: error.message });
    const onExit = (code: number): void => finish({ crash: `thread ended with code ${code}` });
    const finish = (answer: Answer): void => {
      worker.off('message', onEntry).off('error', onError).off('exit', onExit);
      resolve(answer);
    };
    worker.on('message', onEntry).on('error', onError).on('exit', onExit);
    // What a package holds may be asked for again, so its bytes are copied; those of a file are handed over.
    const shared = artifact.packaging !== undefined || artifact.carrier !== undefined;
    const bytes = shared ? artifact.bytes : whole(artifact.bytes);
    worker.postMessage({ artifact: { ...artifact, bytes }, provenances }, shared ? [] : [bytes.buffer as ArrayBuffer]);
  });
}

/** Bytes that own their buffer, so that it can be handed over without a copy. */
function whole(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const owned = buffer instanceof ArrayBuffer && bytes.length === buffer.byteLength;
  return owned ? new Uint8Array(buffer) : Uint8Array.from(bytes);
}
