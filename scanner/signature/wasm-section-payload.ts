import { Buffer } from 'node:buffer';
import { LIMITS } from '../wasm/limits.ts';
import { ByteReader } from '../wasm/reader.ts';
import { minimalU32, readingStrictly, WasmSignatureError } from './wasm-sections.ts';

/** One signature of a set, by an algorithm that is known. */
export interface WasmSignature {
  /** As the signer calls the key; not covered by the signature. Empty: none. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** Signatures over one list of hashes. */
export interface WasmSignatureSet {
  /** Hexadecimal, in the order of the parts of the module. */
  readonly hashes: readonly string[];
  readonly signatures: readonly WasmSignature[];
  /** Signatures by algorithms that are not known, passed over. */
  readonly unknown: number;
}

const HASH_LENGTH = 32;
const SIGNATURE_LENGTH = 64;
const ED25519 = 1;

/** Format version 1, content type module, SHA-256: the only kind there is. It begins the payload, and follows `wasmsig` in what is signed. */
export const WASM_SIGNATURE_KIND = Uint8Array.of(1, 1, 1);

/**
 * Reads the payload of a section `signature`, in the layout that wasmsign2 writes: sets and signatures each stand after their length, which the
 * document of the WebAssembly tool conventions leaves out. Every byte has its meaning; none may be left over. Throws WasmSignatureError.
 */
export function parseWasmSignature(payload: Uint8Array): readonly WasmSignatureSet[] {
  return readingStrictly(() => {
    const reader = new ByteReader(payload);
    refuseOtherKinds(reader.take(WASM_SIGNATURE_KIND.length));
    const budget = { signatures: LIMITS.wasmSignatures };
    const sets = Array.from({ length: minimalCount(reader, LIMITS.wasmSignatureSets, 'signature sets') }, () => exactly(reader, (body) => readSet(body, budget)));
    if (!reader.done) reader.fail('section-size', `Signature has ${reader.left} bytes left over`);
    if (sets.length === 0) throw new WasmSignatureError('invalid', 'signature-empty', 'Signature section has no signature inside');
    return sets;
  });
}

function refuseOtherKinds(kind: Uint8Array): void {
  const text = Buffer.from(kind).toString('hex');
  if (text.startsWith('0202')) throw new WasmSignatureError('unsupported', 'keyless-section', 'Signature section has the keyless form of Sigil (02 02), which is not supported: sign with a key, or sign the artifact with Sigstore');
  if (text !== Buffer.from(WASM_SIGNATURE_KIND).toString('hex')) throw new WasmSignatureError('unsupported', 'version-unknown', `Signature section is of a kind that is not known: version, content and hash are ${text}, 010101 is supported`);
}

function readSet(body: ByteReader, budget: { signatures: number }): WasmSignatureSet {
  const count = minimalCount(body, LIMITS.wasmSignatureHashes, 'hashes');
  if (count === 0) body.fail('count-mismatch', 'Signature set names no hash, so it says nothing of any module');
  const hashes = Array.from({ length: count }, () => Buffer.from(body.take(HASH_LENGTH)).toString('hex'));
  const records = minimalCount(body, budget.signatures, 'signatures');
  if (records === 0) body.fail('count-mismatch', 'Signature set has no signature');
  budget.signatures -= records;
  const read = Array.from({ length: records }, () => exactly(body, readSignature));
  const signatures = read.filter((one) => one !== null);
  return { hashes, signatures, unknown: read.length - signatures.length };
}

/** null: of an algorithm that is not known. */
function readSignature(body: ByteReader): WasmSignature | null {
  const keyId = body.take(minimalU32(body));
  if (body.byte() !== ED25519) {
    body.skip(body.left);
    return null;
  }
  const length = minimalU32(body);
  if (length !== SIGNATURE_LENGTH) body.fail('section-size', `Ed25519 signature of ${length} bytes instead of ${SIGNATURE_LENGTH}`);
  return { keyId, signature: body.take(length) };
}

/** Reads what stands after its length, all of it. */
function exactly<Result>(reader: ByteReader, read: (body: ByteReader) => Result): Result {
  const body = reader.sub(minimalU32(reader));
  const result = read(body);
  if (!body.done) body.fail('section-size', `Part of the signature has ${body.left} bytes left over`);
  return result;
}

/** A count, refused before anything is allocated; the limits are low, so that the bytes themselves may tell when they run out. */
function minimalCount(reader: ByteReader, limit: number, what: string): number {
  const count = minimalU32(reader);
  if (count > limit) reader.fail('limit-exceeded', `Too many ${what}: ${count}, limit ${limit}`);
  return count;
}
