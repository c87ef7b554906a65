import type { Problem } from '../problem.ts';
import { PROBLEM_EFFECTS } from '../wasm/error.ts';
import type { TextSource } from './text-sources.ts';

/** Where a search stopped. */
interface Stop {
  readonly source: Pick<TextSource, 'from' | 'section' | 'locate'>;
  /** Bytes from the start of the source. */
  readonly at: number;
}

/**
 * The problem that a search stopped before the end of the bytes, because its budget was used up. Effect `unanalysed`:
 * behind a flood of decoys may stand what the search is for, so its silence must not count as clean.
 */
export function notRead(message: string, { source, at }: Stop): Problem {
  const code = 'limit-exceeded';
  const section = source.from === 'data' ? 'data' : `custom:${source.section.slice(0, 80)}`;
  return { code, message, offset: source.locate(at, 0).offset, section, effect: PROBLEM_EFFECTS[code] };
}
