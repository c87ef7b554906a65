import { hash } from 'node:crypto';
import { FetchError } from '../../fetch-error.ts';
import type { Descriptor, ImageSource } from '../source.ts';

export interface BlobRequest {
  /** Bytes; a blob that says it is larger is not asked for. */
  readonly limit: number;
  /** Starts messages: `layer 2 of oci://…`. */
  readonly what: string;
}

/**
 * The whole of a blob, given only when size and digest hold. Throws FetchError. The source promises both already; they are the one thing
 * that everything else stands on, so that they are held here once more.
 */
export async function readBlob(source: ImageSource, descriptor: Descriptor, { limit, what }: BlobRequest): Promise<Uint8Array> {
  if (descriptor.size > limit) throw refused('too-large', `Cannot read ${what}: ${descriptor.size} bytes are more than the limit of ${limit}`);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source.blob(descriptor)) {
    length += piece.length;
    if (length > descriptor.size) throw refused('size-mismatch', `Cannot read ${what}: it is longer than the ${descriptor.size} bytes that its descriptor says`);
    pieces.push(piece);
  }
  if (length !== descriptor.size) throw refused('size-mismatch', `Cannot read ${what}: it has ${length} bytes, and its descriptor says ${descriptor.size}`);
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length);
  const [algorithm = 'sha256'] = descriptor.digest.split(':');
  const found = `${algorithm}:${hash(algorithm, bytes, 'hex')}`;
  if (found !== descriptor.digest) throw refused('digest-mismatch', `Cannot read ${what}: its digest is ${found}, and not ${descriptor.digest}`);
  return bytes;
}

function refused(code: string, message: string): FetchError {
  return new FetchError({ kind: 'unreadable', code, message });
}
