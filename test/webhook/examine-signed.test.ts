import { sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failing, on } from '../registry/faults.ts';
import { pack, part, putInto, type Packed } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { claims, publicPem, SIGNER, STRANGER } from '../support/cosign-2.ts';
import { carrierTo, NOW, openBench, policy, type Bench } from '../support/examiner.ts';
import { delimiter, hashesOf, payloadOf, rawOfSeed, section, signedModule } from '../support/wasm-signing.ts';
import { watToWasm } from '../support/wat.ts';

const PROOF = 400;
let registry: TestRegistry;
let bench: Bench;
beforeAll(async () => {
  registry = await startRegistry();
  bench = await openBench([registry], { workers: 1 }, { proofMilliseconds: PROOF });
});
afterAll(async () => {
  await bench.close();
  await registry.close();
});
afterEach(() => {
  registry.faults.length = 0;
  registry.requests.length = 0;
});

const DEMAND = 'level: baseline\nrules: { signature-missing: error }\nsignatures: { require: { anyOf: [release] }, authorities: [{ name: release, key: { file: keys/release.pem, transparencyLog: ignore } }] }';
const pem = (key: typeof SIGNER): Uint8Array => Buffer.from(publicPem(key));
const ASKED = policy(DEMAND, { 'keys/release.pem': pem(SIGNER) });
const OTHER = policy(DEMAND, { 'keys/release.pem': pem(STRANGER) }, 'other');

let count = 0;
/** A module of its own, so that nothing is known of it. */
function artifact(): { readonly repository: string; readonly packed: Packed; readonly reference: string } {
  const packed = wasmArtifact(watToWasm(`(module (func (export "f${++count}")))`));
  const repository = `signed/app-${count}`;
  putInto(registry, repository, 'v1', packed);
  return { repository, packed, reference: `${registry.host}/${repository}@${packed.digest}` };
}

/** The signature of a manifest as its tag says. */
function signManifest({ repository, packed: { digest } }: ReturnType<typeof artifact>, key = SIGNER): void {
  const document = claims(digest);
  const layer = { ...part('application/vnd.dev.cosign.simplesigning.v1+json', document), annotations: { 'dev.cosignproject.cosign/signature': sign('sha256', document, key).toString('base64') } };
  putInto(registry, repository, `${digest.replace(':', '-')}.sig`, pack({ config: part('application/vnd.oci.image.config.v1+json', {}), layers: [layer] }));
}

const status = async (reference: string, asked = ASKED): Promise<string> => {
  const [entry] = await bench.entries(carrierTo(reference), { policies: [asked] });
  return `${entry!.provenance.status} ${entry!.verdict}`;
};

describe('a signature in the registry', () => {
  test('is verified by a thread, against the keys that came with the policy', async () => {
    const signed = artifact();
    signManifest(signed);
    expect(await status(signed.reference)).toBe('trusted allow');
    expect(await status(signed.reference, OTHER)).toMatch(/^untrusted deny$|^invalid deny$/);
    expect(await status(artifact().reference)).toBe('absent deny');
    // Both at once, each with its own answer.
    const [found] = await bench.examine(carrierTo(signed.reference), { policies: [ASKED, OTHER] });
    expect([ASKED, OTHER].map((one) => found!.judge([one], NOW).verdict)).toEqual(['allow', 'deny']);
  });

  test('counts for a while without being asked for again, and then is looked for again, without the bytes', async () => {
    const signed = artifact();
    signManifest(signed);
    expect(await status(signed.reference)).toBe('trusted allow');
    registry.requests.length = 0;
    registry.faults.push(on('GET', /\.sig$/, failing(404)));
    expect(await status(signed.reference)).toBe('trusted allow');
    expect(registry.requests).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, PROOF * 1.5));
    expect(await status(signed.reference)).toBe('absent deny');
    const layer = /layers":\[\{"mediaType":"application\/wasm","digest":"(sha256:[0-9a-f]+)/.exec(Buffer.from(signed.packed.bytes).toString())![1]!;
    expect(registry.requests.map(({ path }) => path).filter((path) => path.includes(layer))).toEqual([]);
  });

  test('that could not be fetched is asked for again at once', async () => {
    const signed = artifact();
    signManifest(signed);
    registry.faults.push(on('GET', /\.sig$/, failing(403)));
    expect(await status(signed.reference)).toMatch(/^error deny$/);
    registry.faults.length = 0;
    expect(await status(signed.reference)).toBe('trusted allow');
  });

  test('of another policy is established without another scan', async () => {
    const signed = artifact();
    signManifest(signed);
    await bench.entries(carrierTo(signed.reference));
    const before = (await bench.metrics.moduleBytes.get()).values.find(({ metricName }) => metricName?.endsWith('_count'))?.value;
    expect(await status(signed.reference)).toBe('trusted allow');
    expect((await bench.metrics.moduleBytes.get()).values.find(({ metricName }) => metricName?.endsWith('_count'))?.value).toBe(before);
  });
});

test('a policy whose key is missing or none trusts nobody', async () => {
  const signed = artifact();
  signManifest(signed);
  expect(await status(signed.reference, policy(DEMAND, {}, 'without'))).toBe('error deny');
  expect(await status(signed.reference, policy(DEMAND, { 'keys/release.pem': Buffer.from('no key') }, 'broken'))).toBe('error deny');
});

test('a policy that nobody was asked for is never told that nobody signed', async () => {
  const [found] = await bench.examine(carrierTo(artifact().reference), { policies: [ASKED] });
  expect(found!.judge([OTHER], NOW)).toMatchObject({ verdict: 'error', blocked: true });
});

test('a signature inside the bytes counts for every pod under its own name', async () => {
  const sections = [section(1, Uint8Array.of(0)), delimiter(1)];
  const payload = payloadOf([{ hashes: hashesOf(sections), signers: [{ seed: 1 }] }]);
  const bytes = signedModule(sections, payload);
  const asked = policy('level: baseline\nrules: { signature-missing: error }\nsignatures: { require: { anyOf: [in] }, authorities: [{ name: in, wasmSignature: { keys: [{ file: k }] } }] }', { k: rawKey() }, 'inside');
  for (const name of ['one', 'two']) {
    const [entry] = await bench.entries(carrierTo('sha256:0', { scheme: 'inline', kind: 'ConfigMap', process: null, bytes, name, file: `${name}.yaml` }), { policies: [asked] });
    expect(entry!.provenance.signatures.map(({ where }) => where)).toEqual([`${name}.yaml#/spec/containers/0/image`]);
    expect(entry!.provenance.status).toBe('trusted');
  }
});

function rawKey(): Uint8Array {
  return Buffer.concat([Uint8Array.of(1), rawOfSeed(1)]);
}
