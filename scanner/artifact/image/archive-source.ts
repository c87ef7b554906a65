import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { failureOf } from '../read-file.ts';
import { FetchError } from '../fetch-error.ts';
import { malformed } from './archive-failure.ts';
import type { Pieces } from './archive-input.ts';

/** A file or bytes at hand that can be read anywhere. */
export interface RandomAccess {
  readonly size: number;
  /** Throws a FetchError where there are fewer bytes: the file changed meanwhile. Nothing is read beyond `size`. */
  read(offset: number, length: number): Buffer;
  /** From an offset on, in pieces; a fresh run each time. */
  pieces(offset: number, length: number): Pieces;
}

const PIECE_BYTES = 1 << 17;

/** Bytes at hand. */
export function bytesAccess(content: Uint8Array): RandomAccess {
  const buffer = Buffer.from(content.buffer, content.byteOffset, content.length);
  return access(buffer.length, (offset, length) => buffer.subarray(offset, offset + length));
}

/**
 * A regular file that is opened anew for each run of reads, so that nothing stays open. A symbolic link as the last part of the path is
 * refused where `follow` is `never`. Throws a FetchError with what the file system says.
 */
export function fileAccess(path: string, name: string, follow: 'links' | 'never' = 'links'): RandomAccess {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (follow === 'never' ? constants.O_NOFOLLOW : 0);
  const using = <Value>(use: (descriptor: number) => Value): Value => {
    try {
      const descriptor = openSync(path, flags);
      try {
        return use(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      throw error instanceof FetchError ? error : new FetchError(failureOf(name, error), { cause: error });
    }
  };
  const size = using((descriptor) => {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw malformed(name, 'It is no regular file');
    return stat.size;
  });
  return access(size, (offset, length) => using((descriptor) => readFully(descriptor, { offset, length, name })));
}

function access(size: number, read: (offset: number, length: number) => Buffer): RandomAccess {
  const bounded = (offset: number, length: number) => read(offset, Math.max(0, Math.min(length, size - offset)));
  return { size, read: bounded, pieces: (offset, length) => piecesFrom(bounded, offset, Math.min(size, offset + length)) };
}

function piecesFrom(read: (offset: number, length: number) => Buffer, start: number, end: number): Pieces {
  let at = start;
  return {
    skip: (length) => { at += length; },
    async *[Symbol.asyncIterator]() {
      while (at < end) {
        const piece = read(at, Math.min(PIECE_BYTES, end - at));
        at += piece.length;
        yield piece;
      }
    },
  };
}

function readFully(descriptor: number, { offset, length, name }: { readonly offset: number; readonly length: number; readonly name: string }): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, buffer, filled, length - filled, offset + filled);
    if (count === 0) throw malformed(name, 'It became shorter while it was read', offset + filled);
    filled += count;
  }
  return buffer;
}
