import { parseStrictJson } from '../../strict-json.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { TransparencyLogEntry } from '../sigstore-library.ts';
import { exactlyOne, type Fields, list, readBytes, readInteger, readObject, readText } from './bundle-fields.ts';
import { Refusal } from './refusal.ts';

export type HashName = 'sha256' | 'sha384' | 'sha512';

/** What the bundle signs: the digest of a message, or an envelope. */
export type BundleContent =
  | { readonly kind: 'message'; readonly hash: HashName; /** null: left out, as some tools do for Ed25519. */ readonly digest: Buffer | null; readonly signature: Buffer }
  | { readonly kind: 'envelope'; readonly payloadType: string; readonly payload: Buffer; readonly signature: Buffer };

/** A bundle whose form holds. Nothing in it is verified. */
export interface ParsedBundle {
  readonly signer: { readonly kind: 'certificate'; readonly certificate: Buffer; /** Beside it, in their order. */ readonly chain: readonly Buffer[] } | { readonly kind: 'key'; readonly hint: string };
  readonly content: BundleContent;
  readonly entries: readonly TransparencyLogEntry[];
  /** RFC 3161 responses, DER. */
  readonly timestamps: readonly Buffer[];
}

/** By media type: what log entries must carry. The specification's minor versions differ in this alone. */
const MEDIA_TYPES: Readonly<Record<string, 'promise' | 'proof'>> = {
  'application/vnd.dev.sigstore.bundle+json;version=0.1': 'promise',
  'application/vnd.dev.sigstore.bundle+json;version=0.2': 'proof',
  'application/vnd.dev.sigstore.bundle+json;version=0.3': 'proof',
  'application/vnd.dev.sigstore.bundle.v0.3+json': 'proof',
};
const HASHES: Readonly<Record<string, HashName>> = { SHA2_256: 'sha256', SHA2_384: 'sha384', SHA2_512: 'sha512' };
const HASH_BYTES = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * Reads a Sigstore bundle (protobuf-specs sigstore_bundle.proto, JSON form) and refuses what readers could understand differently: repeated and
 * unknown keys, two of a choice, base64 that is not canonical, media types that only begin like a known one. Throws Refusal.
 */
export function parseBundle(bytes: Uint8Array): ParsedBundle {
  if (bytes.length > LIMITS.bundleBytes) throw new Refusal('limit-exceeded', `A bundle of ${bytes.length} bytes is larger than ${LIMITS.bundleBytes}`);
  let json: unknown;
  try {
    json = parseStrictJson(bytes, { depth: 16 });
  } catch (error) {
    throw new Refusal('malformed-bundle', (error as Error).message);
  }
  return parseBundleJson(json);
}

/** The same for a bundle that was made here, of the parts of another form. */
export function parseBundleJson(json: unknown): ParsedBundle {
  const bundle = readObject(json, 'The bundle', ['mediaType', 'verificationMaterial', 'messageSignature', 'dsseEnvelope']);
  const mediaType = readText(bundle.get('mediaType'), 'mediaType');
  const carries = Object.hasOwn(MEDIA_TYPES, mediaType) ? MEDIA_TYPES[mediaType]! : null;
  if (carries === null) throw new Refusal('media-type-unknown', 'The media type is none of a known bundle version');
  const material = readObject(bundle.get('verificationMaterial'), 'verificationMaterial', ['certificate', 'x509CertificateChain', 'publicKey', 'tlogEntries', 'timestampVerificationData']);
  const stamps = material.has('timestampVerificationData') ? readObject(material.get('timestampVerificationData'), 'timestampVerificationData', ['rfc3161Timestamps']) : new Map<string, unknown>();
  return {
    signer: readSigner(material),
    content: readContent(bundle),
    entries: list(material.get('tlogEntries'), 'tlogEntries', LIMITS.logEntries).map((entry, index) => readEntry(entry, `tlogEntries[${index}]`, carries)),
    timestamps: list(stamps.get('rfc3161Timestamps'), 'rfc3161Timestamps', LIMITS.timestamps)
      .map((stamp, index) => readBytes(readObject(stamp, `rfc3161Timestamps[${index}]`, ['signedTimestamp']).get('signedTimestamp'), `rfc3161Timestamps[${index}].signedTimestamp`)),
  };
}

function readSigner(material: Fields): ParsedBundle['signer'] {
  const kind = exactlyOne(material, ['certificate', 'x509CertificateChain', 'publicKey'], 'verificationMaterial');
  if (kind === 'publicKey') return { kind: 'key', hint: readHint(readObject(material.get(kind), kind, ['hint'])) };
  if (kind === 'certificate') return { kind: 'certificate', certificate: readCertificate(material.get(kind), kind), chain: [] };
  // Version 0.3 forbids the chain, and a widespread tool writes it all the same for certificates of one's own authority. It is never trusted.
  const certificates = list(readObject(material.get(kind), kind, ['certificates']).get('certificates'), 'certificates', LIMITS.chainCertificates).map((one, index) => readCertificate(one, `certificates[${index}]`));
  const [certificate, ...chain] = certificates;
  if (!certificate) throw new Refusal('malformed-bundle', 'The certificate chain is empty');
  return { kind: 'certificate', certificate, chain };
}

function readHint(key: Fields): string {
  return key.has('hint') ? readText(key.get('hint'), 'publicKey.hint') : '';
}

function readCertificate(json: unknown, where: string): Buffer {
  return readBytes(readObject(json, where, ['rawBytes']).get('rawBytes'), `${where}.rawBytes`);
}

function readContent(bundle: Fields): BundleContent {
  const kind = exactlyOne(bundle, ['messageSignature', 'dsseEnvelope'], 'The bundle');
  return kind === 'messageSignature' ? readMessage(readObject(bundle.get(kind), kind, ['messageDigest', 'signature'])) : readEnvelope(bundle.get(kind));
}

function readMessage(message: Fields): BundleContent {
  const signature = readBytes(message.get('signature'), 'messageSignature.signature');
  const named = message.has('messageDigest') ? readObject(message.get('messageDigest'), 'messageDigest', ['algorithm', 'digest']) : new Map<string, unknown>();
  if (!named.has('digest') || named.get('digest') === '') return { kind: 'message', hash: 'sha256', digest: null, signature };
  const algorithm = readText(named.get('algorithm'), 'messageDigest.algorithm');
  const hash = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm]! : null;
  if (hash === null) throw new Refusal('algorithm-unsupported', 'The digest algorithm of the message is none of SHA2_256, SHA2_384, SHA2_512');
  const digest = readBytes(named.get('digest'), 'messageDigest.digest');
  if (digest.length !== HASH_BYTES[hash]) throw new Refusal('malformed-bundle', 'messageDigest.digest has not the length of its algorithm');
  return { kind: 'message', hash, digest, signature };
}

/** A DSSE envelope with its one signature. */
function readEnvelope(json: unknown): BundleContent {
  const envelope = readObject(json, 'dsseEnvelope', ['payload', 'payloadType', 'signatures']);
  const signatures = list(envelope.get('signatures'), 'dsseEnvelope.signatures', LIMITS.logEntries);
  if (signatures.length !== 1) throw new Refusal('malformed-bundle', `An envelope in a bundle has exactly one signature, not ${signatures.length}`);
  const signature = readObject(signatures[0], 'dsseEnvelope.signatures[0]', ['sig', 'keyid']);
  // What the key id says is signed by nobody, so that nothing reads it; its form is held all the same.
  if (signature.has('keyid')) readText(signature.get('keyid'), 'keyid');
  return { kind: 'envelope', payloadType: readText(envelope.get('payloadType'), 'payloadType'), payload: readBytes(envelope.get('payload'), 'dsseEnvelope.payload'), signature: readBytes(signature.get('sig'), 'sig') };
}

function readEntry(json: unknown, where: string, carries: 'promise' | 'proof'): TransparencyLogEntry {
  const entry = readObject(json, where, ['logIndex', 'logId', 'kindVersion', 'integratedTime', 'inclusionPromise', 'inclusionProof', 'canonicalizedBody']);
  const kind = readObject(entry.get('kindVersion'), `${where}.kindVersion`, ['kind', 'version']);
  const promise = entry.has('inclusionPromise') ? readObject(entry.get('inclusionPromise'), `${where}.inclusionPromise`, ['signedEntryTimestamp']) : null;
  if (!entry.has(carries === 'promise' ? 'inclusionPromise' : 'inclusionProof')) throw new Refusal('malformed-bundle', `${where} has no inclusion ${carries}, which bundles of this version must have`);
  return {
    logIndex: readInteger(entry.get('logIndex') ?? '0', `${where}.logIndex`),
    logId: { keyId: readBytes(readObject(entry.get('logId'), `${where}.logId`, ['keyId']).get('keyId'), `${where}.logId.keyId`) },
    kindVersion: { kind: readText(kind.get('kind'), `${where}.kind`), version: readText(kind.get('version'), `${where}.version`) },
    integratedTime: readInteger(entry.get('integratedTime') ?? '0', `${where}.integratedTime`),
    inclusionPromise: promise ? { signedEntryTimestamp: readBytes(promise.get('signedEntryTimestamp'), `${where}.signedEntryTimestamp`) } : undefined,
    inclusionProof: entry.has('inclusionProof') ? readProof(entry.get('inclusionProof'), `${where}.inclusionProof`) : undefined,
    canonicalizedBody: readBytes(entry.get('canonicalizedBody'), `${where}.canonicalizedBody`),
  };
}

function readProof(json: unknown, where: string): NonNullable<TransparencyLogEntry['inclusionProof']> {
  const proof = readObject(json, where, ['logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint']);
  return {
    logIndex: readInteger(proof.get('logIndex') ?? '0', `${where}.logIndex`),
    rootHash: readBytes(proof.get('rootHash'), `${where}.rootHash`),
    treeSize: readInteger(proof.get('treeSize'), `${where}.treeSize`),
    // A tree of 2^64 leaves has paths of 64 hashes; proofs are of two such parts at most.
    hashes: list(proof.get('hashes'), `${where}.hashes`, 128).map((hash, index) => readBytes(hash, `${where}.hashes[${index}]`)),
    checkpoint: { envelope: readText(readObject(proof.get('checkpoint'), `${where}.checkpoint`, ['envelope']).get('envelope'), `${where}.checkpoint.envelope`, 16_384) },
  };
}
