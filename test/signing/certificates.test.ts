import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushTo } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { moduleBytes } from '../support/module.ts';
import { basicConstraints, der, extendedKeyUsage, extension, keyUsage, makeCertificate, subjectAltName, testKey, type Name } from '../support/x509-maker.ts';
import type { Verdict } from './cases.ts';
import { ourVerdict } from './ours.ts';
import { changingAnnotation, transplant } from './tampering.ts';
import { haveSigningTools, mustRun, run } from './tools.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const APP = wasmArtifact(moduleBytes());
const SUBJECT = 'carol@acme.test';
const ISSUER = 'https://login.acme.test';
const ROOT: Name = [['O', 'acme'], ['CN', 'signing root']];
const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

const utf8 = (text: string) => der(0x0c, Buffer.from(text));
const raw = (text: string) => Buffer.from(text);
/** The leaf of Fulcio, part by part, so that each can be another. */
const PARTS = {
  usage: [keyUsage(['digitalSignature'])],
  purpose: [extendedKeyUsage(['codeSigning'])],
  constraints: [basicConstraints('leaf')],
  names: [subjectAltName([['email', SUBJECT]])],
  issuer: [extension('1.3.6.1.4.1.57264.1.1', raw(ISSUER)), extension('1.3.6.1.4.1.57264.1.8', utf8(ISSUER))],
};
type Parts = { readonly [Part in keyof typeof PARTS]: readonly Uint8Array[] };

interface Case {
  readonly name: string;
  /** Of our evidence. */
  readonly code: string;
  readonly parts?: Partial<Parts>;
  readonly validity?: Partial<typeof VALIDITY>;
  readonly asked?: { readonly subject?: string; readonly issuer?: string; readonly root?: 'other' };
  readonly ours: Verdict;
  /** As ours unless said; then the reason is that cosign does not look. */
  readonly theirs?: Verdict;
}

const CASES: readonly Case[] = [
  { name: 'as it should be', code: 'ok', ours: 'accepted' },
  { name: 'another subject', code: 'identity-mismatch', asked: { subject: 'mallory@acme.test' }, ours: 'refused' },
  { name: 'another issuer', code: 'identity-mismatch', asked: { issuer: 'https://login.evil.test' }, ours: 'refused' },
  { name: 'another root', code: 'certificate-untrusted', asked: { root: 'other' }, ours: 'refused' },
  { name: 'expired', code: 'certificate-invalid', validity: { notAfter: new Date('2026-02-01T00:00:00Z') }, ours: 'refused' },
  { name: 'issued for clients of TLS', code: 'certificate-profile', parts: { purpose: [extendedKeyUsage(['clientAuth'])] }, ours: 'refused' },
  { name: 'a name of a host alone', code: 'certificate-profile', parts: { names: [subjectAltName([['dns', 'acme.test']])] }, ours: 'refused' },
  { name: 'no name', code: 'certificate-profile', parts: { names: [] }, ours: 'refused' },
  { name: 'an unknown critical extension', code: 'certificate-profile', parts: { usage: [...PARTS.usage, extension('1.3.6.1.4.1.99999.1', utf8('x'), 'critical')] }, ours: 'refused' },
  { name: 'two names', code: 'certificate-profile', parts: { names: [subjectAltName([['email', 'mallory@acme.test'], ['email', SUBJECT]])] }, ours: 'refused', theirs: 'accepted' },
  { name: 'no purpose', code: 'certificate-profile', parts: { purpose: [] }, ours: 'refused', theirs: 'accepted' },
  { name: 'a key for encryption', code: 'certificate-profile', parts: { usage: [keyUsage(['keyEncipherment'])] }, ours: 'refused', theirs: 'accepted' },
  { name: 'an authority as a leaf', code: 'certificate-profile', parts: { constraints: [basicConstraints('ca')] }, ours: 'refused', theirs: 'accepted' },
  { name: 'two issuers that disagree', code: 'issuer-missing', parts: { issuer: [extension('1.3.6.1.4.1.57264.1.1', raw(ISSUER)), extension('1.3.6.1.4.1.57264.1.8', utf8('https://login.evil.test'))] }, ours: 'refused', theirs: 'accepted' },
];

describe.skipIf(!haveSigningTools())('signed by cosign with certificates of an authority that is no Fulcio', () => {
  let bench: Workbench;
  let registry: TestRegistry;
  let key: KeyObject;
  let root: X509Certificate;
  beforeAll(async () => {
    registry = await startRegistry();
    bench = await openWorkbench();
    key = createPrivateKey(readFileSync(bench.key('p256').plain));
    root = authority('root');
    const [leafFile, chainFile] = [bench.write('leaf.pem', leafOf(PARTS).toString()), bench.write('chain.pem', root.toString())];
    await pushTo(registry, 'signed', 'v1', APP);
    await mustRun('cosign', [
      'sign', '--key', bench.key('p256').secret, '--certificate', leafFile, '--certificate-chain', chainFile, '--new-bundle-format=false', '--use-signing-config=false', '--tlog-upload=false', '--yes', '--allow-http-registry', `${registry.host}/signed@${APP.digest}`,
    ], { cwd: bench.folder, environment: bench.sigstore.environment });
  });
  afterAll(async () => {
    await bench?.close();
    await registry?.close();
  });

  const authority = (name: string) => makeCertificate({ subject: ROOT, key: testKey('p256', `signing ${name}`), ...VALIDITY, extensions: [basicConstraints('ca', 1), keyUsage(['keyCertSign', 'cRLSign'])] });
  const leafOf = (parts: Parts, validity: Partial<typeof VALIDITY> = {}) => makeCertificate({ subject: [['O', 'acme']], key, serial: 9, issuer: { subject: ROOT, key: testKey('p256', 'signing root') }, ...VALIDITY, ...validity, extensions: Object.values(parts).flat() });

  /** The reference of the artifact, with a signature whose certificate is `certificate`: nothing signs that, so it can be put in place of another of the same key. */
  async function signedWith(at: number, certificate: X509Certificate): Promise<string> {
    const repository = `certificates/${at}`;
    const change = changingAnnotation('dev.sigstore.cosign/certificate', () => certificate.toString());
    await transplant({ from: { url: registry.url, repository: 'signed' }, to: { url: registry.url, repository }, signed: APP, placed: APP, change });
    return `${registry.host}/${repository}:v1`;
  }

  test.for(CASES.map((one, index) => ({ ...one, index })))('$name: $ours', async ({ index, parts, validity, asked, code, ours, theirs = ours }) => {
    const reference = await signedWith(index, leafOf({ ...PARTS, ...parts }, validity));
    const trusted = asked?.root === 'other' ? authority('other') : root;
    const { subject = SUBJECT, issuer = ISSUER } = asked ?? {};
    const said = await run('cosign', [
      'verify', '--certificate-identity', subject, '--certificate-oidc-issuer', issuer, '--ca-roots', bench.write(`trusted-${index}.pem`, trusted.toString()),
      '--insecure-ignore-tlog', '--insecure-ignore-sct', '--new-bundle-format=false', '--allow-http-registry', reference,
    ], { cwd: bench.folder });
    const { accepted, provenance } = await ourVerdict({ signatures: { authorities: [{ name: 'asked', certificate: { roots: [{ data: trusted.toString() }], identities: [{ subject, issuer }] } }] } }, { host: registry.host, reference, folder: bench.folder });
    expect({ ours: accepted ? 'accepted' : 'refused', theirs: said.code === 0 ? 'accepted' : 'refused' }, `${said.output.slice(-600)}\n${JSON.stringify(provenance, null, 1)}`).toEqual({ ours, theirs });
    expect(provenance.signatures.map((one) => one.code)).toEqual([code]);
  });
});
