import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { policyOf } from '../../test/support/policy.ts';
import type { SignatureDemand } from '../signature-demand.ts';
import { faultText, resolveAuthorities, usedTrustRoots, type AuthoritySources, type ResolvedAuthorities } from './authorities.ts';
import type { TrustRoot } from './trust-root.ts';

// An authority and a signer of ours, made with openssl for a hundred years.
const CA = `-----BEGIN CERTIFICATE-----
MIIBtjCCAV2gAwIBAgIUHUZzVqw/Ui9k5sb3ff1DqGiRErMwCgYIKoZIzj0EAwIw
MDELMAkGA1UEBhMCREUxDTALBgNVBAoMBGFjbWUxEjAQBgNVBAMMCWFjbWUgcm9v
dDAgFw0yNjExMjQyMDMwMzJaGA8yMTI2MTAzMTIwMzAzMlowMDELMAkGA1UEBhMC
REUxDTALBgNVBAoMBGFjbWUxEjAQBgNVBAMMCWFjbWUgcm9vdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABOhl84OM7lSItCx1Mb85bi/fjDVVdhpII+s/GYQaYxD3
UaGACYVFlki8U89ZmKhZfXhg7LfK+vFitqHRVoJYl7ujUzBRMB0GA1UdDgQWBBQS
DQq3xBqjAsKy9HKjfNMKqHeuGjAfBgNVHSMEGDAWgBQSDQq3xBqjAsKy9HKjfNMK
qHeuGjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIEk/VAyYUopd
5RNv+aBv0ooGX0mfO/2ksafuLnUoPRoeAiB2gSs/5ZOpgNu7qWBOKF7dWTIvMtqV
6pe6QF/xZ11cLQ==
-----END CERTIFICATE-----
`;
const LEAF = `-----BEGIN CERTIFICATE-----
MIIBsDCCAVegAwIBAgIUNMbRxA2s8ITTo6vilVYYXsQFDQAwCgYIKoZIzj0EAwIw
MDELMAkGA1UEBhMCREUxDTALBgNVBAoMBGFjbWUxEjAQBgNVBAMMCWFjbWUgcm9v
dDAgFw0yNjExMjQyMDMwMzJaGA8yMTI2MTAzMTIwMzAzMlowLTELMAkGA1UEBhMC
REUxDTALBgNVBAoMBGFjbWUxDzANBgNVBAMMBnNpZ25lcjBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABFVL1xQ/QHX5qWZrqxQvOKU2Kgpts/8AanJVyGt/ljCrfC19
kUZvscbrkfYKNmyyqLeWO6zwJAGkjT0SyGL89Y6jUDBOMAwGA1UdEwEB/wQCMAAw
HQYDVR0OBBYEFLXac21Ig/eEqNqhK4Ahujp5tKGOMB8GA1UdIwQYMBaAFBINCrfE
GqMCwrL0cqN80wqod64aMAoGCCqGSM49BAMCA0cAMEQCIB2jXXrhsnVkuo03D1tb
i0ZGaOWKhd6AAKybFY8ayXMSAiAaacBURTFUYZCGeEMhrbRBE4r8PsmvRgqxiYos
rYv1dQ==
-----END CERTIFICATE-----
`;
const pair = generateKeyPairSync('ed25519');
const KEY = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const PRIVATE = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const WASM_KEY = Uint8Array.of(1, ...pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(12));

const FILES: Readonly<Record<string, string | Uint8Array>> = { 'key.pem': KEY, 'private.pem': PRIVATE, 'ca.pem': CA, 'leaf.pem': LEAF, 'both.pem': CA + LEAF, 'wasm.pub': WASM_KEY, 'root.json': '{}', 'bad.json': 'x', 'large.pem': 'x'.repeat((1 << 20) + 1) };

function rootOf(name: string, has: Partial<TrustRoot['has']> = {}): TrustRoot {
  const material = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey: () => { throw new Error('none'); } };
  return { name, hash: '0'.repeat(64), date: '2026-01-01', material, has: { certificateAuthorities: true, logs: true, certificateLogs: true, timestampAuthorities: true, ...has } };
}

function sourcesOf({ own = {}, ...over }: Partial<AuthoritySources> & { readonly own?: Partial<TrustRoot['has']> } = {}): AuthoritySources {
  return {
    file: (path) => {
      const content = FILES[path];
      if (content === undefined) throw new Error(`No file ${path}: give a path that begins at the policy file`);
      return Buffer.from(content);
    },
    roots: {
      publicGood: () => rootOf('public-good'),
      read: (content, name) => {
        if (Buffer.from(content).toString() === 'x') throw new Error('It is no JSON');
        return rootOf(name, own);
      },
    },
    ...over,
  };
}

function demandOf(signatures: string): SignatureDemand {
  return policyOf(`signatures: ${signatures}`).signatures!;
}

function resolve(signatures: string, sources = sourcesOf()): ResolvedAuthorities {
  return resolveAuthorities(demandOf(signatures), sources);
}

const IDENTITY = 'identities: [{ issuer: "https://issuer.example", subject: "me@example.com" }]';
const keyless = (over: string): string => `{ trustRoots: [{ name: own, file: root.json }], authorities: [{ name: a, keyless: { trustRootRef: own, ${IDENTITY}${over} } }] }`;

describe('every form', () => {
  test('a key, with the public log unless it is ignored', () => {
    expect(resolve('{ authorities: [{ name: a, key: { file: key.pem } }] }').authorities).toMatchObject([{ name: 'a', kind: 'key', transparencyLog: 'ifPresent', root: { name: 'public-good' }, keys: [{ hash: null, id: expect.stringMatching(/^[0-9a-f]{64}$/) }] }]);
    expect(resolve('{ authorities: [{ name: a, key: { file: key.pem, transparencyLog: ignore } }] }').authorities).toMatchObject([{ root: null }]);
  });

  test('keyless asks for everything unless the policy says less', () => {
    expect(resolve(`{ authorities: [{ name: a, keyless: { ${IDENTITY} } }] }`).authorities).toMatchObject([{ kind: 'keyless', root: { name: 'public-good' }, transparencyLog: 'required', sct: 'required', timestamps: { atLeast: 1, accept: ['log', 'tsa'] } }]);
  });

  test('certificates, notation, signatures inside modules and claims', () => {
    const issuer = 'AADQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOPIN';
    const { authorities, faults } = resolve(`
  certificates: [{ name: notary, file: ca.pem }]
  authorities:
  - { name: x, certificate: { roots: [{ file: ca.pem }], identities: [{ subject: "me@example.com" }] } }
  - { name: n, notation: { caRef: notary, tsaRef: notary, identities: ["C=DE,O=acme"] } }
  - { name: w, wasmSignature: { keys: [{ file: wasm.pub }, { file: key.pem }], scope: partial, sections: [name] } }
  - { name: c, wasmcloud: { issuers: [${issuer}] } }`.replaceAll('\n', '\n  '));
    expect(faults).toEqual([]);
    expect(authorities).toMatchObject([
      { name: 'x', kind: 'certificate', roots: [{ subject: 'C=DE\nO=acme\nCN=acme root' }], timestamps: { atLeast: 0 }, root: null },
      { name: 'n', kind: 'notation', authorities: [{}], timestampAuthorities: [{}], level: 'strict' },
      { name: 'w', kind: 'wasmSignature', scope: 'partial', sections: ['name'] }, { name: 'c', kind: 'wasmcloud', issuers: [issuer] },
    ]);
    const embedded = authorities[2] as Extract<(typeof authorities)[number], { kind: 'wasmSignature' }>;
    expect(embedded.keys[0]!.id).toBe(embedded.keys[1]!.id);
    const own = authorities[0] as Extract<(typeof authorities)[number], { kind: 'certificate' }>;
    expect([own.identities[0]!.issuer(''), own.identities[0]!.subject('me@example.com'), own.identities[0]!.subject('you@example.com')]).toEqual([true, true, false]);
  });

  test('Secrets and ConfigMaps of a cluster', () => {
    const object: AuthoritySources['object'] = ({ kind, name, namespace, key }) => Buffer.from(kind === 'secret' && name === 'pub' && namespace === 'n' && key === 'k' ? KEY : CA);
    const text = '{ certificates: [{ name: n, configMapRef: { name: c } }], authorities: [{ name: a, key: { secretRef: { name: pub, namespace: n, key: k } } }, { name: b, notation: { caRef: n, identities: ["*"] } }] }';
    expect(resolve(text, sourcesOf({ object })).faults).toEqual([]);
    expect(resolve(text).faults.map(({ message }) => message)).toEqual(['Secret pub: There is no cluster here to read it from: use file or data', 'ConfigMap c: There is no cluster here to read it from: use file or data']);
  });

  test('a trust root is read once, and what the shell knows counts where the policy lists nothing', () => {
    let reads = 0;
    const roots = { ...sourcesOf().roots, publicGood: () => (reads++, rootOf('public-good')), known: new Map([['corp', rootOf('corp')]]) };
    const { authorities, faults } = resolve(`{ authorities: [{ name: a, keyless: { ${IDENTITY} } }, { name: b, key: { file: key.pem } }, { name: c, keyless: { trustRootRef: corp, ${IDENTITY} } }] }`, sourcesOf({ roots }));
    expect([faults, reads]).toEqual([[], 1]);
    expect(usedTrustRoots(authorities, new Date('2026-06-30T00:00:00Z'))).toEqual([{ name: 'public-good', date: '2026-01-01', stale: false }, { name: 'corp', date: '2026-01-01', stale: false }]);
    expect(usedTrustRoots(authorities, new Date('2026-07-01T00:00:00Z')).map(({ stale }) => stale)).toEqual([true, true]);
  });
});

describe('mistakes', () => {
  test.each([
    ['{ authorities: [{ name: a, key: { file: kee.pem } }] }', 'file kee.pem: No file kee.pem: give a path that begins at the policy file'],
    ['{ authorities: [{ name: a, key: { file: private.pem } }] }', /^file private\.pem: .*private key/i],
    ['{ authorities: [{ name: a, key: { file: ca.pem } }] }', /^file ca\.pem: .*certificate/i],
    ['{ authorities: [{ name: a, key: { data: PEM } }] }', /^data: No PEM block PUBLIC KEY/],
    ['{ authorities: [{ name: a, key: { file: large.pem } }] }', /^file large\.pem: it has 1048577 bytes/],
    ['{ trustRoots: [{ name: own, file: bad.json }], authorities: [{ name: a, key: { file: key.pem, trustRootRef: own } }] }', 'trust root own, file bad.json: It is no JSON'],
    ['{ authorities: [{ name: a, key: { file: key.pem, trustRootRef: corp } }] }', 'There is no trust root corp: list it in signatures.trustRoots'],
    ['{ authorities: [{ name: a, notation: { caRef: ca, identities: ["*"] } }] }', 'There are no certificates ca: list them in signatures.certificates'],
    ['{ certificates: [{ name: n, file: key.pem }], authorities: [{ name: a, notation: { caRef: n, identities: ["*"] } }] }', /^file key\.pem: it holds a block PUBLIC KEY/],
    ['{ certificates: [{ name: n, data: "" }], authorities: [{ name: a, notation: { caRef: n, identities: ["*"] } }] }'.replace('""', 'none'), /holds no certificate in PEM/],
    ['{ certificates: [{ name: n, file: ca.pem }], authorities: [{ name: a, notation: { caRef: n, identities: ["*", "O=acme"] } }] }', /must stand alone/],
    ['{ authorities: [{ name: a, certificate: { roots: [{ file: both.pem }], identities: [{ subject: me }] } }] }', /CN=signer is no authority's/],
    ['{ authorities: [{ name: a, wasmcloud: { issuers: [AADQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOPIM] } }] }', /its checksum does not fit/],
    ['{ authorities: [{ name: a, keyless: { identities: [{ issuer: i, subject: s, extensions: { sourceRepositoryUri: u } }] } }] }', /^Unknown certificate extension sourceRepositoryUri: known are .*sourceRepositoryURI/],
    ['{ authorities: [{ name: a, certificate: { roots: [{ file: private.pem }], identities: [{ subject: me }] } }] }', /a private key, which has no place in a policy/],
  ])('%s', (signatures, message) => {
    const { authorities, faults } = resolve(signatures);
    expect(authorities).toEqual([]);
    expect(faults).toEqual([{ authority: 'a', message: expect.stringMatching(message) }]);
  });

  test('one broken authority does not hide the others', () => {
    const { authorities, faults } = resolve('{ authorities: [{ name: a, key: { file: x } }, { name: b, key: { file: key.pem } }, { name: c, key: { file: y } }] }');
    expect([authorities.map(({ name }) => name), faults.map(({ authority }) => authority)]).toEqual([['b'], ['a', 'c']]);
    expect(faultText('payments', faults[0]!)).toBe('Policy payments, authority a: file x: No file x: give a path that begins at the policy file');
  });

  test('empty lists are refused, wherever the demand comes from', () => {
    const demand = demandOf('{ authorities: [{ name: a, key: { file: key.pem } }] }');
    expect(resolveAuthorities({ ...demand, authorities: [{ name: 'a', kind: 'key', keys: [], transparencyLog: 'ignore', trustRoot: null }] }, sourcesOf()).faults).toMatchObject([{ message: 'It has no keys: without any, nobody could satisfy it' }]);
  });
});

describe('what a trust root cannot show', () => {
  test.each<[string, Partial<TrustRoot['has']>, RegExp | null]>([
    ['', {}, null], ['', { certificateAuthorities: false }, /knows no certificate authority/], ['', { logs: false }, /knows no log: add tlogs to it, or write transparencyLog: ignore/], [', transparencyLog: ignore', { logs: false }, null],
    ['', { certificateLogs: false }, /write sct: ignore/], [', sct: ignore', { certificateLogs: false }, null], [', timestamps: { accept: [tsa] }', { timestampAuthorities: false }, /No trusted time/], [', timestamps: { accept: [log] }', { timestampAuthorities: false }, null],
    [', transparencyLog: ignore', { timestampAuthorities: false }, /No trusted time/],
  ])('keyless%s with %j', (over, own, message) => {
    const { faults } = resolve(keyless(over), sourcesOf({ own }));
    expect(faults.map((fault) => fault.message)).toEqual(message === null ? [] : [expect.stringMatching(message)]);
  });

  test('a key whose log entry is required', () => {
    const text = (log: string): string => `{ trustRoots: [{ name: own, file: root.json }], authorities: [{ name: a, key: { file: key.pem, trustRootRef: own, transparencyLog: ${log} } }] }`;
    expect(resolve(text('required'), sourcesOf({ own: { logs: false } })).faults).toMatchObject([{ message: expect.stringContaining('write transparencyLog: ifPresent or ignore') }]);
    expect(resolve(text('ifPresent'), sourcesOf({ own: { logs: false } })).faults).toEqual([]);
  });

  test('certificates with a trusted time', () => {
    const text = '{ trustRoots: [{ name: own, file: root.json }], authorities: [{ name: a, certificate: { roots: [{ file: ca.pem }], identities: [{ subject: me }], timestamps: { atLeast: 1 }, trustRootRef: own } }] }';
    expect(resolve(text, sourcesOf({ own: { logs: false, timestampAuthorities: false } })).faults).toMatchObject([{ message: expect.stringContaining('timestamps: { atLeast: 0 }') }]);
    expect(resolve(text).faults).toEqual([]);
  });
});
