import { describe, expect, test } from 'vitest';
import { closeClientsAfterEach, INDEX_TYPE, MANIFEST_TYPE, manifestText, quickClient, sendManifest, sha } from '../../../test/support/client.ts';
import { closeServersAfterEach, serve, type Handler, type TinyServer } from '../../../test/support/http-server.ts';
import { failureOf, toDescriptor } from '../../../test/support/registry-read.ts';
import { registryOptions } from '../../../test/support/registry-options.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { openRegistryClient } from './client.ts';

closeServersAfterEach();
closeClientsAfterEach();

const A = manifestText('a');
const B = manifestText('b');

/** A registry whose manifests are answered so; everything else is empty. */
function registry(answer: Handler): Promise<TinyServer> {
  return serve((request, response) => (request.url!.includes('/manifests/') ? answer(request, response) : response.end()));
}

const asked = ({ seen }: TinyServer): number => seen.filter((line) => line.includes('/manifests/')).length;
const code = async (promise: Promise<unknown>): Promise<string> => (await failureOf(promise)).code;

describe('open', () => {
  test('asks once, and gives the digest of what came', async () => {
    const server = await registry((_request, response) => sendManifest(response, A));
    const image = await quickClient([server]).open(`oci://${server.host}/acme/app:v1`);
    expect(image.root).toEqual({ digest: sha(A), mediaType: MANIFEST_TYPE, bytes: new TextEncoder().encode(A) });
    expect([image.name, image.repository]).toEqual([`oci://${server.host}/acme/app:v1`, `${server.host}/acme/app`]);
    expect(server.seen.filter((line) => line !== 'GET /v2/')).toEqual(['GET /v2/acme/app/manifests/v1']);
    const { accept } = server.headers.at(-1)!;
    for (const type of [MANIFEST_TYPE, INDEX_TYPE, 'application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.docker.distribution.manifest.list.v2+json']) expect(accept).toContain(type);
  });

  test('a tag that answers differently each time is asked once for each, so that what was hashed is what is used (CVE-2022-47633)', async () => {
    let turn = 0;
    const server = await registry((_request, response) => {
      turn += 1;
      sendManifest(response, turn % 2 ? A : B);
    });
    const client = quickClient([server]);
    expect((await client.open(`${server.host}/a:v`)).root.digest).toBe(sha(A));
    expect((await client.open(`${server.host}/a:v`)).root.digest).toBe(sha(B));
    expect(asked(server)).toBe(2);
  });

  test('a hundred askers of one tag at once share one answer', async () => {
    const server = await registry((_request, response) => setImmediate(() => sendManifest(response, A)));
    const client = quickClient([server]);
    const images = await Promise.all(Array.from({ length: 100 }, () => client.open(`${server.host}/a:v`)));
    expect(new Set(images.map(({ root }) => root.digest))).toEqual(new Set([sha(A)]));
    expect(asked(server)).toBe(1);
  });

  test('a failure is shared by those who wait, and not kept', async () => {
    let broken = true;
    const server = await registry((_request, response) => (broken ? void response.writeHead(404).end() : sendManifest(response, A)));
    const client = quickClient([server]);
    expect(await Promise.all([1, 2].map(() => code(client.open(`${server.host}/a:v`))))).toEqual(['not-found', 'not-found']);
    expect(asked(server)).toBe(1);
    broken = false;
    expect((await client.open(`${server.host}/a:v`)).root.digest).toBe(sha(A));
  });

  test('bytes of another digest than the one asked for are refused, whatever the tag', async () => {
    const server = await registry((_request, response) => sendManifest(response, A));
    expect(await code(quickClient([server]).open(`${server.host}/a:v@${sha(B)}`))).toBe('digest-mismatch');
    expect(server.seen.at(-1)).toBe(`GET /v2/a/manifests/${sha(B)}`);
  });

  test('sha512 is held as well', async () => {
    const server = await registry((_request, response) => sendManifest(response, A));
    const client = quickClient([server]);
    expect((await client.open(`${server.host}/a@${sha(A, 'sha512')}`)).root.digest).toBe(sha(A, 'sha512'));
    expect(await code(client.open(`${server.host}/a@${sha(B, 'sha512')}`))).toBe('digest-mismatch');
  });

  test.each([['another digest', sha(B)], ['another digest in sha512', sha(B, 'sha512')], ['an unknown algorithm', 'md5:00'], ['no digest', 'x']])('a header with %s is a contradiction', async (_name, header) => {
    const server = await registry((_request, response) => sendManifest(response, A, { 'docker-content-digest': header }));
    expect(await code(quickClient([server]).open(`${server.host}/a:v`))).toBe('digest-header');
  });

  test.each<[string, string, string, string]>([
    ['a type of its own', A, INDEX_TYPE, 'media-type'],
    ['no known type', '{"layers":[]}', 'text/html', 'media-type'],
    ['manifests and layers', '{"manifests":[],"layers":[]}', MANIFEST_TYPE, 'ambiguous'],
    ['a key twice', '{"layers":[],"layers":[1]}', MANIFEST_TYPE, 'malformed'],
    ['a key twice in two cases', '{"layers":[],"Layers":[1]}', MANIFEST_TYPE, 'malformed'],
  ])('a document with %s is refused', async (_name, text, type, expected) => {
    const server = await registry((_request, response) => sendManifest(response, text, { 'content-type': type }));
    expect(await code(quickClient([server]).open(`${server.host}/a:v`))).toBe(expected);
  });

  test('a media type with parameters is the same one', async () => {
    const server = await registry((_request, response) => sendManifest(response, A, { 'content-type': `${MANIFEST_TYPE.toUpperCase()}; charset=utf-8` }));
    expect((await quickClient([server]).open(`${server.host}/a:v`)).root.mediaType).toBe(MANIFEST_TYPE);
  });
});

describe('manifests of a source', () => {
  const descriptor = { ...toDescriptor({ mediaType: MANIFEST_TYPE, digest: sha(A), size: A.length }) };

  test('are what their descriptor says, and asked for once by all who ask at once', async () => {
    const server = await registry((_request, response) => setImmediate(() => sendManifest(response, A)));
    const source = quickClient([server]).source(`${server.host}/a`);
    const roots = await Promise.all([1, 2, 3].map(() => source.manifest(descriptor)));
    expect(roots.map(({ digest }) => digest)).toEqual([sha(A), sha(A), sha(A)]);
    expect(asked(server)).toBe(1);
  });

  test.each<[string, object, string]>([
    ['size', { size: A.length + 1 }, 'size-mismatch'], ['media type', { mediaType: INDEX_TYPE }, 'media-type'], ['digest', { digest: sha(B) }, 'digest-mismatch'], ['algorithm', { digest: 'md5:00' }, 'bad-digest'], ['tag for a digest', { digest: 'v1' }, 'bad-digest'],
  ])('are refused with another %s', async (_name, more, expected) => {
    const server = await registry((_request, response) => sendManifest(response, A));
    expect(await code(quickClient([server]).source(`${server.host}/a`).manifest({ ...descriptor, ...more }))).toBe(expected);
  });
});

describe('limits', () => {
  test('a manifest that announces too much is refused before a byte of it is taken', async () => {
    const server = await registry((_request, response) => response.writeHead(200, { 'content-type': MANIFEST_TYPE, 'content-length': String(LIMITS.manifestBytes + 1) }).write('{'));
    expect(await code(quickClient([server]).open(`${server.host}/a:v`))).toBe('too-large');
  });

  test('a manifest without end is cut off', async () => {
    let sent = 0;
    const server = await registry((_request, response) => {
      response.writeHead(200, { 'content-type': MANIFEST_TYPE });
      const piece = Buffer.alloc(1 << 20, 0x20);
      const more = (): void => {
        sent += piece.length;
        if (!response.destroyed) response.write(piece, more);
      };
      more();
    });
    expect(await code(quickClient([server]).open(`${server.host}/a:v`))).toBe('too-large');
    expect(sent).toBeLessThan(64 << 20);
  });

  test('an announced length that is never reached is a broken connection', async () => {
    const server = await registry((_request, response) => {
      response.writeHead(200, { 'content-type': MANIFEST_TYPE, 'content-length': '5000' });
      response.write(A, () => response.destroy());
    });
    expect(await failureOf(quickClient([server]).open(`${server.host}/a:v`))).toMatchObject({ kind: 'outside', code: 'network' });
  });

  test('an announced length that is too short leaves bytes that have another digest', async () => {
    const server = await registry((_request, response) => {
      response.socket!.end(`HTTP/1.1 200 OK\r\nContent-Type: ${MANIFEST_TYPE}\r\nContent-Length: 10\r\n\r\n${A}`);
    });
    expect(await code(quickClient([server]).open(`${server.host}/a@${sha(A)}`))).toBe('digest-mismatch');
  });

  test('a body that drips for ever ends with the deadline', async () => {
    const server = await registry((_request, response) => {
      response.writeHead(200, { 'content-type': MANIFEST_TYPE });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(quickClient([server], { deadline: 500 }).open(`${server.host}/a:v`))).toMatchObject({ kind: 'outside', code: 'deadline' });
  });

  test.each<[string, Handler]>([['before the answer', () => undefined], ['inside the answer', (_request, response) => void response.writeHead(200, { 'content-type': MANIFEST_TYPE }).write('{')]])('silence %s is a failure outside', async (_name, answer) => {
    const server = await registry(answer);
    expect(await failureOf(quickClient([server]).open(`${server.host}/a:v`))).toMatchObject({ kind: 'outside', code: 'timeout' });
    expect(asked(server)).toBe(3);
  });
});

describe('retries', () => {
  test.each([408, 429, 500, 503])('%i is tried again', async (status) => {
    let turn = 0;
    const server = await registry((_request, response) => {
      turn += 1;
      if (turn < 3) response.writeHead(status).end();
      else sendManifest(response, A);
    });
    expect((await quickClient([server]).open(`${server.host}/a:v`)).root.digest).toBe(sha(A));
  });

  test.each([[401, 'outside', 'unauthorized'], [403, 'outside', 'forbidden'], [404, 'unreadable', 'not-found'], [410, 'unreadable', 'not-found'], [400, 'unreadable', 'http-400'], [204, 'unreadable', 'http-204'], [206, 'unreadable', 'http-206']])('%i is final', async (status, kind, expected) => {
    const server = await registry((_request, response) => response.writeHead(status).end());
    expect(await failureOf(quickClient([server]).open(`${server.host}/a:v`))).toMatchObject({ kind, code: expected });
    expect(asked(server)).toBe(1);
  });

  test('the last status is the failure, without what the body says', async () => {
    const server = await registry((_request, response) => response.writeHead(503).end('secret words'));
    const failure = await failureOf(quickClient([server]).open(`${server.host}/a:v`));
    expect(failure).toMatchObject({ kind: 'outside', code: 'http-503' });
    expect(failure.message).not.toContain('secret');
    expect(asked(server)).toBe(3);
  });

  test('Retry-After beyond the deadline ends the fetch at once', async () => {
    const server = await registry((_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    expect(await code(quickClient([server]).open(`${server.host}/a:v`))).toBe('http-429');
    expect(asked(server)).toBe(1);
  });

  test('Retry-After within the deadline is waited for', async () => {
    const times: number[] = [];
    const server = await registry((_request, response) => {
      times.push(Date.now());
      if (times.length === 1) response.writeHead(503, { 'retry-after': '1' }).end();
      else sendManifest(response, A);
    });
    await quickClient([server]).open(`${server.host}/a:v`);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
  });
});

describe('mirrors', () => {
  test('are asked in order, then the registry', async () => {
    const order: string[] = [];
    const one = await registry((_request, response) => {
      order.push('one');
      response.writeHead(503).end();
    });
    const two = await registry((_request, response) => {
      order.push('two');
      sendManifest(response, B);
    });
    const home = await registry((_request, response) => {
      order.push('home');
      sendManifest(response, A);
    });
    const client = quickClient([one, two, home], { mirrors: { [home.host]: [one.host, `${two.host}/cache`] } });
    expect((await client.open(`${home.host}/a@${sha(A)}`)).root.digest).toBe(sha(A));
    expect(order).toEqual(['one', 'two', 'home']);
    expect(two.seen.at(-1)).toBe(`GET /v2/cache/a/manifests/${sha(A)}`);
  });

  test('get no other host\'s credentials', async () => {
    const mirror = await registry((_request, response) => response.writeHead(404).end());
    const home = await registry((_request, response) => sendManifest(response, A));
    const authoriser = { headerFor: async ({ origin }: { origin: string }) => `Basic ${origin}`, answer: async () => null };
    await quickClient([mirror, home], { mirrors: { [home.host]: [mirror.host] } }, { authoriser }).open(`${home.host}/a:v`);
    expect([mirror.headers.at(-1)!.authorization, home.headers.at(-1)!.authorization]).toEqual([`Basic ${mirror.url}`, `Basic ${home.url}`]);
  });

  test('that drip cannot use up the time of the registry', async () => {
    const mirror = await registry((_request, response) => {
      response.writeHead(200, { 'content-type': MANIFEST_TYPE });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const home = await registry((_request, response) => sendManifest(response, A));
    const client = quickClient([mirror, home], { mirrors: { [home.host]: [mirror.host] }, deadline: 2_000 });
    expect((await client.open(`${home.host}/a:v`)).root.digest).toBe(sha(A));
  });
});

describe('authorisation', () => {
  const guarded = (right: string): Promise<TinyServer> => registry((request, response) => {
    if (request.headers.authorization === right) sendManifest(response, A);
    else response.writeHead(401, { 'www-authenticate': 'Bearer realm="x"' }).end();
  });

  test('a challenge is answered and the answer sent', async () => {
    const server = await guarded('Bearer good');
    const challenges: unknown[] = [];
    const authoriser = { headerFor: async () => 'Bearer old', answer: async (challenge: object) => {
      challenges.push(challenge);
      return 'Bearer good';
    } };
    expect((await quickClient([server], {}, { authoriser }).open(`${server.host}/acme/a:v`)).root.digest).toBe(sha(A));
    expect(challenges).toEqual([{ origin: server.url, repository: 'acme/a', header: 'Bearer realm="x"', refused: 'Bearer old', deadline: expect.any(Number) }]);
  });

  test('refusals come to an end', async () => {
    const server = await guarded('Bearer good');
    let turn = 0;
    const authoriser = { headerFor: async () => null, answer: async () => `Bearer ${turn++}` };
    expect(await code(quickClient([server], {}, { authoriser }).open(`${server.host}/a:v`))).toBe('unauthorized');
    expect(asked(server)).toBe(9);
  });

  test('an authoriser that never answers is bounded by the deadline', async () => {
    const server = await guarded('Bearer good');
    const authoriser = { headerFor: async () => null, answer: () => new Promise<never>(() => undefined) };
    expect(await code(quickClient([server], { deadline: 300 }, { authoriser }).open(`${server.host}/a:v`))).toBe('deadline');
  });
});

test.each<[string, object]>([['a host', { insecure: ['a b'] }], ['a range', { allowedHosts: ['10.0.0.0/99'] }], ['a mirror', { mirrors: { 'ghcr.io': ['m.example/UP'] } }], ['a registry', { mirrors: { 'gh cr': [] } }], ['a certificate', { authorities: { 'a.example': 'nonsense' } }]])('an option that is not %s is refused when the client opens', (_name, more) => {
  expect(() => openRegistryClient(registryOptions([], more))).toThrow(RangeError);
});
