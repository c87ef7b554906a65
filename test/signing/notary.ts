/** Notary Project: certificates, configuration, signing and verification by notation. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type X509Certificate } from 'node:crypto';
import { basicConstraints, extendedKeyUsage, keyUsage, makeCertificate, testKey, type KeyKind, type Name } from '../support/x509-maker.ts';
import { mustRun, run, type Ended } from './tools.ts';
import type { Workbench } from './workbench.ts';

export type NotaryKey = 'rsa' | 'p256' | 'p384';
const KINDS: Record<NotaryKey, KeyKind> = { rsa: 'rsa-2048', p256: 'p256', p384: 'p384' };

export interface NotaryForm { readonly format: 'jws' | 'cose'; readonly key: NotaryKey; readonly timestamp: 'with' | 'without' }
/** Whom a trust policy names: the certificate authority that signs here or another one, and subjects. */
export interface NotaryQuestion { readonly authority: 'acme' | 'other'; readonly identity: string }

/** Subject of every signing certificate here. */
export const NOTARY_IDENTITY = 'x509.subject: C=DE, ST=Berlin, O=acme';

export interface Notary {
  readonly authorities: Readonly<Record<'acme' | 'other', X509Certificate>>;
  readonly timestampAuthority: X509Certificate;
  sign(form: NotaryForm, reference: string): Promise<void>;
  verify(form: NotaryForm, question: NotaryQuestion, reference: string): Promise<Ended>;
}

export function openNotary(bench: Workbench): Notary {
  const authorities = { acme: authority('acme'), other: authority('other') };
  const timestampAuthority = bench.sigstore.chains.timestamps.at(-1)!;
  const home = join(bench.folder, 'notary');
  const folder = join(home, 'notation');
  mkdirSync(folder, { recursive: true });
  const keys = (Object.keys(KINDS) as NotaryKey[]).map((key) => writeKey(folder, key, authorities.acme));
  writeFileSync(join(folder, 'signingkeys.json'), JSON.stringify({ default: 'p256', keys }));
  for (const name of ['acme', 'other'] as const) writeStore(folder, `ca/${name}`, authorities[name]);
  writeStore(folder, 'tsa/times', timestampAuthority);
  const timestampRoot = bench.write('timestamp-root.pem', timestampAuthority.toString());
  const place = { cwd: bench.folder, environment: { XDG_CONFIG_HOME: home } };
  return {
    authorities, timestampAuthority,
    sign: async ({ format, key, timestamp }, reference) => {
      const times = timestamp === 'with' ? ['--timestamp-url', bench.sigstore.urls.timestamps, '--timestamp-root-cert', timestampRoot] : [];
      await mustRun('notation', ['sign', '--signature-format', format, '--key', key, '--insecure-registry', '--force-referrers-tag=false', ...times, reference], place);
    },
    verify: ({ timestamp }, { authority: name, identity }, reference) => {
      const stores = [`ca:${name}`, ...(timestamp === 'with' ? ['tsa:times'] : [])];
      const policy = { name: 'all', registryScopes: ['*'], signatureVerification: { level: 'strict' }, trustStores: stores, trustedIdentities: [identity] };
      writeFileSync(join(folder, 'trustpolicy.json'), JSON.stringify({ version: '1.0', trustPolicies: [policy] }), { mode: 0o600 });
      return run('notation', ['verify', '--insecure-registry', reference], place);
    },
  };
}

const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

function authorityName(name: string): Name {
  return [['C', 'DE'], ['ST', 'Berlin'], ['O', name], ['CN', `${name} authority`]];
}

function authority(name: 'acme' | 'other'): X509Certificate {
  return makeCertificate({ subject: authorityName(name), key: testKey('p384', `notary ${name}`), ...VALIDITY, extensions: [basicConstraints('ca', 1), keyUsage(['keyCertSign', 'cRLSign'])] });
}

function writeKey(folder: string, name: NotaryKey, root: X509Certificate): object {
  const key = testKey(KINDS[name], 'notary');
  const leaf = makeCertificate({
    subject: [['C', 'DE'], ['ST', 'Berlin'], ['O', 'acme'], ['CN', `signer ${name}`]], key, serial: 7, issuer: { subject: authorityName('acme'), key: testKey('p384', 'notary acme') }, ...VALIDITY,
    extensions: [basicConstraints('leaf'), keyUsage(['digitalSignature']), extendedKeyUsage(['codeSigning'])],
  });
  const path = (suffix: string, text: string) => {
    writeFileSync(join(folder, `${name}.${suffix}`), text, { mode: 0o600 });
    return join(folder, `${name}.${suffix}`);
  };
  return { name, keyPath: path('key', key.export({ type: 'pkcs8', format: 'pem' }) as string), certPath: path('crt', leaf.toString() + root.toString()) };
}

function writeStore(folder: string, name: string, certificate: X509Certificate): void {
  const store = join(folder, 'truststore/x509', name);
  mkdirSync(store, { recursive: true });
  writeFileSync(join(store, 'root.pem'), certificate.toString(), { mode: 0o600 });
}
