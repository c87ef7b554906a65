import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { closeClientsAfterEach, quickClient, sha } from '../../../test/support/client.ts';
import { closeServersAfterEach, serve, type TinyServer } from '../../../test/support/http-server.ts';
import { failureOf, readBlob, toDescriptor } from '../../../test/support/registry-read.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { SMALL_BLOB } from './blobs.ts';
import type { BlobStore, RegistryOptions } from './registry.ts';

closeServersAfterEach();
closeClientsAfterEach();

const BYTES = new Uint8Array(3_000_000).map((_value, index) => (index * 7_919) >> 3);
/** Just too large to be had whole. */
const LARGE = new Uint8Array(SMALL_BLOB + 100_000).fill(7);
LARGE.set(BYTES, 0);
const LARGE_DIGEST = sha(LARGE);

const descriptorOf = (bytes: Uint8Array, more: { readonly size?: number; readonly digest?: string } = {}): ReturnType<typeof toDescriptor> =>
  toDescriptor({ mediaType: 'application/wasm', digest: sha(bytes), size: bytes.length, ...more });

/** A registry whose blobs are answered so. */
function registry(answer: (response: ServerResponse, turn: number, request: IncomingMessage) => void): Promise<TinyServer> {
  let turn = 0;
  return serve((request, response) => {
    if (request.url!.includes('/blobs/')) answer(response, turn += 1, request);
    else response.end();
  });
}

function sourceOf(server: TinyServer, more: Partial<RegistryOptions> = {}): ReturnType<ReturnType<typeof quickClient>['source']> {
  return quickClient([server], more).source(`${server.host}/a`);
}

const asked = ({ seen }: TinyServer): number => seen.filter((line) => line.includes('/blobs/')).length;
const code = async (promise: Promise<unknown>): Promise<string> => (await failureOf(promise)).code;
const send = (response: ServerResponse, bytes: Uint8Array): void => void response.writeHead(200, { 'content-length': String(bytes.length) }).end(bytes);
const chunked = (response: ServerResponse, bytes: Uint8Array): void => void response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(bytes);

describe('blobs', () => {
  test.each(['sha256', 'sha512'])('come whole when their %s holds', async (algorithm) => {
    const server = await registry((response) => send(response, BYTES));
    expect(Buffer.compare(await readBlob(sourceOf(server), descriptorOf(BYTES, { digest: sha(BYTES, algorithm) })), BYTES)).toBe(0);
  });

  test('may be empty', async () => {
    const server = await registry((response) => response.end());
    expect(await readBlob(sourceOf(server), descriptorOf(new Uint8Array(0)))).toHaveLength(0);
  });

  const changed = BYTES.slice();
  changed[1_500_000]! ^= 1;
  const short = BYTES.subarray(0, -1);
  const long = new Uint8Array([...BYTES.subarray(-1), ...BYTES]);
  test.each<[string, (response: ServerResponse) => void, string]>([
    ['one bit differs', (response) => send(response, changed), 'digest-mismatch'],
    ['a byte is missing, and the length says so', (response) => send(response, short), 'size-mismatch'],
    ['a byte is missing, and no length is said', (response) => chunked(response, short), 'size-mismatch'],
    ['a byte is too many, and the length says so', (response) => send(response, long), 'size-mismatch'],
    ['a byte is too many, and no length is said', (response) => chunked(response, long), 'size-mismatch'],
    ['the length is said too large, and nothing comes', (response) => void response.writeHead(200, { 'content-length': String(BYTES.length + 1) }).flushHeaders(), 'size-mismatch'],
    ['the length is said too small', (response) => void response.socket!.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'), BYTES])), 'size-mismatch'],
    ['a part comes unasked', (response) => void response.writeHead(206, { 'content-range': `bytes 0-${BYTES.length - 1}/${BYTES.length}` }).end(BYTES), 'http-206'],
  ])('are refused where %s, before a byte is given', async (_name, answer, expected) => {
    const server = await registry(answer);
    let given = 0;
    const read = async (): Promise<void> => {
      for await (const piece of sourceOf(server).blob(descriptorOf(BYTES))) given += piece.length;
    };
    expect(await code(read())).toBe(expected);
    expect(given).toBe(0);
    expect(asked(server)).toBe(1);
  });

  test.each([-1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1, LIMITS.blobBytes + 1])('of size %d are not asked for', async (size) => {
    const server = await registry((response) => send(response, BYTES));
    expect((await failureOf(readBlob(sourceOf(server), descriptorOf(BYTES, { size })))).kind).toBe('unreadable');
    expect(server.seen).toEqual([]);
  });

  test.each(['md5:00', 'sha256:../../x', `sha256:${'0'.repeat(63)}`, `sha256:${'A'.repeat(64)}`])('of digest %s are not asked for', async (digest) => {
    const server = await registry((response) => send(response, BYTES));
    expect(await code(readBlob(sourceOf(server), descriptorOf(BYTES, { digest })))).toBe('bad-digest');
    expect(server.seen).toEqual([]);
  });

  test('that broke off are begun anew', async () => {
    const server = await registry((response, turn) => {
      if (turn > 1) send(response, BYTES);
      else response.writeHead(200, { 'content-length': String(BYTES.length) }).write(BYTES.subarray(0, 1_000_000), () => response.destroy());
    });
    expect(Buffer.compare(await readBlob(sourceOf(server), descriptorOf(BYTES)), BYTES)).toBe(0);
    expect(asked(server)).toBe(2);
  });

  test('that drip end with the deadline', async () => {
    const server = await registry((response) => {
      response.writeHead(200, { 'content-length': String(BYTES.length) });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await code(readBlob(sourceOf(server, { deadline: 500 }), descriptorOf(BYTES)))).toBe('deadline');
  });

  test('are fetched once for all who ask at once, each getting all of it', async () => {
    const server = await registry((response) => setImmediate(() => send(response, BYTES)));
    const source = sourceOf(server);
    const all = await Promise.all(Array.from({ length: 20 }, () => readBlob(source, descriptorOf(BYTES))));
    expect(all.every((bytes) => Buffer.compare(bytes, BYTES) === 0)).toBe(true);
    expect(asked(server)).toBe(1);
  });

  test('come from a mirror only when their digest holds', async () => {
    const mirror = await registry((response) => send(response, changed));
    const home = await registry((response) => send(response, BYTES));
    const source = quickClient([mirror, home], { mirrors: { [home.host]: [mirror.host] } }).source(`${home.host}/a`);
    expect(Buffer.compare(await readBlob(source, descriptorOf(BYTES)), BYTES)).toBe(0);
    expect([asked(mirror), asked(home)]).toEqual([1, 1]);
  });
});

describe('the store', () => {
  const storeOf = (kept: Map<string, Uint8Array>): BlobStore => ({ get: async (digest) => kept.get(digest) ?? null, put: async (digest, bytes) => void kept.set(digest, bytes) });

  test('keeps what was verified, and saves the next fetch', async () => {
    const server = await registry((response) => send(response, BYTES));
    const blobs = storeOf(new Map());
    for (let turn = 0; turn < 2; turn += 1) expect(Buffer.compare(await readBlob(sourceOf(server, { blobs }), descriptorOf(BYTES)), BYTES)).toBe(0);
    expect(asked(server)).toBe(1);
  });

  test('never gets what was refused, and is not believed', async () => {
    const other = BYTES.slice().reverse();
    const kept = new Map<string, Uint8Array>();
    const server = await registry((response) => send(response, other));
    expect(await code(readBlob(sourceOf(server, { blobs: storeOf(kept) }), descriptorOf(BYTES)))).toBe('digest-mismatch');
    expect(kept.size).toBe(0);
    kept.set(sha(BYTES), other);
    expect(await code(readBlob(sourceOf(server, { blobs: storeOf(kept) }), descriptorOf(BYTES)))).toBe('digest-mismatch');
  });
});

describe('large blobs', () => {
  const descriptor = descriptorOf(LARGE, { digest: LARGE_DIGEST });
  /** Breaks the first transfer after some bytes. */
  const breaking = (response: ServerResponse): void => void response.writeHead(200, { 'content-length': String(LARGE.length) }).write(LARGE.subarray(0, 4_000_000), () => response.destroy());
  const fromOf = (request: IncomingMessage): number => Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const digestOfBlob = async (server: TinyServer): Promise<string> => sha(await readBlob(sourceOf(server), descriptor));

  test('go on where they broke off', async () => {
    let from = 0;
    const server = await registry((response, turn, request) => {
      if (turn === 1) return breaking(response);
      from = fromOf(request);
      response.writeHead(206, { 'content-range': `bytes ${from}-${LARGE.length - 1}/${LARGE.length}`, 'content-length': String(LARGE.length - from) }).end(LARGE.subarray(from));
    });
    expect(await digestOfBlob(server)).toBe(LARGE_DIGEST);
    expect(from).toBeGreaterThan(0);
  });

  test('are read again to that place where ranges are not known', async () => {
    const server = await registry((response, turn) => (turn === 1 ? breaking(response) : send(response, LARGE)));
    expect(await digestOfBlob(server)).toBe(LARGE_DIGEST);
  });

  test.each<[string, (from: number) => string]>([
    ['another place', (from) => `bytes ${from + 1}-${LARGE.length - 1}/${LARGE.length}`], ['another whole', (from) => `bytes ${from}-${LARGE.length - 1}/${LARGE.length + 1}`], ['a part of the rest', (from) => `bytes ${from}-${from + 1}/${LARGE.length}`], ['nothing', () => '*'],
  ])('are refused when the rest is said to be of %s', async (_name, range) => {
    const server = await registry((response, turn, request) => {
      if (turn === 1) breaking(response);
      else response.writeHead(206, { 'content-range': range(fromOf(request)) }).end(LARGE.subarray(fromOf(request)));
    });
    expect(await code(digestOfBlob(server))).toBe('size-mismatch');
  });

  test('are refused when the rest is of something else', async () => {
    const server = await registry((response, turn, request) => {
      if (turn === 1) return breaking(response);
      const from = fromOf(request);
      const rest = LARGE.slice(from);
      rest[rest.length - 1]! ^= 1;
      response.writeHead(206, { 'content-range': `bytes ${from}-${LARGE.length - 1}/${LARGE.length}` }).end(rest);
    });
    expect(await code(digestOfBlob(server))).toBe('digest-mismatch');
  });

  test('never give a byte too many', async () => {
    const server = await registry((response) => chunked(response, Buffer.concat([LARGE, new Uint8Array(100_000)])));
    let given = 0;
    const read = async (): Promise<void> => {
      for await (const piece of sourceOf(server).blob(descriptor)) given += piece.length;
    };
    expect(await code(read())).toBe('size-mismatch');
    expect(given).toBeLessThanOrEqual(LARGE.length);
  });

  test('end with the deadline even where it is the reader who is slow', async () => {
    const server = await registry((response) => send(response, LARGE));
    const source = sourceOf(server, { deadline: 400 });
    const read = async (): Promise<void> => {
      for await (const piece of source.blob(descriptor)) if (piece.length > 0) await new Promise((resolve) => { setTimeout(resolve, 450); });
    };
    expect(await code(read())).toBe('deadline');
  });

  test('end when nobody reads on', async () => {
    let closed = (): void => undefined;
    const end = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await registry((response) => {
      response.on('close', closed);
      send(response, LARGE);
    });
    for await (const piece of sourceOf(server).blob(descriptor)) if (piece.length > 0) break;
    await end;
  });
});
