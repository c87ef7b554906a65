import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { failureIn } from '../../fetch-error.ts';
import type { Authoriser, TokenRequest } from '../authoriser.ts';
import { type AuthoriserOptions, createAuthoriser } from './authorise.ts';

const root = mkdtempSync(join(tmpdir(), 'wasmgate-auth-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => vi.useRealTimers());

let home: string;
let count = 0;
let sent: TokenRequest[];
beforeEach(() => {
  home = join(root, `home-${count++}`);
  sent = [];
});

const basic = (text: string): string => `Basic ${btoa(text)}`;
const auth = (text: string): { auth: string } => ({ auth: btoa(text) });
const ORIGIN = 'https://ghcr.io';
const REALM = 'https://ghcr.io/token';
const bearer = (realm = REALM): string => `Bearer realm="${realm}",service="ghcr.io",scope="repository:other/app:pull,push"`;

function write(path: string, value: unknown): string {
  const full = join(home, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, typeof value === 'string' ? value : JSON.stringify(value));
  return full;
}

function authoriser(options: Partial<AuthoriserOptions> = {}, reply: (request: TokenRequest, number: number) => { readonly status?: number; readonly body?: unknown } = () => ({ body: { token: 't0ken' } })): Authoriser {
  return createAuthoriser({
    config: null, pullSecrets: [], environment: { HOME: home }, allowedHosts: [], ...options,
    send: async (request) => {
      sent.push(request);
      const { status = 200, body = '' } = reply(request, sent.length);
      return { status, headers: {}, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
    },
  });
}

const answer = (by: Authoriser, header: string, more: { origin?: string; repository?: string; refused?: string } = {}): Promise<string | null> => by.answer({ origin: ORIGIN, repository: 'team/app', header, ...more });
const headers = (): readonly (string | undefined)[] => sent.map((request) => request.headers['authorization']);

async function failureOf(promise: Promise<unknown>): Promise<{ kind: string; code: string; shown: string }> {
  const error = await promise.then((value) => new Error(`no failure but ${String(value)}`), (thrown: unknown) => thrown);
  const { kind, code } = failureIn(error, '');
  return { kind, code, shown: inspect(error, { depth: 9, showHidden: true }) };
}

describe('the token protocol', () => {
  test('asks the realm for pulling from the one repository, whatever scope was named', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('me:s3cret') } });
    const by = authoriser();
    expect(await answer(by, bearer('https://ghcr.io/token?a=b&scope=x'))).toBe('Bearer t0ken');
    const url = new URL(sent[0]!.url);
    expect([url.origin + url.pathname, Object.fromEntries(url.searchParams), url.searchParams.getAll('scope').length]).toEqual([REALM, { a: 'b', service: 'ghcr.io', scope: 'repository:team/app:pull' }, 1]);
    expect([sent[0]!.method, ...headers()]).toEqual(['GET', basic('me:s3cret')]);
  });

  test('without credentials asks anonymously', async () => {
    expect(await answer(authoriser(), bearer())).toBe('Bearer t0ken');
    expect(headers()).toEqual([undefined]);
  });

  test('takes either name of the token, and refuses what is none', async () => {
    expect(await answer(authoriser({}, () => ({ body: { access_token: 'other' } })), bearer())).toBe('Bearer other');
    for (const body of ['', '[]', '{"token":1}', '{"token":""}', { token: 'a\r\nX-Evil: 1' }, { token: 'a b' }, { token: 'x'.repeat(70_000) }, `{"token":"s3cret"`, `{"token":"${'x'.repeat(2 << 20)}"}`]) {
      const failure = await failureOf(answer(authoriser({}, () => ({ body })), bearer()));
      expect([failure.kind, failure.code]).toEqual(['unreadable', 'bad-token']);
      expect(failure.shown).not.toContain('s3cret');
    }
  });

  test.each([[401, 'outside', 'unauthorized'], [403, 'outside', 'forbidden'], [429, 'outside', 'http-429'], [503, 'outside', 'http-503'], [404, 'unreadable', 'http-404'], [302, 'unreadable', 'http-302']])('status %i is %s', async (status, kind, code) => {
    const failure = await failureOf(answer(authoriser({}, () => ({ status, body: 's3cret body' })), bearer()));
    expect(failure).toMatchObject({ kind, code });
    expect(failure.shown).not.toContain('s3cret');
  });

  test('asks once for many that want the same at once, and knows the token afterwards', async () => {
    const by = authoriser();
    expect(await by.headerFor({ origin: ORIGIN, repository: 'team/app' })).toBeNull();
    const answers = await Promise.all(Array.from({ length: 20 }, () => answer(by, bearer())));
    expect([new Set(answers), sent.length]).toEqual([new Set(['Bearer t0ken']), 1]);
    expect(await by.headerFor({ origin: ORIGIN, repository: 'team/app' })).toBe('Bearer t0ken');
    expect(await by.headerFor({ origin: ORIGIN, repository: 'team/other' })).toBeNull();
    expect(await by.headerFor({ origin: 'https://ghcr.io:444', repository: 'team/app' })).toBeNull();
    await answer(by, bearer());
    expect(sent).toHaveLength(1);
  });

  test.each([[undefined, 49_000, 51_000], [300, 289_000, 291_000], [4, 2_900, 3_100], [-1, 49_000, 51_000], ['300', 49_000, 51_000], [1e9, 3_589_000, 3_591_000]])('a token that lives %s s is used until shortly before its end', async (expires, before, after) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const start = Date.now();
    const by = authoriser({}, (_, number) => ({ body: { token: `t${number}`, expires_in: expires } }));
    await answer(by, bearer());
    vi.setSystemTime(start + before);
    expect(await by.headerFor({ origin: ORIGIN, repository: 'team/app' })).toBe('Bearer t1');
    vi.setSystemTime(start + after);
    expect(await by.headerFor({ origin: ORIGIN, repository: 'team/app' })).toBeNull();
    expect(await answer(by, bearer())).toBe('Bearer t2');
  });

  test('a token that was revoked is asked for again with the same credential', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('me:s3cret') } });
    const by = authoriser({}, (_, number) => ({ body: { token: `t${number}` } }));
    await answer(by, bearer());
    const refused = (await by.headerFor({ origin: ORIGIN, repository: 'team/app' }))!;
    expect(await answer(by, bearer(), { refused })).toBe('Bearer t2');
    expect(await answer(by, bearer(), { refused: 'Bearer t2' })).toBeNull();
    expect(headers()).toEqual([basic('me:s3cret'), basic('me:s3cret')]);
  });

  test('the deadline of whoever asks is that of the request', async () => {
    await authoriser().answer({ origin: ORIGIN, repository: 'a', header: bearer(), deadline: 12_345 });
    expect(sent[0]!.deadline).toBe(12_345);
  });
});

describe('an identity token', () => {
  const config = { auths: { 'ghcr.io': { ...auth('me:'), identitytoken: 'id+token&x' } } };

  test('is exchanged by POST', async () => {
    write('.docker/config.json', config);
    expect(await answer(authoriser({}, () => ({ body: { access_token: 'fresh' } })), bearer())).toBe('Bearer fresh');
    expect(Object.fromEntries(new URLSearchParams(sent[0]!.body))).toEqual({ grant_type: 'refresh_token', client_id: 'wasmgate', refresh_token: 'id+token&x', service: 'ghcr.io', scope: 'repository:team/app:pull' });
    expect([sent.length, sent[0]!.method, sent[0]!.url, sent[0]!.headers['authorization']]).toEqual([1, 'POST', REALM, undefined]);
  });

  test.each([400, 401, 404, 405])('where the grant is refused with %i is used in a GET', async (status) => {
    write('.docker/config.json', config);
    expect(await answer(authoriser({}, ({ method }) => (method === 'POST' ? { status } : { body: { token: 'got' } })), bearer())).toBe('Bearer got');
    expect(headers()).toEqual([undefined, basic('me:id+token&x')]);
  });

  test('that is refused in both ways is a failure that does not show it', async () => {
    write('.docker/config.json', config);
    const failure = await failureOf(answer(authoriser({}, () => ({ status: 401, body: 'id+token' })), bearer()));
    expect(failure).toMatchObject({ kind: 'outside', code: 'unauthorized' });
    expect(failure.shown).not.toContain('id+token');
  });

  test('does not go to a realm elsewhere', async () => {
    write('.docker/config.json', config);
    await answer(authoriser(), bearer('https://evil.example/token'));
    expect(sent.map(({ method, body, headers: { authorization } }) => ({ method, body, authorization }))).toEqual([{ method: 'GET', body: undefined, authorization: undefined }]);
  });
});

describe('credentials are for their own registry', () => {
  const config = { auths: { 'ghcr.io': auth('me:s3cret'), 'https://index.docker.io/v1/': auth('hub:s3cret') } };
  beforeEach(() => write('.docker/config.json', config));

  test.each(['https://evil.example/token', 'https://evil-ghcr.io/token', 'https://ghcr.io.evil.example/token', 'https://ghcr.io:444/token', 'https://ghcr.io./token', 'https://auth.docker.io/token'])('and not for the realm %s', async (realm) => {
    expect(await answer(authoriser(), bearer(realm))).toBe('Bearer t0ken');
    expect(headers()).toEqual([undefined]);
  });

  test('a realm elsewhere that wants them is a failure that says so', async () => {
    const failure = await failureOf(answer(authoriser({}, () => ({ status: 401 })), bearer('https://evil.example/token')));
    expect(failure).toMatchObject({ kind: 'outside', code: 'unauthorized' });
    expect(failure.shown).toContain('evil.example');
    expect(failure.shown).not.toMatch(/s3cret|bWU6/);
  });

  test.each(['https://ghcr.io/other', 'https://listed.example/token', 'https://listed.example:8443/token', 'https://port.example:444/token', 'http://listed.example/token'])('but for the realm %s, its own or a listed one', async (realm) => {
    await answer(authoriser({ allowedHosts: ['listed.example', 'port.example:444'] }), bearer(realm));
    expect(headers()).toEqual([basic('me:s3cret')]);
  });

  test('and listing one port lists no other', async () => {
    await answer(authoriser({ allowedHosts: ['port.example:444'] }), bearer('https://port.example/token'));
    expect(headers()).toEqual([undefined]);
  });

  test('Docker Hub has its partner', async () => {
    await answer(authoriser(), bearer('https://auth.docker.io/token'), { origin: 'https://registry-1.docker.io', repository: 'library/nginx' });
    await answer(authoriser(), bearer('https://auth.docker.io.evil.example/token'), { origin: 'https://registry-1.docker.io', repository: 'library/nginx' });
    await answer(authoriser(), bearer('https://auth.docker.io:444/token'), { origin: 'https://registry-1.docker.io', repository: 'library/nginx' });
    expect(headers()).toEqual([basic('hub:s3cret'), undefined, undefined]);
  });

  test.each(['http://ghcr.io/token', 'http://evil.example/token'])('nothing is asked in plain HTTP of %s', async (realm) => {
    expect(await failureOf(answer(authoriser(), bearer(realm)))).toMatchObject({ kind: 'unreadable', code: 'token-realm-refused' });
    expect(sent).toEqual([]);
  });

  test('but of a registry that is spoken to so', async () => {
    const config = write('plain.json', { auths: { 'localhost:5000': auth('me:s3cret') } });
    await answer(authoriser({ config }), bearer('http://localhost:5000/token'), { origin: 'http://localhost:5000' });
    expect(headers()).toEqual([basic('me:s3cret')]);
  });

  test.each(['https://127.0.0.1/token', 'https://2130706433/token', 'https://[::1]/token', 'https://[::ffff:10.0.0.1]/token', 'https://169.254.169.254/token', 'https://10.1.2.3/token', 'https://localhost/token', 'https://metadata.google.internal/token', 'https://vault/token'])('nothing is asked of %s, which is not public', async (realm) => {
    expect(await failureOf(answer(authoriser(), bearer(realm)))).toMatchObject({ kind: 'unreadable', code: 'token-realm-refused' });
    expect(sent).toEqual([]);
  });

  test('a listed range may be asked, but is not trusted', async () => {
    await answer(authoriser({ allowedHosts: ['10.0.0.0/8'] }), bearer('https://10.1.2.3/token'));
    expect(headers()).toEqual([undefined]);
  });

  test.each(['ftp://ghcr.io/token', 'https://user:pw@ghcr.io/token', 'https://user@ghcr.io/token', 'https://ghcr.io/token#x', 'https://ghcr.io/token#', '/token', 'token', 'javascript:1', 'file:///etc/passwd', `https://ghcr.io/${'a'.repeat(5_000)}`])('the realm %.40s is refused', async (realm) => {
    expect(await failureOf(answer(authoriser(), bearer(realm)))).toMatchObject({ kind: 'unreadable', code: 'bad-token-realm' });
    expect(sent).toEqual([]);
  });

  test.each(['https://evil-ghcr.io', 'https://ghcr.io.evil', 'https://ghcr.io:444', 'https://xghcr.io', 'http://ghcr.io:443'])('the registry %s gets nothing', async (origin) => {
    expect(await answer(authoriser(), 'Basic realm="x"', { origin })).toBeNull();
    await answer(authoriser(), bearer(`${origin}/token`), { origin });
    expect(headers()).toEqual([undefined]);
  });
});

describe('Basic', () => {
  test('gives the credentials of the origin, which are known afterwards', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': { username: 'me', password: 'a:b' } } });
    const by = authoriser();
    expect(await answer(by, 'Basic realm="x"')).toBe(basic('me:a:b'));
    expect(await by.headerFor({ origin: ORIGIN, repository: 'team/app' })).toBe(basic('me:a:b'));
    expect(sent).toEqual([]);
  });

  test('gives way to tokens, and unknown schemes to it', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('me:s3cret') } });
    expect(await answer(authoriser(), `Basic realm="x", ${bearer()}`)).toBe('Bearer t0ken');
    expect(await answer(authoriser(), 'Negotiate abc==, Basic realm="x"')).toBe(basic('me:s3cret'));
    for (const header of ['', 'Negotiate', 'Bearer', 'Digest realm="x"', '"']) expect(await answer(authoriser(), header)).toBeNull();
  });
});

describe('a docker config', () => {
  test.each([
    ['chosen', () => ({ config: write('chosen.json', { auths: { 'ghcr.io': auth('a:b') } }) })],
    ['in DOCKER_CONFIG', () => ({ environment: { DOCKER_CONFIG: dirname(write('d/config.json', { auths: { 'ghcr.io': auth('a:b') } })) } })],
    ['at home', () => ({ environment: { HOME: dirname(dirname(write('.docker/config.json', { auths: { 'ghcr.io': auth('a:b') } }))) } })],
    ['in REGISTRY_AUTH_FILE', () => ({ environment: { REGISTRY_AUTH_FILE: write('auth.json', { auths: { 'ghcr.io': auth('a:b') } }) } })],
    ['of this session', () => ({ environment: { XDG_RUNTIME_DIR: dirname(dirname(write('run/containers/auth.json', { auths: { 'ghcr.io': auth('a:b') } }))) } })],
    ['in the settings', () => ({ environment: { HOME: dirname(dirname(dirname(write('.config/containers/auth.json', { auths: { 'ghcr.io': auth('a:b') } })))) } })],
  ])('is found: %s', async (_, options) => {
    expect(await answer(authoriser(options()), 'Basic realm="x"')).toBe(basic('a:b'));
  });

  test('that was chosen is the only one', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('a:b') } });
    expect(await answer(authoriser({ config: write('empty.json', {}) }), 'Basic realm="x"')).toBeNull();
    expect(await answer(authoriser({ config: join(home, 'missing.json') }), 'Basic realm="x"')).toBeNull();
  });

  test.each([
    ['no JSON', '{"auths": s3cret'],
    ['a list', '["s3cret"]'],
    ['an auths that is none', '{"auths":"s3cret"}'],
    ['an entry without a colon', { auths: { 'ghcr.io': auth('s3cret') } }],
    ['an entry in no base64', { auths: { 'ghcr.io': { auth: '*s3cret*' } } }],
    ['an entry of another type', { auths: { 'ghcr.io': { auth: 5, password: 's3cret' } } }],
    ['a text as an entry', { auths: { 'ghcr.io': 's3cret' } }],
    ['too many bytes', `"s3cret${'x'.repeat(2 << 20)}"`],
  ])('with %s is a failure that does not show it', async (_, content) => {
    const path = write('.docker/config.json', content);
    for (const header of ['Basic realm="x"', bearer()]) {
      const failure = await failureOf(answer(authoriser(), header));
      expect(failure).toMatchObject({ kind: 'unreadable', code: 'bad-docker-config' });
      expect(failure.shown).toContain(path);
      expect(failure.shown).not.toMatch(/s3cret|czNjcmV0/);
    }
  });

  test('may hold a token for the registry itself, which no realm sees', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': { registrytoken: 'own' } } });
    expect(await answer(authoriser(), bearer('https://evil.example/token'))).toBe('Bearer own');
    expect(sent).toEqual([]);
  });

  test('in which a path is nearer than a host', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('host:x'), 'ghcr.io/team': auth('team:x'), 'ghcr.io/team/app': auth('app:x'), 'ghcr.io/te': auth('evil:x') } });
    const given = ['team/app', 'team/other', 'else/app'].map((repository) => answer(authoriser(), 'Basic realm="x"', { repository }));
    expect(await Promise.all(given)).toEqual([basic('app:x'), basic('team:x'), basic('host:x')]);
  });
});

describe('helpers', () => {
  function helper(name: string, script: string): Record<string, string> {
    chmodSync(write(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`), 0o755);
    return { HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  }
  const says = (user: string): string => `echo >> "${home}/asked"; printf '{"Username":"${user}","Secret":"x"}'`;

  test('for the host go before the one for all, and both before what is written', async () => {
    const environment = { ...helper('host', says('host')), ...helper('all', says('all')) };
    write('.docker/config.json', { credsStore: 'all', credHelpers: { 'ghcr.io': 'host' }, auths: { 'ghcr.io': auth('file:x'), 'other.example': {} } });
    expect(await answer(authoriser({ environment }), 'Basic realm="x"')).toBe(basic('host:x'));
    expect(await answer(authoriser({ environment }), 'Basic realm="x"', { origin: 'https://other.example' })).toBe(basic('all:x'));
    expect(await answer(authoriser({ environment }), 'Basic realm="x"', { origin: 'https://ghcr.io:444' })).toBe(basic('all:x'));
  });

  test('that have none leave what is written', async () => {
    const environment = helper('none', `printf 'credentials not found in native keychain'; exit 1`);
    write('.docker/config.json', { credsStore: 'none', auths: { 'ghcr.io': auth('file:x') } });
    expect(await answer(authoriser({ environment }), 'Basic realm="x"')).toBe(basic('file:x'));
  });

  test('are asked once for all repositories of a host', async () => {
    const environment = helper('all', says('all'));
    write('.docker/config.json', { credsStore: 'all' });
    const by = authoriser({ environment });
    await Promise.all(['a', 'b', 'c'].map((repository) => answer(by, 'Basic realm="x"', { repository })));
    expect(readFileSync(join(home, 'asked'), 'utf8')).toBe('\n');
  });

  test('that fail leave public images to be had, and are named where credentials are needed', async () => {
    write('.docker/config.json', { credsStore: 'missing' });
    expect(await answer(authoriser(), bearer())).toBe('Bearer t0ken');
    expect(await failureOf(answer(authoriser({}, () => ({ status: 401 })), bearer()))).toMatchObject({ kind: 'outside', code: 'credential-helper' });
    expect(await failureOf(answer(authoriser(), 'Basic realm="x"'))).toMatchObject({ kind: 'outside', code: 'credential-helper' });
  });

  test('with a path for a name are not run', async () => {
    const environment = helper('x', says('x'));
    write('.docker/config.json', { credsStore: `../bin/docker-credential-x` });
    expect(await failureOf(answer(authoriser({ environment }), 'Basic realm="x"'))).toMatchObject({ code: 'bad-docker-config' });
  });

  test('that a pull secret names are not run', async () => {
    const environment = helper('all', says('all'));
    const pullSecrets = [JSON.stringify({ auths: {}, credsStore: 'all', credHelpers: { 'ghcr.io': 'all' } })];
    expect(await answer(authoriser({ environment, pullSecrets }), 'Basic realm="x"')).toBeNull();
  });
});

describe('pull secrets', () => {
  const secret = (auths: object): string => JSON.stringify({ auths });

  test('go before the config, in both forms and by pattern', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('file:x'), 'a.example.com': auth('file:x') } });
    expect(await answer(authoriser({ pullSecrets: [secret({ 'ghcr.io': auth('new:x') })] }), 'Basic realm="x"')).toBe(basic('new:x'));
    expect(await answer(authoriser({ pullSecrets: [JSON.stringify({ 'https://ghcr.io/v1/': { ...auth('old:x'), email: 'a@b' } })] }), 'Basic realm="x"')).toBe(basic('old:x'));
    expect(await answer(authoriser({ pullSecrets: [secret({ '*.example.com/team': auth('glob:x') })] }), 'Basic realm="x"', { origin: 'https://a.example.com' })).toBe(basic('glob:x'));
    expect(await answer(authoriser({ pullSecrets: [secret({ '*.example.com': auth('glob:x') })] }), 'Basic realm="x"')).toBe(basic('file:x'));
  });

  test('are tried in order until the realm accepts one', async () => {
    const pullSecrets = [secret({ 'ghcr.io': auth('first:x') }), secret({ 'ghcr.io': auth('host:x'), 'ghcr.io/team': auth('team:x') })];
    write('.docker/config.json', { auths: { 'ghcr.io': auth('file:x') } });
    const by = authoriser({ pullSecrets }, ({ headers: { authorization } }) => (authorization === basic('file:x') ? { body: { token: 'last' } } : { status: 401 }));
    expect(await answer(by, bearer())).toBe('Bearer last');
    expect(headers()).toEqual(['first:x', 'team:x', 'host:x', 'file:x'].map(basic));
  });

  test('are tried in order until the registry accepts one', async () => {
    const pullSecrets = [secret({ 'ghcr.io': auth('a:x') }), secret({ 'ghcr.io': auth('b:x') })];
    const by = authoriser({ pullSecrets });
    let refused: string | undefined;
    const given: (string | null)[] = [];
    for (let step = 0; step < 3; step++) {
      const header = await answer(by, 'Basic realm="x"', refused === undefined ? {} : { refused });
      given.push(header);
      refused = header ?? '';
    }
    expect(given).toEqual([basic('a:x'), basic('b:x'), null]);
  });

  test('and requests that were refused at the same time go on with the same one', async () => {
    const by = authoriser({ pullSecrets: ['a:x', 'b:x', 'c:x'].map((pair) => secret({ 'ghcr.io': auth(pair) })) });
    await answer(by, 'Basic realm="x"');
    const together = await Promise.all(Array.from({ length: 5 }, () => answer(by, 'Basic realm="x"', { refused: basic('a:x') })));
    const late = await answer(by, 'Basic realm="x"', { refused: basic('a:x') });
    expect([...together, late]).toEqual(Array.from({ length: 6 }, () => basic('b:x')));
  });

  test('a failure of the service itself is not taken for a refusal', async () => {
    const pullSecrets = [secret({ 'ghcr.io': auth('a:x') }), secret({ 'ghcr.io': auth('b:x') })];
    expect(await failureOf(answer(authoriser({ pullSecrets }, () => ({ status: 503 })), bearer()))).toMatchObject({ code: 'http-503' });
    expect(sent).toHaveLength(1);
  });

  test('that are malformed are passed over, and named where nothing else helps', async () => {
    const pullSecrets = ['{"auths": s3cret', '[]', secret({ 'ghcr.io': { auth: 's3cret' } })];
    const failure = await failureOf(answer(authoriser({ pullSecrets }), 'Basic realm="x"'));
    expect(failure).toMatchObject({ kind: 'unreadable', code: 'bad-pull-secret' });
    expect(failure.shown).not.toContain('s3cret');
    write('.docker/config.json', { auths: { 'ghcr.io': auth('file:x') } });
    expect(await answer(authoriser({ pullSecrets }), 'Basic realm="x"')).toBe(basic('file:x'));
  });
});

test('nothing secret is shown by whoever shows an authoriser', async () => {
  const by = authoriser({ pullSecrets: [JSON.stringify({ auths: { 'ghcr.io': auth('me:s3cret') } })] }, () => ({ body: { token: 's3cret-token' } }));
  await answer(by, bearer());
  const shown = `${inspect(by, { depth: 20, showHidden: true, getters: true })}${JSON.stringify(by)}`;
  expect(shown).not.toMatch(new RegExp(`s3cret|${btoa('me:s3cret')}`));
});
