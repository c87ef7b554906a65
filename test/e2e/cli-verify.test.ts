import { Ajv2020 } from 'ajv/dist/2020.js';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failing, on } from '../registry/faults.ts';
import { EMPTY, pack, part, putInto } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { ROOT } from '../support/imports.ts';
import { runHere, type RunHere } from '../support/run-here.ts';
import { watToWasm } from '../support/wat.ts';

const WASM = watToWasm('(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))');
const OTHER = watToWasm('(module (func (export "sub") (param i32 i32) (result i32) local.get 0 local.get 1 i32.sub))');
const schema = (name: string): object => JSON.parse(readFileSync(join(ROOT, 'docs/schema', name), 'utf8')) as object;

interface Verified {
  readonly artifact: { readonly name: string; readonly digest: string };
  readonly provenance: { readonly status: string; readonly authorities: readonly string[]; readonly signatures: readonly { readonly form: string; readonly status: string; readonly code: string; readonly covers: string }[]; readonly attestations: readonly { readonly status: string }[] };
}

let folder: string;
let registry: TestRegistry;
const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content);
const run = (...args: string[]): Promise<RunHere> => runHere(args, { cwd: folder, env: { HOME: folder, XDG_CACHE_HOME: folder, DOCKER_CONFIG: folder } });
const oci = (path: string): string => `oci://${registry.host}/acme/${path}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-verify-'));
  registry = await startRegistry();
  for (const name of ['good', 'bad']) keyFiles(name, generateKeyPairSync('ed25519'));
  keyFiles('curve', generateKeyPairSync('ec', { namedCurve: 'P-384' }));
  put('app.wasm', WASM);
  put('other.wasm', OTHER);
  put('policy.yaml', policy('policy', 'signatures: { authorities: [{ name: release, key: { file: good.pub, transparencyLog: ignore } }] }'));
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});

function keyFiles(name: string, { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): void {
  put(`${name}.key`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  put(`${name}.pub`, publicKey.export({ type: 'spki', format: 'pem' }));
}

function policy(name: string, spec: string): string {
  return `apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: ${name} }\nspec:\n  ${spec.replaceAll('\n', '\n  ')}\n`;
}

async function verified(...args: string[]): Promise<{ readonly code: number; readonly results: readonly Verified[] }> {
  const { code, stdout, stderr } = await run('verify', '--format', 'json', '--insecure-registry', registry.host, ...args);
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as { results: Verified[] };
  const valid = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema('verify.schema.json'));
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  return { code, results: report.results };
}

/** A module in the registry with an attestation of its manifest as referrer, as cosign 3 attaches it. */
async function attested(name: string, key: string): Promise<string> {
  const packed = wasmArtifact(WASM);
  const digest = putInto(registry, `acme/${name}`, 'v1', packed);
  const { stdout } = await run('attest', oci(`${name}@${digest}`), '--key', key, '--insecure-registry', registry.host, '--no-cache');
  const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  putInto(registry, `acme/${name}`, null, pack({ config: EMPTY, layers: [part(type, stdout.trim())], artifactType: type, subject: packed }));
  return digest;
}

const SCAN_TYPE = 'https://wasmgate.dev/attestation/scan/v1';

describe('attest', () => {
  test('the statement names the bytes, and the predicate is as its schema says', async () => {
    const { code, stdout } = await run('attest', 'app.wasm');
    const statement = JSON.parse(stdout) as { _type: string; subject: { name: string; digest: { sha256: string } }[]; predicateType: string; predicate: { verdict: string } };
    const valid = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema('attestation.schema.json'));
    expect(valid(statement.predicate), JSON.stringify(valid.errors)).toBe(true);
    expect([code, statement._type, statement.predicateType, statement.subject.map(({ name }) => name), statement.predicate.verdict]).toEqual([0, 'https://in-toto.io/Statement/v1', SCAN_TYPE, ['app.wasm'], 'allow']);
  });

  test('of an artifact in a registry the manifest is a subject too', async () => {
    const digest = putInto(registry, 'acme/plain', 'v1', wasmArtifact(WASM));
    const { stdout } = await run('attest', oci('plain:v1'), '--insecure-registry', registry.host, '--no-cache');
    expect((JSON.parse(stdout) as { subject: { digest: { sha256: string } }[] }).subject.map((one) => `sha256:${one.digest.sha256}`)).toContain(digest);
  });

  test.each(['good', 'curve'])('a bundle signed with the %s key verifies, for these bytes and this key alone', async (key) => {
    put(`${key}.bundle`, (await run('attest', 'app.wasm', '--key', `${key}.key`)).stdout);
    const ask = (target: string, by: string): Promise<{ readonly code: number; readonly results: readonly Verified[] }> => verified(target, '--bundle', `${key}.bundle`, '--key', `${by}.pub`, '--insecure-ignore-tlog', '--type', SCAN_TYPE);
    expect((await ask('app.wasm', key)).code).toBe(0);
    expect((await ask('other.wasm', key)).results[0]!.provenance.status).toBe('invalid');
    expect((await ask('app.wasm', 'bad')).code).toBe(1);
  });

  test.each([
    ['a public key', 'good.pub'],
    ['no key', 'app.wasm'],
    ['a file that is not there', 'none.key'],
  ])('%s cannot sign', async (_, file) => {
    expect((await run('attest', 'app.wasm', '--key', file)).code).toBe(2);
  });
});

describe('verify', () => {
  test('asking nothing is a usage error, and so is half an identity', async () => {
    expect((await run('verify', 'app.wasm')).code).toBe(2);
    expect((await run('verify', 'app.wasm', '--certificate-identity', 'a')).code).toBe(2);
    expect((await run('verify', 'app.wasm', '--key', 'good.pub', '--policy', 'policy.yaml')).code).toBe(2);
    expect((await run('verify', 'app.wasm', '--policy', 'baseline')).code).toBe(2);
  });

  test('a private key or a certificate is refused by name', async () => {
    const { code, stderr } = await run('verify', 'app.wasm', '--key', 'good.key');
    expect([code, /private key/i.test(stderr)]).toEqual([2, true]);
  });

  test('without any signature the answer is absent', async () => {
    const { code, results } = await verified('other.wasm', '--key', 'good.pub', '--insecure-ignore-tlog');
    expect([code, results[0]!.provenance.status]).toEqual([1, 'absent']);
  });

  test('a detached signature counts for its key', async () => {
    const { sign } = await import('node:crypto');
    put('signed.wasm', WASM);
    put('signed.wasm.sig', sign(null, WASM, readFileSync(join(folder, 'good.key'), 'utf8')).toString('base64'));
    const good = await verified('signed.wasm', '--key', 'good.pub', '--insecure-ignore-tlog');
    expect([good.code, good.results[0]!.provenance.status, good.results[0]!.provenance.authorities]).toEqual([0, 'trusted', ['key good.pub']]);
    expect((await verified('signed.wasm', '--key', 'bad.pub', '--insecure-ignore-tlog')).code).toBe(1);
    expect((await verified('signed.wasm', '--key', 'good.pub')).code).toBe(1);
  });

  test('an attestation is found by referrers, and is no signature', async () => {
    const digest = await attested('app', 'good.key');
    const typed = await verified(oci(`app@${digest}`), '--key', 'good.pub', '--insecure-ignore-tlog', '--type', SCAN_TYPE);
    const plain = await verified(oci(`app@${digest}`), '--key', 'good.pub', '--insecure-ignore-tlog');
    expect([typed.code, typed.results[0]!.provenance.status]).toEqual([0, 'trusted']);
    expect([plain.code, plain.results[0]!.provenance.status]).toEqual([1, 'absent']);
    expect((await verified(oci(`app@${digest}`), '--key', 'good.pub', '--insecure-ignore-tlog', '--type', 'slsaprovenance1')).code).toBe(1);
  });

  test('a registry that fails is another answer than one without signatures', async () => {
    const digest = putInto(registry, 'acme/failing', 'v1', wasmArtifact(WASM));
    registry.faults.push(on('GET', /\/acme\/failing\/(referrers\/|manifests\/sha256-)/, failing(503)));
    const { code, results } = await verified(oci(`failing@${digest}`), '--key', 'good.pub', '--insecure-ignore-tlog', '--fetch-timeout', '2');
    registry.faults.length = 0;
    expect([code, results[0]!.provenance.status]).toEqual([4, 'error']);
  });

  test('what a policy asks is put by --policy', async () => {
    expect((await verified('signed.wasm', '--policy', 'policy.yaml')).code).toBe(0);
    expect((await verified('other.wasm', '--policy', 'policy.yaml')).code).toBe(1);
  });
});

describe('scan', () => {
  const scan = async (...args: string[]): Promise<{ readonly code: number; readonly entries: readonly { readonly verdict: string; readonly provenance: { readonly status: string; readonly authorities: readonly string[] }; readonly findings: readonly { readonly rule: string; readonly severity: string }[] }[] }> => {
    const { code, stdout, stderr } = await run('scan', '--format', 'json', '--insecure-registry', registry.host, ...args);
    if (stdout === '') throw new Error(stderr);
    return { code, entries: (JSON.parse(stdout) as { results: never[] }).results };
  };

  test('a policy with authorities allows what they signed and denies the rest', async () => {
    const good = await scan('signed.wasm', '--policy', 'policy.yaml');
    const none = await scan('other.wasm', '--policy', 'policy.yaml');
    expect([good.code, good.entries[0]!.provenance.status, good.entries[0]!.provenance.authorities]).toEqual([0, 'trusted', ['release']]);
    expect([none.code, none.entries[0]!.provenance.status, none.entries[0]!.findings.some(({ rule, severity }) => rule === 'signature-missing' && severity === 'error')]).toEqual([1, 'absent', true]);
  });

  test('the text for people says who vouches', async () => {
    const { stdout } = await run('scan', 'signed.wasm', '--policy', 'policy.yaml');
    expect(stdout).toContain('Vouched for by release');
  });

  test('level restricted passes a pure computation once it is signed', async () => {
    put('strict.yaml', policy('strict', 'level: restricted\nsignatures: { authorities: [{ name: release, key: { file: good.pub, transparencyLog: ignore } }] }'));
    expect((await scan('signed.wasm', '--policy', 'strict.yaml')).code).toBe(0);
  });

  test('bytes that changed after signing are denied', async () => {
    put('changed.wasm', OTHER);
    put('changed.wasm.sig', readFileSync(join(folder, 'signed.wasm.sig')));
    const { code, entries } = await scan('changed.wasm', '--policy', 'policy.yaml');
    // A signature alone says nothing of its key, so this one may be by somebody else as well.
    expect([code, entries[0]!.provenance.status]).toEqual([1, 'untrusted']);
  });

  test('an attestation with a condition that holds is enough, one that fails is not', async () => {
    const digest = await attested('conditional', 'good.key');
    const asking = (cel: string): string => policy('gate', `signatures: { authorities: [{ name: gate, key: { file: good.pub, transparencyLog: ignore } }] }\nattestations: [{ type: "${SCAN_TYPE}", authorities: [gate], cel: '${cel}' }]\nrules: { signature-missing: "off" }`);
    put('holds.yaml', asking('predicate.verdict == "allow"'));
    put('fails.yaml', asking('predicate.verdict == "deny"'));
    const unmet = async (file: string): Promise<boolean> => (await scan(oci(`conditional@${digest}`), '--policy', file, '--no-cache')).entries[0]!.findings.some(({ rule }) => rule === 'provenance-policy-unmet');
    expect([await unmet('holds.yaml'), await unmet('fails.yaml')]).toEqual([false, true]);
  });

  test('a key that cannot be read is told before anything is judged', async () => {
    put('broken.yaml', policy('broken', 'signatures: { authorities: [{ name: release, key: { file: nowhere.pub } }] }'));
    const { code, stdout, stderr } = await run('scan', 'app.wasm', '--policy', 'broken.yaml');
    expect([code, stdout, /broken.*release.*nowhere\.pub/s.test(stderr)]).toEqual([2, '', true]);
  });
});
