import type { Artifact, Unopened } from '../scanner/artifact.ts';
import { withSnapshot } from '../scanner/artifact/read-snapshot.ts';
import type { Found } from '../scanner/artifact/target.ts';
import { failureEntry, type ScanEntry } from '../scanner/report/entry.ts';
import { unreadJudgement, type Policies } from './policies.ts';
import { reuseKey } from './reuse.ts';

/** Something that policies artifacts, a given number of them at a time. */
export interface Scanner {
  readonly lanes: number;
  /** Resolves for every input; a crash becomes an entry with verdict error. */
  scan(artifact: Artifact): Promise<ScanEntry>;
  close(): Promise<void>;
}

/** Results that are waited for beyond the lanes, so that one slow artifact does not leave the others idle. */
const WINDOW_PER_LANE = 8;
/** Entries kept to answer for equal bytes. */
const REMEMBERED = 2_000;

/**
 * Policies artifacts and gives their entries in order, each as soon as it and all before it are known. Bytes are read when a lane
 * is free, so memory holds no more artifacts than lanes. Equal bytes are judged once.
 */
export async function* scanAll(found: readonly Found[], scanner: Scanner, { policies, now, cwd }: { readonly policies: Policies; readonly now: string; readonly cwd: string }): AsyncGenerator<ScanEntry> {
  const lane = semaphore(scanner.lanes);
  const known = new Map<string, Promise<ScanEntry>>();
  const waiting: Promise<ScanEntry>[] = [];
  for (const one of found) {
    waiting.push(lane(async () => judged(withSnapshot(await opened(one), cwd), { scanner, policies, now, known })));
    if (waiting.length >= scanner.lanes * WINDOW_PER_LANE || scanner.lanes === 1) yield await waiting.shift()!;
  }
  while (waiting.length > 0) yield await waiting.shift()!;
}

interface Run {
  readonly scanner: Scanner;
  readonly policies: Policies;
  /** ISO 8601 */
  readonly now: string;
  readonly known: Map<string, Promise<ScanEntry>>;
}

async function judged(artifact: Artifact | Unopened, { scanner, policies, now, known }: Run): Promise<ScanEntry> {
  if ('failure' in artifact) return failureEntry(artifact.name, artifact.failure, unreadJudgement(policies, artifact.name, now));
  const key = reuseKey(artifact, policies);
  const before = key === null ? undefined : known.get(key);
  if (before) {
    const entry = await before;
    return { ...entry, artifact: { ...entry.artifact, name: artifact.name } };
  }
  const entry = scanner.scan(artifact);
  if (key !== null) remember(known, key, entry);
  return entry;
}

function remember(known: Map<string, Promise<ScanEntry>>, key: string, entry: Promise<ScanEntry>): void {
  known.set(key, entry);
  const oldest = known.keys().next();
  if (known.size > REMEMBERED && !oldest.done) known.delete(oldest.value);
}

async function opened(found: Found): Promise<Artifact | Unopened> {
  try {
    return await found.open();
  } catch (error) {
    return { name: found.name, failure: { kind: 'unreadable', code: 'internal', message: `Cannot open ${found.name}: ${error instanceof Error ? error.message : String(error)}` } };
  }
}

/** Runs work, never more than `lanes` at a time, in the order it was given. */
function semaphore(lanes: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = lanes;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free++;
    }
  };
}
