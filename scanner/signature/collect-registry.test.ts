import { afterEach, describe, expect, test } from 'vitest';
import { descriptor, EMPTY, OCI_CONFIG, OCI_INDEX, pack, packIndex, part, putInto, type Packed, type Part } from '../../test/registry/pack.ts';
import { endlessPages, failing, on, resetting } from '../../test/registry/faults.ts';
import { startRegistry, type RegistryServerOptions, type TestRegistry } from '../../test/registry/server.ts';
import { closeClientsAfterEach, quickClient, sha } from '../../test/support/client.ts';
import { claims, keyAuthority, NOW, SIGNER, simpleSigning } from '../../test/support/cosign-2.ts';
import { LIMITS } from '../wasm/limits.ts';
import { collectFromRegistry } from './collect-registry.ts';
import type { Candidate, SignedThing } from './subject.ts';
import { verifyCandidate } from './verify-candidate.ts';

closeClientsAfterEach();
const running: TestRegistry[] = [];
afterEach(async () => {
  for (const registry of running.splice(0)) await registry.close();
});

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const NOTARY = 'application/vnd.cncf.notary.signature';
const SIMPLE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const DSSE = 'application/vnd.dsse.envelope.v1+json';

const IMAGE = pack({ config: part('application/vnd.wasm.config.v0+json', {}), layers: [part('application/wasm', 'wasm')] });
const OTHER = pack({ config: EMPTY, layers: [], annotations: { other: 'yes' } });
const bundle = (mark = '', subject = IMAGE): Packed => pack({ config: EMPTY, artifactType: BUNDLE, subject, layers: [part(BUNDLE, { bundle: mark })] });
const layer = (mark: string | number, type = SIMPLE): Part => ({ ...part(type, { mark }), annotations: { mark: String(mark) } });
const config = part(OCI_CONFIG, {});
const tagOf = ({ digest }: Packed, suffix = ''): string => `${digest.replace(':', '-')}${suffix}`;

async function registry(options: RegistryServerOptions = {}): Promise<TestRegistry> {
  const started = await startRegistry(options);
  running.push(started);
  putInto(started, 'acme/app', 'v1', IMAGE);
  return started;
}

const thing = ({ digest, bytes, mediaType }: Packed): SignedThing => ({ kind: 'manifest', digests: { sha256: digest.slice(7) }, bytes, mediaType, size: bytes.length });
const collect = (server: TestRegistry, ...manifests: Packed[]): Promise<readonly Candidate[]> =>
  collectFromRegistry({ client: quickClient([server]), repository: `${server.host}/acme/app`, manifests: (manifests.length > 0 ? manifests : [IMAGE]).map(thing) });

/** `form where` or `status code where`, with the repository left out. */
const lines = (candidates: readonly Candidate[]): string[] => candidates.map((one) => `${one.form === 'unknown' ? `${one.status} ${one.code}` : one.form} ${one.where.replace(/^127[^/]*\/acme\/app:/, ':')}`);

/** The list that cosign 3.0 writes on registries without referrers: the type of the empty config in place of the artifact's. */
function fallback(server: TestRegistry, subject: Packed, referrers: readonly Packed[], artifactType = 'application/vnd.oci.empty.v1+json'): void {
  for (const referrer of referrers) putInto(server, 'acme/app', null, referrer);
  server.put('acme/app', tagOf(subject), { schemaVersion: 2, mediaType: OCI_INDEX, manifests: referrers.map((packed) => ({ ...descriptor(packed), artifactType })) }, [], OCI_INDEX);
}

const FORMS: readonly (readonly [string, Packed, readonly string[]])[] = [
  ['a Sigstore bundle', bundle(), ['sigstore-bundle']],
  ['a bundle that only its layer shows', pack({ config: EMPTY, subject: IMAGE, layers: [part(BUNDLE, {})] }), ['sigstore-bundle']],
  ['Notary Project JWS', pack({ config: EMPTY, artifactType: NOTARY, subject: IMAGE, layers: [part('application/jose+json', {})] }), ['notation-jws']],
  ['Notary Project COSE', pack({ config: EMPTY, artifactType: NOTARY, subject: IMAGE, layers: [part('application/cose', 'x')] }), ['notation-cose']],
  ['Notary Project with the old config', pack({ config: part(NOTARY, '{}'), subject: IMAGE, layers: [part('application/jose+json', {})] }), ['notation-jws']],
  ['simple signing as a referrer', pack({ config: part('application/vnd.dev.cosign.artifact.sig.v1+json', {}), subject: IMAGE, layers: [layer(1), layer(2)] }), ['cosign-signature', 'cosign-signature']],
  ['an envelope as a referrer', pack({ config: EMPTY, artifactType: 'application/vnd.in-toto+json', subject: IMAGE, layers: [layer(1, DSSE)] }), ['cosign-attestation']],
  ['an envelope under the type of statements', pack({ config: EMPTY, subject: IMAGE, layers: [part('application/vnd.in-toto+json', { payloadType: '', payload: '', signatures: [] })] }), ['cosign-attestation']],
  ['a bare statement', pack({ config: EMPTY, subject: IMAGE, layers: [part('application/vnd.in-toto+json', { _type: 'https://in-toto.io/Statement/v1' })] }), []],
  ['a bill of materials', pack({ config: EMPTY, artifactType: 'application/spdx+json', subject: IMAGE, layers: [part('application/spdx+json', {})] }), []],
];

describe('referrers', () => {
  test.each(FORMS)('hold %s, whichever way the registry lists them', async (_name, packed, forms) => {
    const withApi = await registry();
    putInto(withApi, 'acme/app', null, packed);
    const without = await registry({ referrers: 'none' });
    fallback(without, IMAGE, [packed]);
    for (const server of [withApi, without]) {
      const found = await collect(server);
      expect(found.map(({ form }) => form)).toEqual(forms);
      expect(found.every(({ where, about }) => where === packed.digest && about.digests.sha256 === IMAGE.digest.slice(7))).toBe(true);
    }
  });

  test('bring the bytes and annotations of their layer', async () => {
    const server = await registry();
    putInto(server, 'acme/app', null, FORMS[5]![1]);
    expect(await collect(server)).toMatchObject([{ payload: layer(1).bytes, annotations: { mark: '1' } }, { payload: layer(2).bytes, annotations: { mark: '2' } }]);
  });

  test('are looked at together with the tags, on every page', async () => {
    const server = await registry({ pageSize: 1 });
    for (const mark of ['a', 'b', 'c']) putInto(server, 'acme/app', null, bundle(mark));
    putInto(server, 'acme/app', tagOf(IMAGE, '.sig'), pack({ config, layers: [layer(1)] }));
    expect((await collect(server)).map(({ form }) => form)).toEqual(['sigstore-bundle', 'sigstore-bundle', 'sigstore-bundle', 'cosign-signature']);
  });

  test('of the index are looked at as well, each about its own digest', async () => {
    const server = await registry();
    const index = packIndex([{ packed: IMAGE }]);
    putInto(server, 'acme/app', 'v2', index);
    const above = bundle('index', index);
    putInto(server, 'acme/app', null, above);
    putInto(server, 'acme/app', null, bundle('manifest'));
    expect((await collect(server, IMAGE, index)).map(({ where, about }) => [where, about.digests.sha256])).toEqual([[bundle('manifest').digest, IMAGE.digest.slice(7)], [above.digest, index.digest.slice(7)]]);
  });

  test.each<[string, Packed]>([['another', bundle('', OTHER)], ['no', pack({ config: EMPTY, artifactType: BUNDLE, layers: [part(BUNDLE, {})] })]])('with %s subject are refused, though a list has them', async (_name, packed) => {
    const server = await registry({ referrers: 'none' });
    fallback(server, IMAGE, [packed], BUNDLE);
    expect(lines(await collect(server))).toEqual([`invalid subject-mismatch ${packed.digest}`]);
  });

  test.each<[string, string, Packed]>([
    ['two bundles', 'invalid layer-count', pack({ config: EMPTY, artifactType: BUNDLE, subject: IMAGE, layers: [part(BUNDLE, '1'), part(BUNDLE, '2')] })],
    ['no layer', 'invalid layer-count', pack({ config: EMPTY, artifactType: BUNDLE, subject: IMAGE, layers: [] })],
    ['another layer than it says', 'unsupported layer-type', pack({ config: EMPTY, artifactType: BUNDLE, subject: IMAGE, layers: [part('text/plain', 'x')] })],
    ['an unknown envelope', 'unsupported layer-type', pack({ config: EMPTY, artifactType: NOTARY, subject: IMAGE, layers: [part('application/pgp', 'x')] })],
    ['a layer without size', 'invalid malformed', pack({ config: EMPTY, artifactType: BUNDLE, subject: IMAGE, layers: [], more: { layers: [{ mediaType: BUNDLE, digest: sha('x') }] } })],
    ['a layer of another size', 'invalid size-mismatch', pack({ config: EMPTY, artifactType: BUNDLE, subject: IMAGE, layers: [part(BUNDLE, 'x')], more: { layers: [{ ...descriptor(part(BUNDLE, 'x')), size: 9 }] } })],
    ['a huge layer', 'unsupported too-large', pack({ config: EMPTY, artifactType: BUNDLE, subject: IMAGE, layers: [part(BUNDLE, new Uint8Array(LIMITS.signatureBytes + 1))] })],
  ])('with %s are told', async (_name, told, packed) => {
    const server = await registry();
    putInto(server, 'acme/app', null, packed);
    expect(lines(await collect(server))).toEqual([`${told} ${packed.digest}`]);
    if (told.endsWith('too-large')) expect(server.count('GET', /\/blobs\//)).toBe(0);
  });

  test('are tried up to the limit, and the rest is told', async () => {
    const server = await registry();
    for (let mark = 0; mark <= LIMITS.signatures; mark += 1) putInto(server, 'acme/app', null, bundle(String(mark)));
    const found = await collect(server);
    expect(found.filter(({ form }) => form === 'sigstore-bundle')).toHaveLength(LIMITS.signatures);
    expect(found.at(-1)).toMatchObject({ form: 'unknown', status: 'unsupported', code: 'too-many-signatures' });
  });

  test('in pages without end are an error, and the tags are still read', async () => {
    const server = await registry({ faults: [on('GET', /\/referrers\//, endlessPages(() => ({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] })))] });
    putInto(server, 'acme/app', tagOf(IMAGE, '.sig'), pack({ config, layers: [layer(1)] }));
    expect(lines(await collect(server))).toEqual([`error too-many referrers of ${IMAGE.digest}`, `cosign-signature :${tagOf(IMAGE, '.sig')}`]);
    expect(server.count('GET', /\/referrers\//)).toBe(LIMITS.referrerPages);
  });
});

describe('tags', () => {
  test('hold signatures and attestations, a layer each', async () => {
    const server = await registry();
    putInto(server, 'acme/app', tagOf(IMAGE, '.sig'), pack({ config, layers: [layer(1), layer(2)] }));
    putInto(server, 'acme/app', tagOf(IMAGE, '.att'), pack({ config, layers: [layer(3, DSSE), part('text/plain', 'x')] }));
    const sig = `cosign-signature :${tagOf(IMAGE, '.sig')}`;
    expect(lines(await collect(server))).toEqual([sig, sig, `cosign-attestation :${tagOf(IMAGE, '.att')}`]);
  });

  test('with another subject are refused', async () => {
    const server = await registry();
    putInto(server, 'acme/app', tagOf(IMAGE, '.sig'), pack({ config, subject: OTHER, layers: [layer(1)] }));
    expect(lines(await collect(server))).toEqual([`invalid subject-mismatch :${tagOf(IMAGE, '.sig')}`]);
  });

  test('with 10,000 layers are tried up to the limit', async () => {
    const server = await registry();
    putInto(server, 'acme/app', tagOf(IMAGE, '.sig'), pack({ config, layers: Array.from({ length: 10_000 }, (_value, index) => layer(index)) }));
    const found = await collect(server);
    expect(found.filter(({ form }) => form === 'cosign-signature')).toHaveLength(LIMITS.signatures);
    expect(found.at(-1)).toMatchObject({ code: 'too-many-signatures', reason: `Only the first ${LIMITS.signatures} of 10000 signatures were tried` });
    expect(server.count('GET', /\/blobs\//)).toBe(LIMITS.signatures);
  });

  test('whose layer is missing are an error and not unsigned', async () => {
    const server = await registry();
    server.put('acme/app', tagOf(IMAGE, '.sig'), pack({ config, layers: [layer(1)] }).bytes);
    expect(lines(await collect(server))).toEqual([`error not-found :${tagOf(IMAGE, '.sig')}`]);
  });

  test('whose layer has other bytes are invalid', async () => {
    const server = await registry();
    server.put('acme/app', tagOf(IMAGE, '.sig'), pack({ config, layers: [layer(1)] }).bytes);
    server.forge('acme/app', sha(layer(1).bytes), layer(2).bytes);
    expect(lines(await collect(server))).toEqual([`invalid digest-mismatch :${tagOf(IMAGE, '.sig')}`]);
  });
});

describe('a registry', () => {
  test('without signatures gives none', async () => {
    for (const referrers of ['api', 'none'] as const) expect(await collect(await registry({ referrers }))).toEqual([]);
  });

  test.each<[string, Parameters<typeof on>[2], string]>([['is down', failing(503), 'http-503'], ['forbids', failing(403), 'forbidden'], ['hangs up', resetting(), 'network']])('that %s is an error and not one without signatures', async (_name, twist, code) => {
    const server = await registry({ faults: [on('GET', /\/(manifests|referrers)\//, twist)] });
    const found = await collect(server);
    expect(found).toHaveLength(3);
    expect(found.every((one) => one.form === 'unknown' && one.status === 'error' && one.code === code)).toBe(true);
  });

  test('that fails again and again is left alone', async () => {
    const server = await registry();
    for (let mark = 0; mark < 30; mark += 1) putInto(server, 'acme/app', null, bundle(String(mark)));
    server.faults.push(on('GET', /\/blobs\//, failing(503)));
    const found = await collect(server);
    expect(found.every((one) => one.form === 'unknown' && one.status === 'error')).toBe(true);
    expect(found).toHaveLength(30);
    expect(server.count('GET', /\/blobs\//)).toBeLessThan(30);
  });

  test('of no such name is an error', async () => {
    expect(await collectFromRegistry({ client: quickClient([]), repository: 'NOT A NAME', manifests: [thing(IMAGE)] })).toMatchObject([{ form: 'unknown', status: 'error', code: 'bad-reference' }]);
  });
});

describe('what was found', () => {
  const signed = (digest: string): Packed => {
    const { payload, annotations } = simpleSigning(claims(digest), { key: SIGNER, log: true });
    return pack({ config, layers: [{ ...part(SIMPLE, payload), annotations }] });
  };

  test('is verified about the digest that was asked for, whatever tag it lies under', async () => {
    const index = packIndex([{ packed: IMAGE }]);
    const server = await registry();
    putInto(server, 'acme/app', 'v2', index);
    putInto(server, 'acme/app', tagOf(index, '.sig'), signed(index.digest));
    putInto(server, 'acme/app', tagOf(IMAGE, '.sig'), signed(index.digest));
    const found = await collect(server, IMAGE, index);
    expect(found.flatMap((candidate) => verifyCandidate(candidate, [keyAuthority([SIGNER])], NOW)).map(({ status, code, where }) => `${status} ${code} ${where.slice(-75)}`))
      .toEqual([`invalid digest-mismatch ${tagOf(IMAGE, '.sig')}`, `trusted ok ${tagOf(index, '.sig')}`]);
  });
});
