import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PUBLIC_GOOD_ROOT } from '../../scanner/signature/public-good-root.generated.ts';
import { runHere, type RunHere } from '../support/run-here.ts';

/** A TUF repository (specification 1.0) on loopback, with one key for every role. */
interface Repository {
  readonly files: Map<string, string>;
  readonly root: string;
}

let folder: string;
let server: Server;
let repository: Repository;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-trust-'));
  repository = madeRepository(PUBLIC_GOOD_ROOT);
  server = createServer((request, response) => {
    const text = repository.files.get(request.url ?? '');
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(folder, 'root.json'), repository.root);
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const update = (...args: string[]): Promise<RunHere> => runHere(['trust', 'update', '--mirror-url', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...args], { cwd: folder });

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical((value as Record<string, unknown>)[key])}`).join()}}`;
}

function signed(body: object, key: { readonly id: string; readonly privateKey: KeyObject }): string {
  return JSON.stringify({ signatures: [{ keyid: key.id, sig: sign(null, Buffer.from(canonical(body)), key.privateKey).toString('hex') }], signed: body });
}

function madeRepository(target: string): Repository {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keyval = { public: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex') };
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval };
  const id = createHash('sha256').update(canonical(key)).digest('hex');
  const common = { spec_version: '1.0.31', version: 1, expires: '2099-01-01T00:00:00Z' };
  const role = { keyids: [id], threshold: 1 };
  const own = { id, privateKey };
  const root = signed({ _type: 'root', ...common, consistent_snapshot: false, keys: { [id]: key }, roles: { root: role, timestamp: role, snapshot: role, targets: role } }, own);
  const targets = signed({ _type: 'targets', ...common, targets: { 'trusted_root.json': { length: Buffer.byteLength(target), hashes: { sha256: createHash('sha256').update(target).digest('hex') } } } }, own);
  const snapshot = signed({ _type: 'snapshot', ...common, meta: { 'targets.json': { version: 1 } } }, own);
  const timestamp = signed({ _type: 'timestamp', ...common, meta: { 'snapshot.json': { version: 1 } } }, own);
  return { root, files: new Map([['/timestamp.json', timestamp], ['/snapshot.json', snapshot], ['/targets.json', targets], ['/targets/trusted_root.json', target]]) };
}

test('a trusted root is fetched and written', async () => {
  const { code, stderr } = await update('--root', 'root.json', 'fresh.json');
  expect([code, stderr.includes('Wrote fresh.json')]).toEqual([0, true]);
  expect(JSON.parse(readFileSync(join(folder, 'fresh.json'), 'utf8'))).toEqual(JSON.parse(PUBLIC_GOOD_ROOT));
});

test.each<[string, () => void]>([
  ['the target was changed', () => repository.files.set('/targets/trusted_root.json', PUBLIC_GOOD_ROOT.replace('rekor', 'recor'))],
  ['metadata is signed by somebody else', () => repository.files.set('/timestamp.json', madeRepository('x').files.get('/timestamp.json')!)],
  ['the repository does not answer', () => repository.files.clear()],
])('nothing is written where %s', async (_, tamper) => {
  tamper();
  const { code } = await update('--root', 'root.json', 'fresh.json');
  expect([code, existsSync(join(folder, 'fresh.json'))]).toEqual([4, false]);
});

test('what is fetched must be a trusted root', async () => {
  repository = madeRepository('{}');
  writeFileSync(join(folder, 'root.json'), repository.root);
  const { code } = await update('--root', 'root.json', 'fresh.json');
  expect([code, existsSync(join(folder, 'fresh.json'))]).toEqual([4, false]);
});

test('another repository needs its root', async () => {
  expect((await update('fresh.json')).code).toBe(2);
});
