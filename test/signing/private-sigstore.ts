/**
 * A Sigstore of our own on loopback: Fulcio with a file CA, Rekor 2 and a timestamp authority as their makers build them, beside them
 * in this process an OpenID Connect issuer, a certificate log, and a log that answers as Rekor 1.
 *
 *   const sigstore = await startPrivateSigstore();
 *   cosign sign --signing-config <sigstore.signingConfig> --trusted-root <sigstore.trustedRoot> --identity-token <sigstore.token('people', person('a@b.test'))> ...
 *   await sigstore.stop();
 */
import { createHash, createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { basicConstraints, der, extendedKeyUsage, extension, keyUsage, makeCertificate, octets, sequence, testKey, type Name } from '../support/x509-maker.ts';
import { addPreChain, logId } from './ct-log.ts';
import { freePorts, serve, type Loopback } from './loopback.ts';
import { oidcIssuer, type Claims } from './oidc-issuer.ts';
import { REKOR1_ORIGIN, rekor1 } from './rekor1.ts';
import { startService, type Service } from './tools.ts';

export interface PrivateSigstore {
  /** Everything of it lies here; removed by `stop`. */
  readonly folder: string;
  /** Paths of JSON files: what verifiers trust, where signers go (Rekor 2 and timestamps). */
  readonly trustedRoot: string;
  readonly signingConfig: string;
  /** Addresses, for signers that take them one by one. */
  readonly urls: { readonly fulcio: string; readonly rekor1: string; readonly rekor2: string; readonly timestamps: string };
  /** The variables by which cosign 2 takes trust material. */
  readonly environment: Readonly<Record<string, string>>;
  /** Certificate chains, the leaf or intermediate first. */
  readonly chains: { readonly fulcio: readonly X509Certificate[]; readonly timestamps: readonly X509Certificate[] };
  /** URL of an issuer: people have e-mail addresses, workflows are GitHub's. */
  readonly issuer: (kind: IssuerKind) => string;
  readonly token: (kind: IssuerKind, claims: Claims) => string;
  readonly stop: () => Promise<void>;
}

export type IssuerKind = 'people' | 'workflows';

const REKOR2_ORIGIN = 'rekor2.test';
const START = new Date('2026-01-01T00:00:00Z');
const END = new Date('2036-01-01T00:00:00Z');

/** Starts everything; what has started is ended again when the rest fails. */
export async function startPrivateSigstore(): Promise<PrivateSigstore> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-sigstore-'));
  const keys = { ct: testKey('p256', 'ct'), rekor1: testKey('p256', 'rekor1'), rekor2: testKey('ed25519', 'rekor2'), fulcio: testKey('p384', 'fulcio'), timestamps: testKey('p384', 'timestamps') };
  const chains = { fulcio: fulcioChain(keys.fulcio), timestamps: timestampChain(keys.timestamps) };
  const local = await serveLocal(keys);
  const running: { stop(): Promise<void> }[] = [{ stop: () => local.loopback.close() }];
  const stop = async () => {
    for (const one of running.toReversed()) await one.stop();
    rmSync(folder, { recursive: true });
  };
  try {
    writeKeys(folder, keys, chains);
    const [http, grpc, metrics, rekorHttp, rekorGrpc, rekorMetrics, timestamps] = await freePorts(7);
    const url = (port: number | undefined) => `http://127.0.0.1:${port}`;
    const base = local.loopback.url;
    running.push(await startFulcio(folder, { base, http: http!, grpc: grpc!, metrics: metrics! }));
    running.push(await startRekor2(folder, { http: rekorHttp!, grpc: rekorGrpc!, metrics: rekorMetrics! }));
    running.push(await startTimestamps(folder, timestamps!));
    const urls = { fulcio: url(http), rekor1: base, rekor2: url(rekorHttp), timestamps: `${url(timestamps)}/api/v1/timestamp` };
    const file = writer(folder);
    return {
      folder, urls, chains, stop,
      trustedRoot: file('trusted_root.json', JSON.stringify(trustedRoot(keys, chains), null, 1)),
      signingConfig: file('signing_config.json', JSON.stringify(signingConfig(urls), null, 1)),
      environment: {
        SIGSTORE_ROOT_FILE: file('fulcio-chain.pem', pem(chains.fulcio)), SIGSTORE_TSA_CERTIFICATE_FILE: file('timestamps-chain.pem', pem(chains.timestamps)),
        SIGSTORE_REKOR_PUBLIC_KEY: file('rekor1.pub', spkiPem(keys.rekor1)), SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: file('ct.pub', spkiPem(keys.ct)),
      },
      issuer: (kind) => `${base}/${kind}`,
      token: (kind, claims) => local.token(`${base}/${kind}`, claims),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Keys { readonly ct: KeyObject; readonly rekor1: KeyObject; readonly rekor2: KeyObject; readonly fulcio: KeyObject; readonly timestamps: KeyObject }
interface Chains { readonly fulcio: readonly X509Certificate[]; readonly timestamps: readonly X509Certificate[] }

/** Issuer, certificate log and Rekor 1 at one address. */
async function serveLocal(keys: Keys): Promise<{ loopback: Loopback; token(issuer: string, claims: Claims): string }> {
  const place = { url: '' };
  const oidc = oidcIssuer(() => place.url);
  const rekor = rekor1(keys.rekor1);
  const loopback = await serve((request) => {
    if (request.path === '/ct/ct/v1/add-pre-chain') return addPreChain(request.body, keys.ct);
    return oidc.answer(request.path) ?? rekor(request);
  });
  place.url = loopback.url;
  return { loopback, token: (issuer, claims) => oidc.token(issuer, claims) };
}

function fulcioChain(key: KeyObject): X509Certificate[] {
  const root = { subject: [['O', 'sigstore.test'], ['CN', 'root']] as Name, key: testKey('p384', 'fulcio-root') };
  const validity = { notBefore: START, notAfter: END };
  const usages = keyUsage(['keyCertSign', 'cRLSign']);
  return [
    makeCertificate({ subject: [['O', 'sigstore.test'], ['CN', 'intermediate']], key, issuer: root, serial: 2, ...validity, extensions: [usages, extendedKeyUsage(['codeSigning']), basicConstraints('ca', 0), ...identifiers(key, root.key)] }),
    makeCertificate({ ...root, ...validity, extensions: [usages, basicConstraints('ca', 1), ...identifiers(root.key)] }),
  ];
}

function timestampChain(key: KeyObject): X509Certificate[] {
  const root = { subject: [['O', 'sigstore.test'], ['CN', 'timestamp root']] as Name, key: testKey('p384', 'timestamp-root') };
  const validity = { notBefore: START, notAfter: END };
  return [
    makeCertificate({ subject: [['O', 'sigstore.test'], ['CN', 'timestamps']], key, issuer: root, serial: 2, ...validity, extensions: [keyUsage(['digitalSignature']), extendedKeyUsage(['timeStamping'], 'critical'), basicConstraints('leaf'), ...identifiers(key, root.key)] }),
    makeCertificate({ ...root, ...validity, extensions: [keyUsage(['keyCertSign', 'cRLSign']), basicConstraints('ca', 1), ...identifiers(root.key)] }),
  ];
}

/** Subject key identifier and authority key identifier, by which chains are built. */
function identifiers(subject: KeyObject, issuer: KeyObject = subject): Uint8Array[] {
  const id = (key: KeyObject) => createHash('sha1').update(spki(key)).digest();
  return [extension('2.5.29.14', octets(id(subject))), extension('2.5.29.35', sequence(der(0x80, id(issuer))))];
}

function writeKeys(folder: string, keys: Keys, chains: Chains): void {
  const file = writer(folder);
  for (const name of ['fulcio', 'timestamps', 'rekor2'] as const) file(`${name}.key`, keys[name].export({ type: 'pkcs8', format: 'pem' }) as string);
  file('fulcio.pem', pem(chains.fulcio));
  file('timestamps.pem', pem(chains.timestamps));
}

function startFulcio(folder: string, { base, http, grpc, metrics }: { readonly base: string; readonly http: number; readonly grpc: number; readonly metrics: number }): Promise<Service> {
  const issuer = (kind: IssuerKind, type: string) => ({ [`${base}/${kind}`]: { IssuerURL: `${base}/${kind}`, ClientID: 'sigstore', Type: type } });
  const config = writer(folder)('fulcio.json', JSON.stringify({ OIDCIssuers: { ...issuer('people', 'email'), ...issuer('workflows', 'github-workflow') } }));
  return startService('fulcio', [
    'serve', '--ca=fileca', `--fileca-cert=${join(folder, 'fulcio.pem')}`, `--fileca-key=${join(folder, 'fulcio.key')}`, '--fileca-key-passwd=none', '--fileca-watch=false',
    `--config-path=${config}`, `--ct-log-url=${base}/ct`, '--host=127.0.0.1', '--grpc-host=127.0.0.1', `--port=${http}`, `--grpc-port=${grpc}`, `--metrics-port=${metrics}`,
    `--legacy-unix-domain-socket=${join(folder, 'fulcio.sock')}`,
  ], { cwd: folder, ready: `http://127.0.0.1:${http}/healthz` });
}

function startRekor2(folder: string, { http, grpc, metrics }: { readonly http: number; readonly grpc: number; readonly metrics: number }): Promise<Service> {
  const storage = join(folder, 'rekor2');
  mkdirSync(storage);
  return startService('rekor-server', [
    'serve', `--hostname=${REKOR2_ORIGIN}`, `--storage-dir=${storage}`, `--signer-filepath=${join(folder, 'rekor2.key')}`, '--checkpoint-interval=1s', '--batch-max-age=100ms',
    `--http-port=${http}`, `--grpc-port=${grpc}`, `--http-metrics-port=${metrics}`,
  ], { cwd: folder, ready: `http://127.0.0.1:${http}/healthz` });
}

function startTimestamps(folder: string, port: number): Promise<Service> {
  return startService('timestamp-server', [
    'serve', '--host=127.0.0.1', `--port=${port}`, '--timestamp-signer=file', '--timestamp-signer-hash=sha384', `--file-signer-key-path=${join(folder, 'timestamps.key')}`,
    `--certificate-chain-path=${join(folder, 'timestamps.pem')}`, '--disable-ntp-monitoring', '--include-chain-in-response',
  ], { cwd: folder, ready: `http://127.0.0.1:${port}/ping` });
}

function trustedRoot(keys: Keys, chains: Chains): object {
  const validFor = { start: START.toISOString() };
  const log = (origin: string, key: KeyObject, { keyDetails, keyId }: { readonly keyDetails: string; readonly keyId: Buffer }) => ({
    baseUrl: `https://${origin}`, hashAlgorithm: 'SHA2_256', publicKey: { rawBytes: spki(key).toString('base64'), keyDetails, validFor }, logId: { keyId: keyId.toString('base64') },
  });
  const authority = (uri: string, chain: readonly X509Certificate[]) => ({
    subject: { organization: 'sigstore.test', commonName: uri }, uri: `https://${uri}`, certChain: { certificates: chain.map(({ raw }) => ({ rawBytes: raw.toString('base64') })) }, validFor,
  });
  const ecdsa = 'PKIX_ECDSA_P256_SHA_256';
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(REKOR1_ORIGIN, keys.rekor1, { keyDetails: ecdsa, keyId: logId(keys.rekor1) }), log(REKOR2_ORIGIN, keys.rekor2, { keyDetails: 'PKIX_ED25519', keyId: noteId(REKOR2_ORIGIN, keys.rekor2) })],
    certificateAuthorities: [authority('fulcio.test', chains.fulcio)],
    ctlogs: [log('ct.test', keys.ct, { keyDetails: ecdsa, keyId: logId(keys.ct) })],
    timestampAuthorities: [authority('timestamps.test', chains.timestamps)],
  };
}

/** Name of a log that signs with Ed25519: the untruncated key hash of signed notes. */
function noteId(origin: string, key: KeyObject): Buffer {
  return createHash('sha256').update(Buffer.concat([Buffer.from(`${origin}\n`), Buffer.of(1), spki(key).subarray(-32)])).digest();
}

function signingConfig(urls: PrivateSigstore['urls']): object {
  const service = (url: string, majorApiVersion: number) => [{ url, majorApiVersion, validFor: { start: START.toISOString() }, operator: 'sigstore.test' }];
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json', caUrls: service(urls.fulcio, 1), rekorTlogUrls: service(urls.rekor2, 2), tsaUrls: service(urls.timestamps, 1),
    rekorTlogConfig: { selector: 'ANY' }, tsaConfig: { selector: 'ANY' },
  };
}

function writer(folder: string): (name: string, text: string) => string {
  return (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
}

function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function spkiPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
}

function pem(chain: readonly X509Certificate[]): string {
  return chain.map((certificate) => certificate.toString()).join('');
}
