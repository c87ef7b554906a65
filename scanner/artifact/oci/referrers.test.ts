import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { closeClientsAfterEach, INDEX_TYPE, MANIFEST_TYPE, quickClient, sha } from '../../../test/support/client.ts';
import { closeServersAfterEach, serve, type TinyServer } from '../../../test/support/http-server.ts';
import { failureOf, toDescriptor } from '../../../test/support/registry-read.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { Descriptor } from '../image/source.ts';

closeServersAfterEach();
closeClientsAfterEach();

const SUBJECT = sha('subject');
const entry = (mark: string | number): object => ({ mediaType: MANIFEST_TYPE, digest: sha(String(mark)), size: 3, artifactType: 'test/signature', annotations: { mark: String(mark) } });
const read = (mark: string | number): Descriptor => toDescriptor(entry(mark) as Parameters<typeof toDescriptor>[0]);
const code = async (promise: Promise<unknown>): Promise<string> => (await failureOf(promise)).code;

function sendIndex(response: ServerResponse, manifests: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'content-type': INDEX_TYPE, ...headers }).end(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }));
}

interface Answers {
  readonly api?: (response: ServerResponse, url: URL, turn: number) => void;
  readonly tag?: (response: ServerResponse) => void;
}

/** A registry with these answers; what is not given is 404. */
function registry({ api, tag }: Answers): Promise<TinyServer> {
  let turn = 0;
  return serve((request, response) => {
    const url = new URL(request.url!, 'http://x');
    if (url.pathname === '/v2/') response.end();
    else if (api && url.pathname === `/v2/acme/a/referrers/${SUBJECT}`) api(response, url, turn++);
    else if (tag && url.pathname === `/v2/acme/a/manifests/${SUBJECT.replace(':', '-')}`) tag(response);
    else response.writeHead(404).end();
  });
}

const ask = (server: TinyServer, others: readonly TinyServer[] = []): Promise<readonly Descriptor[]> => quickClient([server, ...others]).referrers(`${server.host}/acme/a`, SUBJECT);

describe('referrers', () => {
  test('come from the interface and from the tag, each once', async () => {
    const server = await registry({ api: (response) => sendIndex(response, [entry('a'), entry('b')]), tag: (response) => sendIndex(response, [entry('b'), entry('c')]) });
    expect(await ask(server)).toEqual([read('a'), read('b'), read('c')]);
  });

  test.each<[string, Answers]>([
    ['answers 404', {}],
    ['answers with a page', { api: (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>') }],
  ])('come from the tag alone where the interface %s', async (_name, answers) => {
    const server = await registry({ ...answers, tag: (response) => sendIndex(response, [entry('c')]) });
    expect(await ask(server)).toEqual([read('c')]);
  });

  test('may be none', async () => {
    expect(await ask(await registry({}))).toEqual([]);
    expect(await ask(await registry({ api: (response) => sendIndex(response, []) }))).toEqual([]);
  });

  test('are asked for without a filter, and given whatever their type', async () => {
    const server = await registry({ api: (response) => sendIndex(response, [entry('a'), { mediaType: MANIFEST_TYPE, digest: sha('x'), size: 1 }], { 'oci-filters-applied': 'artifactType' }) });
    expect(await ask(server)).toHaveLength(2);
    expect(server.seen.every((line) => !line.includes('artifactType'))).toBe(true);
  });

  test('are followed from page to page', async () => {
    const server = await registry({ api: (response, url) => {
      const page = Number(url.searchParams.get('page') ?? 0);
      sendIndex(response, [entry(page)], page < 3 ? { link: `<?page=${page + 1}>; rel="next"` } : { link: '</elsewhere>; rel="prev"' });
    } });
    expect(await ask(server)).toEqual([read(0), read(1), read(2), read(3)]);
  });

  test('in pages without end are refused', async () => {
    const server = await registry({ api: (response, _url, turn) => sendIndex(response, [entry(turn)], { link: `<?page=${turn}>; rel=next` }) });
    expect(await failureOf(ask(server))).toMatchObject({ kind: 'unreadable', code: 'too-many' });
    expect(server.seen.filter((line) => line.includes('/referrers/'))).toHaveLength(LIMITS.referrerPages);
  });

  test.each<[string, Answers]>([
    ['on one page', { api: (response) => sendIndex(response, Array.from({ length: LIMITS.referrers + 1 }, (_value, index) => entry(index))) }],
    ['under the tag', { tag: (response) => sendIndex(response, Array.from({ length: LIMITS.referrers + 1 }, (_value, index) => entry(index))) }],
    ['on all pages', { api: (response, _url, turn) => sendIndex(response, Array.from({ length: 60 }, (_value, index) => entry(`${turn} ${index}`)), { link: `<?page=${turn}>; rel="next"` }) }],
    ['in both', { api: (response) => sendIndex(response, Array.from({ length: 60 }, (_value, index) => entry(index))), tag: (response) => sendIndex(response, Array.from({ length: 60 }, (_value, index) => entry(`tag ${index}`))) }],
  ])('too many %s are refused', async (_name, answers) => {
    expect(await code(ask(await registry(answers)))).toBe('too-many');
  });

  test('a Link to another host is not followed', async () => {
    const other = await serve((_request, response) => sendIndex(response, [entry('evil')]));
    const server = await registry({ api: (response) => sendIndex(response, [entry('a')], { link: `<${other.url}/v2/acme/a/referrers/${SUBJECT}>; rel="next"` }) });
    expect(await code(ask(server, [other]))).toBe('redirect-refused');
    expect(other.seen).toEqual([]);
  });

  test.each(['</v2/acme/other/referrers/x>; rel="next"', '</v2/acme/a/../../token>; rel="next"', '<//evil.example/>; rel="next"', '<http://user@127.0.0.1/>; rel="next"', 'nonsense', '<a>; rel="next", <b>; rel="next"', '<\\\\evil>; rel="next"'])('a Link %s is refused', async (link) => {
    const server = await registry({ api: (response) => sendIndex(response, [entry('a')], { link }) });
    expect((await failureOf(ask(server))).kind).toBe('unreadable');
  });

  test.each<[string, unknown]>([
    ['without a digest', [{ mediaType: MANIFEST_TYPE, size: 1 }]], ['with a negative size', [{ ...entry('a'), size: -1 }]], ['with a size of text', [{ ...entry('a'), size: '3' }]], ['with a fraction for a size', [{ ...entry('a'), size: 0.5 }]],
    ['with an unknown algorithm', [{ ...entry('a'), digest: 'md5:00' }]], ['with annotations that are no texts', [{ ...entry('a'), annotations: { a: 1 } }]], ['that are no objects', [7]], ['that are no list', { 0: entry('a') }],
  ])('%s are refused', async (_name, manifests) => {
    expect(await code(ask(await registry({ api: (response) => sendIndex(response, manifests) })))).toBe('malformed');
  });

  test.each([[500, 'outside'], [403, 'outside'], [400, 'unreadable']])('are not taken for none where the interface answers %i', async (status, kind) => {
    const server = await registry({ api: (response) => void response.writeHead(status).end(), tag: (response) => sendIndex(response, [entry('a')]) });
    expect((await failureOf(ask(server))).kind).toBe(kind);
  });

  test('under a tag that is no index are refused', async () => {
    const server = await registry({ tag: (response) => void response.writeHead(200, { 'content-type': MANIFEST_TYPE }).end(JSON.stringify({ mediaType: MANIFEST_TYPE, layers: [] })) });
    expect((await failureOf(ask(server))).kind).toBe('unreadable');
  });

  test('of a subject in sha512 stand under the shortened tag', async () => {
    const server = await serve((_request, response) => void response.writeHead(404).end());
    const digest = sha('subject', 'sha512');
    expect(await quickClient([server]).referrers(`${server.host}/acme/a`, digest)).toEqual([]);
    expect(server.seen.at(-1)).toBe(`GET /v2/acme/a/manifests/sha512-${digest.slice(7, 71)}`);
  });

  test('are asked for by digest alone', async () => {
    const server = await registry({});
    expect(await code(quickClient([server]).referrers(`${server.host}/acme/a`, 'v1'))).toBe('bad-digest');
    expect(server.seen).toEqual([]);
  });
});
