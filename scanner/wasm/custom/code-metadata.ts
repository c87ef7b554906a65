import { LIMITS } from '../limits.ts';
import type { ByteReader } from '../reader.ts';
import { expectEnd } from './read.ts';

/** Hints for the compiler: code metadata and branch hinting of the core specification's appendix. */
export interface CodeMetadataContent {
  readonly kind: 'code-metadata';
  /** Text after `metadata.code.`. */
  readonly hint: string;
  readonly functions: number;
  readonly hints: number;
}

/** Reads the payload of `metadata.code.*`. Throws DecodeError. */
export function readCodeMetadata(reader: ByteReader, name: string): CodeMetadataContent {
  const hint = name.slice('metadata.code.'.length);
  const functions = reader.count(LIMITS.functions, 'functions');
  let hints = 0;
  for (let left = functions; left > 0; left--) {
    reader.u32();
    const count = reader.count(LIMITS.countedItems, 'hints');
    for (let item = count; item > 0; item--) readHint(reader, hint);
    hints += count;
  }
  expectEnd(reader);
  return { kind: 'code-metadata', hint, functions, hints };
}

function readHint(reader: ByteReader, hint: string): void {
  reader.u32();
  const start = reader.position;
  const value = reader.take(reader.u32());
  if (hint === 'branch_hint' && (value.length !== 1 || value[0]! > 1)) reader.fail('damaged-custom-section', 'Malformed branch hint', start);
}
