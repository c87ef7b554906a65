import type { Artifact, Unopened } from '../artifact.ts';
import { LIMITS } from '../wasm/limits.ts';
import { artifactOf, failureOf, tooLarge } from './read-file.ts';

/** Reads a stream, such as standard input, to its end. Never throws; stops at the size limit. */
export async function readStream(stream: AsyncIterable<Uint8Array | string>, name: string): Promise<Artifact | Unopened> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const piece of stream) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      total += bytes.length;
      if (total > LIMITS.artifactBytes) return { name, failure: tooLarge(name) };
      pieces.push(bytes);
    }
  } catch (error) {
    return { name, failure: failureOf(name, error) };
  }
  return artifactOf(name, Buffer.concat(pieces, total));
}
