import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { admitting, agentOf, type Answer, AUTHORITY, certificateSource, issue, keptLog, post, probe, reviewOf, serveReviews, stopServersAfterEach } from '../../test/support/review-server.ts';
import type { Admission, AdmissionRequest } from '../review.ts';
import type { RunningServer } from './start-server.ts';

stopServersAfterEach();

const UID = '705ab4f5-6393-11e8-b7cc-42010a800002';
const later = (milliseconds: number): Promise<void> => new Promise((resolve) => {
  setTimeout(resolve, milliseconds);
});

/** A bare TLS connection, for what no client library sends. */
function raw({ address }: Pick<RunningServer, 'address'>, text = '', options: object = {}): Promise<{ readonly socket: TLSSocket; readonly all: Promise<string> }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.address, port: address.port, ca: AUTHORITY.pem, servername: 'localhost', ...options }, () => {
      let seen = '';
      const all = new Promise<string>((done) => {
        socket.setEncoding('utf8').on('data', (part: string) => {
          seen += part;
        }).on('error', () => done(seen)).on('close', () => done(seen));
      });
      socket.write(text);
      resolve({ socket, all });
    });
    socket.once('error', reject);
  });
}

function head(length: number, extra = ''): string {
  return `POST /validate?timeout=10s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${extra}\r\n`;
}

describe('a review', () => {
  test('is answered under its uid, without headers that tell of the server', async () => {
    const asked: [AdmissionRequest, number][] = [];
    const answer = (request: AdmissionRequest, deadline: number) => {
      asked.push([request, deadline]);
      return Promise.resolve({ uid: 'another', allowed: true, warnings: ['careful'] });
    };
    const server = await serveReviews({ admission: { validate: answer, mutate: answer } });
    const before = Date.now();
    for (const path of ['/validate?timeout=5s', '/mutate?timeout=5s']) {
      const answered = await post(server, reviewOf(), { path });
      expect(answered.status).toBe(200);
      expect(JSON.parse(answered.text)).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: UID, allowed: true, warnings: ['careful'] } });
      expect(answered.headers['content-type']).toBe('application/json');
      expect(Object.keys(answered.headers)).not.toEqual(expect.arrayContaining(['etag']));
      expect(Object.keys(answered.headers)).not.toEqual(expect.arrayContaining(['x-powered-by']));
    }
    expect(asked[0]![0].name).toBe('web');
    expect(asked[0]![1]).toBeGreaterThanOrEqual(before + 4_000);
    expect(asked[0]![1]).toBeLessThanOrEqual(Date.now() + 4_000);
  });

  test.each<[string, Admission['validate']]>([
    ['throws', () => {
      throw new Error('secret-internals');
    }],
    ['rejects', () => Promise.reject(new Error('secret-internals'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
    ['gives what is no JSON', async ({ uid }) => ({ uid, allowed: true, auditAnnotations: { a: 1n as unknown as string } })],
    ['never answers', () => new Promise(() => {})],
  ])('is denied where judging %s', async (_, validate) => {
    const log = keptLog();
    const server = await serveReviews({ admission: { validate, mutate: validate }, log });
    for (const path of ['/validate?timeout=1s', '/mutate?timeout=1s']) {
      const { status, response, text } = await post(server, reviewOf(), { path });
      expect(status).toBe(200);
      expect(response).toMatchObject({ uid: UID, allowed: false, status: { code: 403, reason: 'Forbidden' } });
      expect(response.status!.message).toContain('refuses');
      expect(text).not.toContain('secret-internals');
      expect(text).not.toContain('.ts:');
    }
    expect(await server.metrics.registry.metrics()).toMatch(/wasmgate_admission_errors_total\{reason="(exception|deadline)"\} 2/);
    expect(log.lines.some(({ level, message }) => level === 'info' && message === 'Denied')).toBe(true);
  });

  test.each([[null], [undefined]])('is not allowed where judging gives %s', async (nothing) => {
    const validate = () => Promise.resolve(nothing as never);
    const server = await serveReviews({ admission: { validate, mutate: validate } });
    const { response, status } = await post(server, reviewOf());
    expect(status).toBe(200);
    expect(response.allowed ?? false).toBe(false);
  });

  test('is counted', async () => {
    const validate: Admission['validate'] = async ({ uid, name }) => ({ uid, allowed: name !== 'bad', ...(name === 'odd' ? { warnings: ['x'] } : {}) });
    const server = await serveReviews({ admission: { validate, mutate: validate } });
    for (const name of ['web', 'odd', 'bad', 'web']) await post(server, reviewOf({ name }));
    for (let index = 0; index < 120; index += 1) await post(server, reviewOf({ resource: { group: '', version: 'v1', resource: `made-up-${index}` } }));
    const { text, status } = await probe(server, '/metrics');
    expect(status).toBe(200);
    expect(text).toContain('wasmgate_admission_requests_total{operation="CREATE",resource="pods",subresource="",decision="allow"} 2');
    expect(text).toContain('decision="warn"} 1');
    expect(text).toContain('decision="deny"} 1');
    expect(text).toContain('wasmgate_admission_duration_seconds_count{operation="CREATE",resource="pods",decision="allow"} 2');
    expect(text).toContain('resource="made-up-98"');
    expect(text).not.toContain('resource="made-up-99"');
    expect(text).toContain('wasmgate_admission_requests_total{operation="CREATE",resource="other",subresource="",decision="allow"} 21');
    expect(text).toMatch(/^wasmgate_event_loop_lag_seconds \d/m);
    expect(text).toMatch(/^wasmgate_certificate_expiry_timestamp_seconds [1-9]/m);
  });
});

describe('what is no review', () => {
  test.each<[number, string, Parameters<typeof post>[1], Parameters<typeof post>[2]]>([
    [405, 'GET', '', { method: 'GET' }], [405, 'PUT', reviewOf(), { method: 'PUT' }], [405, 'OPTIONS', '', { method: 'OPTIONS' }], [405, 'HEAD', '', { method: 'HEAD' }], [405, 'GET /mutate', '', { method: 'GET', path: '/mutate' }],
    [404, 'another path', reviewOf(), { path: '/' }], [404, 'a longer path', reviewOf(), { path: '/validate/x' }], [404, 'a slash more', reviewOf(), { path: '/validate/' }], [404, 'another case', reviewOf(), { path: '/Validate' }],
    [404, 'probes on the wrong port', '', { path: '/metrics', method: 'GET' }], [404, 'a path that is no text', reviewOf(), { path: '/%zz' }],
    [415, 'another type', reviewOf(), { headers: { 'content-type': 'text/plain' } }], [415, 'a type that begins alike', reviewOf(), { headers: { 'content-type': 'application/jsonp' } }], [415, 'compression', reviewOf(), { headers: { 'content-encoding': 'gzip' } }],
    [400, 'no JSON', 'hello', {}], [400, 'nothing', '', {}], [400, 'no UTF-8', Uint8Array.of(0xff, 0xfe), {}], [400, 'another version', reviewOf().replace('k8s.io/v1"', 'k8s.io/v1beta1"'), {}], [400, 'a repeated key', reviewOf().replace('"uid"', '"UID":"x","uid"'), {}],
    [413, 'a long body', new Uint8Array((8 << 20) + 1).fill(0x20), {}], [413, 'a long body in chunks', new Uint8Array((8 << 20) + 1).fill(0x20), { headers: { 'transfer-encoding': 'chunked' } }],
  ])('is answered with %i: %s', async (status, _, body, sending) => {
    const server = await serveReviews();
    const answered = await post(server, body, sending);
    expect(answered.status).toBe(status);
    expect(answered.text.length).toBeLessThan(200);
    expect(answered.text).not.toContain('.ts');
    if (status === 405) expect(answered.headers.allow).toBe('POST');
  });

  test('takes a type with parameters, in any case', async () => {
    const server = await serveReviews();
    expect((await post(server, reviewOf(), { headers: { 'content-type': 'Application/JSON; charset=utf-8' } })).response.allowed).toBe(true);
  });

  test('takes a body of just 8 MiB', async () => {
    const server = await serveReviews();
    const text = reviewOf();
    expect((await post(server, text + ' '.repeat((8 << 20) - text.length))).response.allowed).toBe(true);
  });

  test('a body that comes slowly is given up, and so is its connection', async () => {
    const server = await serveReviews({ bodyTimeout: 100 });
    const { all } = await raw(server, `${head(1_000)}{"apiVersion"`);
    expect(await all).toMatch(/^HTTP\/1.1 408 [^]*Connection: close[^]*did not come in time/);
  });

  test('a body that breaks off harms nobody', async () => {
    const server = await serveReviews();
    const { socket } = await raw(server, `${head(1_000)}{"apiVersion"`);
    await later(20);
    socket.destroy();
    await later(20);
    expect((await post(server, reviewOf())).response.allowed).toBe(true);
    expect(await server.metrics.registry.metrics()).toContain('reason="broken-body"} 1');
  });

  test('a length that is declared too large is refused before a byte of it came', async () => {
    const server = await serveReviews();
    const { socket, all } = await raw(server, head(1_000_000_000));
    socket.once('data', () => socket.end());
    expect(await all).toMatch(/^HTTP\/1.1 413 /);
  });

  test.each([['no HTTP', 'hello\r\n\r\n'], ['headers without end', `GET /validate HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`], ['two lengths', head(5, 'Content-Length: 6\r\n')], ['a length and chunks', head(5, 'Transfer-Encoding: chunked\r\n')]])('%s ends the connection', async (_, text) => {
    const server = await serveReviews();
    const { all } = await raw(server, text);
    expect(await all).toMatch(/^HTTP\/1.1 (400|431) /);
    expect((await post(server, reviewOf())).response.allowed).toBe(true);
  });

  test('floods are listed a few times only', async () => {
    const log = keptLog();
    const server = await serveReviews({ log });
    const agent = agentOf({ keepAlive: true });
    for (let index = 0; index < 50; index += 1) await post(server, 'no', { agent });
    agent.destroy();
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(10);
    expect(await server.metrics.registry.metrics()).toContain('reason="malformed"} 50');
  });
});

describe('a connection', () => {
  test('serves many reviews, and one answer in N ends it', async () => {
    const server = await serveReviews({ closeOneIn: 5 });
    const agent = agentOf({ keepAlive: true, maxSockets: 1 });
    const answers: Answer[] = [];
    for (let index = 0; index < 10; index += 1) answers.push(await post(server, reviewOf(), { agent }));
    agent.destroy();
    expect(answers.map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'keep-alive', 'keep-alive', 'keep-alive', 'close', 'keep-alive', 'keep-alive', 'keep-alive', 'keep-alive', 'close']);
    expect(answers[0]!.headers['keep-alive']).toBe('timeout=95');
  });

  test('is TLS 1.2 or newer with forward secrecy, and HTTP/1.1', async () => {
    const server = await serveReviews();
    const modern = await raw(server, '', { ALPNProtocols: ['h2', 'http/1.1'] });
    expect([modern.socket.getProtocol(), modern.socket.alpnProtocol]).toEqual(['TLSv1.3', 'http/1.1']);
    modern.socket.destroy();
    const older = await raw(server, '', { maxVersion: 'TLSv1.2' });
    expect([older.socket.getProtocol(), older.socket.getCipher().name]).toEqual(['TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256']);
    older.socket.destroy();
    await expect(raw(server, '', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow();
    await expect(raw(server, '', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' })).rejects.toThrow();
    await expect(raw(server, '', { ALPNProtocols: ['h2'] })).rejects.toThrow();
  });

  test('gets the new pair once there is one, while those that are open go on: no review is lost', async () => {
    const certificates = certificateSource(issue('first'));
    const server = await serveReviews({ certificates, closeOneIn: 7 });
    const open = agentOf({ keepAlive: true, maxSockets: 4 });
    const state = { over: false };
    const results: boolean[] = [];
    const load = Array.from({ length: 4 }, async () => {
      while (!state.over) results.push((await post(server, reviewOf(), { agent: open })).response.allowed);
    });
    const names: string[] = [];
    for (const name of ['second', 'third', 'fourth']) {
      certificates.set(issue(name));
      const { socket } = await raw(server);
      names.push(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
      await later(50);
    }
    state.over = true;
    await Promise.all(load);
    open.destroy();
    expect(names).toEqual(['second', 'third', 'fourth']);
    expect(results.length).toBeGreaterThan(4);
    expect(results).not.toContain(false);
  });

  test('gets the old pair where the new one cannot be used', async () => {
    const certificates = certificateSource(issue('first'));
    const log = keptLog();
    const server = await serveReviews({ certificates, log });
    certificates.set({ certificate: issue('first').certificate, key: issue('second').key });
    expect((await post(server, reviewOf())).response.allowed).toBe(true);
    expect(log.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([expect.stringContaining('old one stays')]);
  });
});

describe('probes', () => {
  test('liveness asks nothing, readiness lists what is missing', async () => {
    let missing: readonly string[] = ['policies', 'workers'];
    const certificates = certificateSource(null);
    const server = await serveReviews({ certificates, checks: () => missing });
    expect(await probe(server, '/livez')).toEqual({ status: 200, text: 'ok\n' });
    expect(await probe(server, '/readyz')).toEqual({ status: 503, text: 'not ready\nmissing: certificate\nmissing: policies\nmissing: workers\n' });
    await expect(post(server, reviewOf())).rejects.toThrow();
    certificates.set(issue('late'));
    missing = [];
    expect(await probe(server, '/readyz?verbose')).toEqual({ status: 200, text: 'ok\n' });
    expect((await post(server, reviewOf())).response.allowed).toBe(true);
    expect((await probe(server, '/validate')).status).toBe(404);
    expect((await probe(server, '/livez', 'POST')).status).toBe(405);
  });

  test('readiness that cannot be found out is none', async () => {
    const server = await serveReviews({ checks: () => {
      throw new Error('secret-internals');
    } });
    const { status, text } = await probe(server, '/readyz');
    expect(status).toBe(503);
    expect(text).not.toContain('secret-internals');
  });
});

describe('stopping', () => {
  test('gives up readiness at once, serves on, and loses no review while clients go over to another replica', async () => {
    const leaving = await serveReviews({ admission: admitting(20), drain: 600 });
    const staying = await serveReviews({ admission: admitting(20) });
    const answers: { readonly by: 'leaving' | 'staying'; readonly answer: Answer }[] = [];
    const state = { routed: true, over: false };
    // Like an API server: a connection is used until it ends; a new one goes where traffic is routed to.
    const client = async (): Promise<void> => {
      const agents = { leaving: agentOf({ keepAlive: true, maxSockets: 1 }), staying: agentOf({ keepAlive: true, maxSockets: 1 }) };
      let by: 'leaving' | 'staying' = 'leaving';
      while (!state.over) {
        const answer = await post(by === 'leaving' ? leaving : staying, reviewOf(), { agent: agents[by] });
        answers.push({ by, answer });
        if (answer.headers.connection === 'close') by = state.routed ? 'leaving' : 'staying';
      }
      agents.leaving.destroy();
      agents.staying.destroy();
    };
    const load = Promise.all(Array.from({ length: 6 }, client));
    await later(100);
    const before = answers.length;
    const stopping = leaving.stop();
    expect(leaving.stop()).toBe(stopping);
    expect(await probe(leaving, '/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('missing: draining') });
    expect((await probe(leaving, '/livez')).status).toBe(200);
    state.routed = false;
    await stopping;
    const after = answers.length;
    while (answers.length < after + 12) await later(10);
    state.over = true;
    await load;
    expect(answers.every(({ answer }) => answer.response.allowed)).toBe(true);
    expect(answers.slice(before).filter(({ by }) => by === 'leaving').length).toBeGreaterThan(6);
    expect(answers.slice(-6).map(({ by }) => by)).toEqual(Array.from({ length: 6 }, () => 'staying'));
  });

  test('answers what is in work, and says that the connection ends', async () => {
    const held: (() => void)[] = [];
    const validate: Admission['validate'] = async ({ uid }) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return { uid, allowed: true };
    };
    const server = await serveReviews({ admission: { validate, mutate: validate } });
    const agent = agentOf({ keepAlive: true });
    const inWork = Promise.all(Array.from({ length: 10 }, () => post(server, reviewOf(), { agent })));
    while (held.length < 10) await later(5);
    const stopping = server.stop();
    await later(20);
    await expect(post(server, reviewOf())).rejects.toThrow('ECONNREFUSED');
    for (const go of held) go();
    const answers = await inWork;
    await stopping;
    expect(answers.map(({ response, headers }) => [response.allowed, headers.connection])).toEqual(answers.map(() => [true, 'close']));
    await expect(probe(server, '/livez')).rejects.toThrow('ECONNREFUSED');
  });

  test('does not wait for ever for somebody who never ends', async () => {
    const server = await serveReviews({ closeTimeout: 200 });
    const { socket, all } = await raw(server, `${head(1_000)}{`);
    await server.stop();
    await all;
    expect(socket.destroyed).toBe(true);
  });
});

test('says where it cannot listen', async () => {
  const server = await serveReviews();
  const { address: host, port } = server.address;
  await expect(serveReviews({ listen: { host, port } })).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}: EADDRINUSE`);
});
