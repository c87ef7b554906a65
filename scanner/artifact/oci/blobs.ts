import { createHash, type Hash } from 'node:crypto';
import { LIMITS } from '../../wasm/limits.ts';
import type { Descriptor } from '../image/source.ts';
import { announcedLength, bodyPieces } from './body.ts';
import { algorithmOf, digestFrom, digestOf, type Algorithm } from './digest.ts';
import { unreadable } from './failure.ts';
import type { Flights } from './flights.ts';
import type { Repository } from './reference.ts';
import type { BlobStore } from './registry.ts';
import { pause } from './retry.ts';
import { fromEndpoints, registryGet, type Attempt, type Session } from './session.ts';
import { discard, type HttpResponse } from './transport.ts';

/** Blobs up to this size are had whole and verified before their first byte is given, and kept in the store; larger ones pass by in pieces. */
export const SMALL_BLOB = 64 << 20;
const PIECE = 1 << 20;

export interface BlobSession extends Session {
  readonly blobs: BlobStore | null;
  readonly flights: Flights<Uint8Array>;
}

export interface BlobRequest {
  readonly repository: Repository;
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>;
}

interface Asked extends BlobRequest {
  readonly algorithm: Algorithm;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** The bytes of a blob, as ImageSource.blob says. Throws FetchError. */
export async function* fetchBlob(session: BlobSession, request: BlobRequest): AsyncGenerator<Uint8Array, void> {
  const { digest, size } = request.descriptor;
  const algorithm = algorithmOf(digest);
  if (algorithm === null) throw unreadable('bad-digest', 'The digest of a blob is neither sha256 nor sha512');
  if (!Number.isSafeInteger(size) || size < 0) throw unreadable('size-mismatch', 'The size of a blob is no whole number from 0');
  if (size > LIMITS.blobBytes) throw unreadable('too-large', `Blob ${digest} is longer than ${LIMITS.blobBytes} bytes`);
  const asked = { ...request, algorithm, deadline: Date.now() + session.deadline };
  yield* size > SMALL_BLOB ? streamBlob(session, asked) : slicesOf(session, asked);
}

async function* slicesOf(session: BlobSession, asked: Asked): AsyncGenerator<Uint8Array, void> {
  const { repository, descriptor: { digest, size } } = asked;
  const bytes = await session.flights.run(`${repository.name}@${digest}:${size}`, () => smallBlob(session, asked));
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

async function smallBlob(session: BlobSession, asked: Asked): Promise<Uint8Array> {
  const { digest, size } = asked.descriptor;
  const kept = await session.blobs?.get(digest);
  if (kept?.length === size && digestOf(kept, asked.algorithm) === digest) return kept;
  const bytes = await fromEndpoints(session, asked, (attempt) => wholeBlob(session, asked, attempt));
  await session.blobs?.put(digest, bytes);
  return bytes;
}

/** One try at a whole blob: nothing of it is seen before its digest holds, so that another try may begin anew. */
async function wholeBlob(session: BlobSession, asked: Asked, attempt: Attempt): Promise<Uint8Array> {
  const progress = progressOf(asked);
  const response = await openBlob(session, asked, { ...attempt, from: 0 });
  const whole = new Uint8Array(asked.descriptor.size);
  for await (const piece of bodyPieces(response, { timing: session.timing, deadline: attempt.deadline })) whole.set(piece, take(progress, piece));
  finish(progress);
  return whole;
}

/** A large blob in pieces. A transfer that breaks goes on where it broke; the digest is over what was given, whoever sent it. */
async function* streamBlob(session: BlobSession, asked: Asked): AsyncGenerator<Uint8Array, void> {
  const progress = progressOf(asked);
  for (let attempt = 1; ; attempt += 1) {
    try {
      yield* restOf(session, asked, progress);
      return finish(progress);
    } catch (error) {
      if (attempt >= session.timing.attempts || !(await pause(session.timing, { error, attempt, deadline: asked.deadline }))) throw error;
    }
  }
}

async function* restOf(session: BlobSession, asked: Asked, progress: Progress): AsyncGenerator<Uint8Array, void> {
  const response = await fromEndpoints(session, asked, (attempt) => openBlob(session, asked, { ...attempt, from: progress.length }));
  // A server that takes no ranges begins at the first byte again.
  let skip = response.status === 206 ? 0 : progress.length;
  for await (const piece of bodyPieces(response, { timing: session.timing, deadline: asked.deadline })) {
    const rest = piece.subarray(Math.min(skip, piece.length));
    skip -= piece.length - rest.length;
    if (rest.length === 0) continue;
    take(progress, rest);
    yield rest;
  }
}

/** The answer with a blob or the rest of it, its length held against the descriptor. */
async function openBlob(session: BlobSession, { repository, descriptor }: Asked, attempt: Attempt & { readonly from: number }): Promise<HttpResponse> {
  const { endpoint, deadline, from } = attempt;
  const { digest, size } = descriptor;
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  const response = await registryGet(session, { endpoint, path: `blobs/${digest}`, headers, deadline, what: `blob ${digest} of ${repository.name}` });
  const refused = refusalOf(response, from, size);
  if (refused === null) return response;
  discard(response);
  throw unreadable('size-mismatch', `${response.url.host} ${refused} blob ${digest}, which has ${size} bytes`);
}

function refusalOf(response: HttpResponse, from: number, size: number): string | null {
  const partial = response.status === 206;
  if (partial && response.message.headers['content-range'] !== `bytes ${from}-${size - 1}/${size}`) return 'sends a part that was not asked for of';
  const length = announcedLength(response);
  const expected = partial ? size - from : size;
  return length === null || length === expected ? null : `announces ${length} bytes for`;
}

interface Progress {
  readonly digest: string;
  readonly size: number;
  readonly algorithm: Algorithm;
  readonly hash: Hash;
  length: number;
}

function progressOf({ descriptor: { digest, size }, algorithm }: Asked): Progress {
  return { digest, size, algorithm, hash: createHash(algorithm), length: 0 };
}

/** Counts and hashes a piece; gives its place. Throws before a byte too many is passed on. */
function take(progress: Progress, piece: Uint8Array): number {
  const at = progress.length;
  if (at + piece.length > progress.size) throw unreadable('size-mismatch', `Blob ${progress.digest} goes on after its ${progress.size} bytes`);
  progress.hash.update(piece);
  progress.length += piece.length;
  return at;
}

function finish({ digest, size, algorithm, hash, length }: Progress): void {
  if (length < size) throw unreadable('size-mismatch', `Blob ${digest} ends after ${length} of its ${size} bytes`);
  const actual = digestFrom(hash, algorithm);
  if (actual !== digest) throw unreadable('digest-mismatch', `The bytes that came as blob ${digest} have the digest ${actual}`);
}
