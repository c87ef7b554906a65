import { Worker } from 'node:worker_threads';
import type { Artifact } from '../scanner/artifact.ts';
import { failureEntry, type ScanEntry } from '../scanner/report/entry.ts';
import { unreadJudgement, type Policies, type PolicySource } from './policies.ts';
import type { Scanner } from './scan-all.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly policies: readonly PolicySource[];
  /** ISO 8601; the same moment for every artifact of a run. */
  readonly now: string;
  /** How bugs are said on stderr. */
  readonly detail: 'message' | 'stack';
}

/** Worker threads that judge artifacts; facts stay in the thread, entries come back as plain data. */
export function openPool(lanes: number, setup: WorkerSetup, policies: Policies): Scanner {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  function start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: setup });
    worker.on('error', () => all.delete(worker));
    all.add(worker);
    return worker;
  }
  return {
    lanes,
    async scan(artifact) {
      const worker = idle.pop() ?? start();
      const answer = await ask(worker, artifact);
      if ('entry' in answer) {
        idle.push(worker);
        return answer.entry;
      }
      all.delete(worker);
      await worker.terminate();
      return failureEntry(artifact.name, { kind: 'unreadable', code: 'crash', message: `The scan of ${artifact.name} stopped: ${answer.crash}` }, unreadJudgement(policies, artifact.name, setup.now));
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

type Answer = { readonly entry: ScanEntry } | { readonly crash: string };

/** Sends one artifact and waits for its entry, or for the end of the thread, such as out of memory. */
function ask(worker: Worker, artifact: Artifact): Promise<Answer> {
  return new Promise((resolve) => {
    const onEntry = (entry: ScanEntry): void => finish({ entry });
    const onError = (error: Error): void => finish({ crash: error.message });
    const onExit = (code: number): void => finish({ crash: `thread ended with code ${code}` });
    const finish = (answer: Answer): void => {
      worker.off('message', onEntry).off('error', onError).off('exit', onExit);
      resolve(answer);
    };
    worker.on('message', onEntry).on('error', onError).on('exit', onExit);
    const bytes = whole(artifact.bytes);
    worker.postMessage({ ...artifact, bytes }, [bytes.buffer]);
  });
}

/** Bytes that own their buffer, so that it can be handed over without a copy. */
function whole(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const owned = buffer instanceof ArrayBuffer && bytes.length === buffer.byteLength;
  return owned ? new Uint8Array(buffer) : Uint8Array.from(bytes);
}
