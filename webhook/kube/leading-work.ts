import { words } from '../../scanner/words.ts';
import type { Log } from '../log.ts';
import { backOff, wait } from './wait.ts';

type Work = (signal: AbortSignal) => Promise<void>;

interface Entry {
  readonly name: string;
  readonly work: Work;
  /** Settles when what runs has ended. Never rejects. */
  running: Promise<void>;
}

const PAUSE = { first: 1_000, last: 60_000 };

/** Runs what is done by the leader alone: with the begin of each term, each piece after its own last run has ended, again with growing pauses where it fails. */
export function createLeadingWork(log: Log, pause: { readonly first: number; readonly last: number } = PAUSE) {
  const entries: Entry[] = [];
  let term: AbortController | null = null;
  const start = (entry: Entry, signal: AbortSignal) => {
    entry.running = entry.running.then(() => run(entry, signal));
  };
  const run = async ({ name, work }: Entry, signal: AbortSignal) => {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await work(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.error({ work: name, error: words(error) }, 'Work of the leader failed and begins again');
      }
      await wait(backOff(failures, pause), signal);
    }
  };
  return {
    add(name: string, work: Work): void {
      const entry = { name, work, running: Promise.resolve() };
      entries.push(entry);
      if (term) start(entry, term.signal);
    },
    begin(): void {
      if (term) return;
      term = new AbortController();
      for (const entry of entries) start(entry, term.signal);
    },
    /** Aborts what runs. */
    end(): void {
      term?.abort();
      term = null;
    },
    /** Whether everything has ended within so many milliseconds. */
    async settled(milliseconds: number): Promise<boolean> {
      const late = new AbortController();
      const all = Promise.all(entries.map(({ running }) => running)).then(() => true);
      const outcome = await Promise.race([all, wait(milliseconds, late.signal).then(() => false)]);
      late.abort();
      return outcome;
    },
  };
}
