import type { Opened } from '../scanner/artifact.ts';
import { failureIn } from '../scanner/artifact/fetch-error.ts';
import { withSnapshot } from '../scanner/artifact/read-snapshot.ts';
import { openAll, type Found } from '../scanner/artifact/target.ts';
import { surroundingsEntry, type ScanEntry } from '../scanner/report/entry.ts';
import { feed, type Feed } from './feed.ts';
import type { Policies } from '../engine/policies.ts';
import { reuseKey } from './reuse.ts';
import type { Provenances, Scanner } from '../engine/scanner.ts';

/** Targets that are opened beyond those that are waited for, so that one slow one does not leave the others idle. */
const AHEAD = 8;
/** Entries kept to answer for equal bytes. */
const REMEMBERED = 2_000;

/** What a run over targets needs. */
export interface ScanRun {
  readonly scanner: Scanner;
  readonly policies: Policies;
  readonly cwd: string;
  /** Targets opened at a time: with files as many as lanes, with registries more, because they are waited for. */
  readonly parallel: number;
  /** Asks the authorities of every policy that applies; without demands it asks nobody. */
  readonly provenances: (opened: Opened) => Promise<Provenances>;
}

/**
 * Judges what the targets stand for and gives the entries in target order, each as soon as it and all before it are known. Bytes are
 * read when a place is free, so memory holds no more targets than that. Equal bytes in equal surroundings are judged once.
 */
export async function* scanAll(found: readonly Found[], run: ScanRun): AsyncGenerator<ScanEntry> {
  const place = semaphore(run.parallel);
  const known = new Map<string, Promise<ScanEntry>>();
  const waiting: Feed<ScanEntry>[] = [];
  for (const one of found) {
    const entries = feed<ScanEntry>();
    waiting.push(entries);
    void place(() => judgeInto(entries, one, { ...run, known })).finally(() => entries.end());
    if (waiting.length >= run.parallel * AHEAD || run.parallel === 1) yield* waiting.shift()!;
  }
  while (waiting.length > 0) yield* waiting.shift()!;
}

interface Run extends ScanRun {
  readonly known: Map<string, Promise<ScanEntry>>;
}

async function judgeInto(entries: Feed<ScanEntry>, found: Found, run: Run): Promise<void> {
  try {
    for await (const opened of openAll(found)) entries.push(await judged(withSnapshotBeside(opened, run.cwd), run));
  } catch (error) {
    // Whatever breaks while something is opened is said, and never taken for its end.
    const { name, reference } = found;
    entries.push(await run.scanner.scan({ name, ...(reference !== undefined && { reference }), failure: failureIn(error, name) }, []));
  }
}

/** Only a file of its own has a snapshot beside it. */
function withSnapshotBeside(opened: Opened, cwd: string): Opened {
  if ('failure' in opened || 'withoutWasm' in opened || opened.packaging !== undefined || opened.carrier !== undefined) return opened;
  return withSnapshot(opened, cwd);
}

async function judged(opened: Opened, { scanner, policies, known, provenances }: Run): Promise<ScanEntry> {
  if ('failure' in opened || 'withoutWasm' in opened) return scanner.scan(opened, []);
  const established = await provenances(opened);
  const key = reuseKey(opened, established, policies);
  const before = key === null ? undefined : known.get(key);
  if (before) {
    const entry = await before;
    return { ...entry, artifact: { ...entry.artifact, name: opened.name }, ...surroundingsEntry(opened) };
  }
  const entry = scanner.scan(opened, established);
  if (key !== null) remember(known, key, entry);
  return entry;
}

function remember(known: Map<string, Promise<ScanEntry>>, key: string, entry: Promise<ScanEntry>): void {
  known.set(key, entry);
  const oldest = known.keys().next();
  if (known.size > REMEMBERED && !oldest.done) known.delete(oldest.value);
}

/** Runs work, never more than `places` at a time, in the order it was given. */
function semaphore(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places;
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
