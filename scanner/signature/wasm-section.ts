import { Buffer } from 'node:buffer';
import { createHash, createHmac } from 'node:crypto';
import type { SignatureEvidence } from '../provenance.ts';
import { LIMITS } from '../wasm/limits.ts';
import type { Authority, VerificationKey } from './authority.ts';
import { rawEd25519, verifyWithKey } from './keys.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate } from './subject.ts';
import { parseWasmSignature, WASM_SIGNATURE_KIND } from './wasm-section-payload.ts';
import type { WasmSignatureSet } from './wasm-section-payload.ts';
import { hasCustomSection, headerOf, readSections, sectionName, WasmSignatureError } from './wasm-sections.ts';
import type { RawSection } from './wasm-sections.ts';

type WasmAuthority = Extract<Authority, { kind: 'wasmSignature' }>;

/** A signed module, or the module beside a detached signature, with the hash after each part. */
interface SignedModule {
  /** All sections that are covered or ought to be, each with its place in the file. */
  readonly sections: readonly { readonly section: RawSection; readonly index: number }[];
  /** Hexadecimal; `through`: how many of the sections it covers. */
  readonly hashes: readonly { readonly hash: string; readonly through: number }[];
}

/** A set that speaks of this module: its hashes are the module's, all of them or the first ones. */
interface FittingSet {
  readonly set: WasmSignatureSet;
  readonly message: Uint8Array;
  /** Sections that it leaves uncovered. */
  readonly rest: SignedModule['sections'];
}

/** Evidence without what is the same for the whole candidate. */
type Outcome = Pick<EvidenceWithStatement, 'status' | 'code' | 'message' | 'authority' | 'identity' | 'covers' | 'uncovered' | 'signer'>;

type Verify = (key: VerificationKey, fitting: FittingSet) => boolean;

const SECTION = 'signature';
const DELIMITER = 'signature_delimiter';
const KEY_ID_LENGTH = 12;
/** The failure that tells a reader most comes first. */
const TELLING = ['partial-coverage', 'signature-mismatch', 'algorithm-unknown', 'key-unknown'];

/** Whether a module carries a signature section anywhere, also where it must not stand: such a one is to be refused, not passed over. */
export function hasWasmSection(bytes: Uint8Array): boolean {
  return hasCustomSection(bytes, [SECTION]);
}

/**
 * Verifies the signature inside a core module (WebAssembly tool conventions, Signatures.md, in the layout that wasmsign2 writes), stricter than wasmsign2:
 * the header is fixed, the signature section stands first and alone, every hash is computed anew over the bytes as they lie in the file, and a set
 * of hashes counts only if it is the module's, in full and in order. A key id that is given must be the usual one of the key, so that no byte of a
 * signature is free. Parts that are missing from the end never count, since nobody could say what they were; parts added at the end count under an
 * authority with scope `partial` whose `sections` name them all, and are listed. `candidate.about.bytes` is the module, its digest held before.
 */
export function verifyWasmSection(candidate: Candidate, authorities: readonly Authority[], _now: Date): EvidenceWithStatement[] {
  return verifyWasm(candidate, authorities, (bytes) => {
    const sections = readSections(bytes);
    const at = sections.findIndex(({ custom }) => custom === SECTION);
    const own = sections[at];
    if (!own) throw new WasmSignatureError('invalid', 'section-missing', 'Module has no signature section');
    if (sections.filter(({ custom }) => custom === SECTION).length > 1) throw new WasmSignatureError('invalid', 'section-repeated', 'Module has more than one signature section');
    if (at !== 0) throw new WasmSignatureError('invalid', 'section-not-first', `Signature section is not the first one but section[${at}]: what stands in front of it would not be covered`);
    return { payload: bytes.subarray(own.content, own.end), module: hashModule(bytes, sections.map((section, index) => ({ section, index })).slice(1)) };
  });
}

/** The same for a payload in a file of its own (`candidate.signature`) beside the module, which then must hold no signature section. */
export function verifyWasmDetached(candidate: Extract<Candidate, { form: 'detached' }>, authorities: readonly Authority[], _now: Date): EvidenceWithStatement[] {
  return verifyWasm(candidate, authorities, (bytes) => {
    const sections = readSections(bytes);
    if (sections.some(({ custom }) => custom === SECTION)) throw new WasmSignatureError('invalid', 'section-repeated', 'Module beside a detached signature has a signature section of its own, which the detached one does not cover');
    return { payload: candidate.signature, module: hashModule(bytes, sections.map((section, index) => ({ section, index }))) };
  });
}

function verifyWasm(candidate: Candidate, authorities: readonly Authority[], read: (bytes: Uint8Array) => { payload: Uint8Array; module: SignedModule }): EvidenceWithStatement[] {
  const evidence = (outcome: Outcome): EvidenceWithStatement => ({ form: candidate.form, where: candidate.where, issuer: null, signedAt: null, predicateType: null, ...outcome });
  try {
    const { bytes } = candidate.about;
    if (!bytes) throw new WasmSignatureError('error', 'bytes-missing', 'Module itself is not at hand, only its digest');
    refuseOtherHeaders(bytes);
    const { payload, module } = read(bytes);
    const fitting = fittingSets(parseWasmSignature(payload), module);
    return judge(fitting, authorities.filter((authority) => authority.kind === 'wasmSignature')).map(evidence);
  } catch (error) {
    if (error instanceof WasmSignatureError) return [evidence({ ...NOBODY, status: error.status, code: error.code, message: error.message })];
    return [evidence({ ...NOBODY, status: 'error', code: 'internal', message: `Signature could not be verified: ${error instanceof Error ? error.name : 'unknown fault'}` })];
  }
}

const NOBODY = { authority: null, identity: null, covers: 'whole', uncovered: [] } as const;

function refuseOtherHeaders(bytes: Uint8Array): void {
  const header = headerOf(bytes);
  if (header === 'component') throw new WasmSignatureError('unsupported', 'component', 'Signature section in a component: these signatures are for core modules, and do not cover the header that tells them apart');
  if (header === 'other') throw new WasmSignatureError('invalid', 'malformed', 'Bytes do not begin with the header of a core module');
}

/** One running SHA-256 over whole sections, read off after each delimiter, and at the end unless a delimiter stands there. */
function hashModule(bytes: Uint8Array, sections: SignedModule['sections']): SignedModule {
  const running = createHash('sha256');
  const hashes: { hash: string; through: number }[] = [];
  for (const [index, { section }] of sections.entries()) {
    running.update(bytes.subarray(section.start, section.end));
    if (section.custom !== DELIMITER && index < sections.length - 1) continue;
    if (hashes.length >= LIMITS.wasmSignatureHashes) throw new WasmSignatureError('invalid', 'limit-exceeded', `Too many parts of a signed module: more than ${LIMITS.wasmSignatureHashes}`);
    hashes.push({ hash: running.copy().digest('hex'), through: index + 1 });
  }
  return { sections, hashes: hashes.length > 0 ? hashes : [{ hash: running.digest('hex'), through: 0 }] };
}

/** Sets that speak of this module, the one that covers most first. Throws WasmSignatureError when none does. */
function fittingSets(sets: readonly WasmSignatureSet[], module: SignedModule): readonly FittingSet[] {
  const fitting = sets.flatMap((set) => {
    const last = module.hashes[set.hashes.length - 1];
    if (!last || set.hashes.some((hash, index) => module.hashes[index]?.hash !== hash)) return [];
    const message = Buffer.concat([Buffer.from('wasmsig'), WASM_SIGNATURE_KIND, Buffer.from(set.hashes.join(''), 'hex')]);
    return [{ set, message, rest: module.sections.slice(last.through) }];
  });
  if (fitting.length > 0) return fitting.toSorted((a, b) => a.rest.length - b.rest.length);
  const cut = sets.some((set) => set.hashes.length > module.hashes.length && module.hashes.every(({ hash }, index) => set.hashes[index] === hash));
  if (cut) throw new WasmSignatureError('invalid', 'module-cut', 'Module was signed with more parts behind the last one: they have been cut off');
  throw new WasmSignatureError('invalid', 'digest-mismatch', 'Module is not the one that was signed: its hashes differ');
}

function judge(fitting: readonly FittingSet[], authorities: readonly WasmAuthority[]): Outcome[] {
  const [best] = fitting;
  if (authorities.length === 0) return [{ ...NOBODY, ...coverage(best!), status: 'untrusted', code: 'unverifiable', message: 'No authority names keys for signatures inside modules' }];
  const verify = rememberingVerifier();
  const outcomes = authorities.map((authority) => judgeOne(authority, fitting, verify));
  const trusted = outcomes.filter(({ status }) => status === 'trusted');
  if (trusted.length > 0) return trusted;
  return outcomes.toSorted((a, b) => TELLING.indexOf(a.code) - TELLING.indexOf(b.code)).slice(0, 1);
}

/** `fitting`: the set that covers most first, so that an authority is held to the best that was signed by its keys. */
function judgeOne(authority: WasmAuthority, fitting: readonly FittingSet[], verify: Verify): Outcome {
  for (const one of fitting) {
    const key = authority.keys.find((candidate) => verify(candidate, one));
    if (key) return outcomeOf(authority, key, one);
  }
  return unverified(authority, fitting);
}

function outcomeOf(authority: WasmAuthority, key: VerificationKey, one: FittingSet): Outcome {
  const outcome = { ...coverage(one), authority: authority.name, identity: `sha256:${key.id}`, signer: `key:${key.id}` };
  if (one.rest.length === 0) return { ...outcome, status: 'trusted', code: 'ok', message: `Module is signed as a whole by a key of ${authority.name}` };
  const bare = one.rest.filter(({ section }) => authority.scope !== 'partial' || section.custom === null || !authority.sections.includes(section.custom));
  if (bare.length === 0) return { ...outcome, status: 'trusted', code: 'ok', message: `Module is signed in part by a key of ${authority.name}, who lets the rest be unsigned` };
  return { ...outcome, status: 'invalid', code: 'partial-coverage', message: `Signature by a key of ${authority.name} does not cover ${bare.length} ${bare.length === 1 ? 'section' : 'sections'} that must be covered, first ${sectionName(bare[0]!.section, bare[0]!.index)}` };
}

function unverified(authority: WasmAuthority, fitting: readonly FittingSet[]): Outcome {
  const outcome = { ...NOBODY, ...coverage(fitting[0]!) };
  const ids = fitting.flatMap(({ set }) => set.signatures.map(({ keyId }) => Buffer.from(keyId)));
  if (authority.keys.some((key) => ids.some((id) => usualKeyId(key)?.equals(id)))) return { ...outcome, authority: authority.name, status: 'invalid', code: 'signature-mismatch', message: `Signature names a key of ${authority.name}, and that key did not make it` };
  if (ids.length === 0) return { ...outcome, status: 'unsupported', code: 'algorithm-unknown', message: 'Signatures are by algorithms that are not known: Ed25519 is supported' };
  return { ...outcome, status: 'untrusted', code: 'key-unknown', message: 'Signature is by no key that an authority names' };
}

function coverage({ rest }: FittingSet): Pick<SignatureEvidence, 'covers' | 'uncovered'> {
  return { covers: rest.length > 0 ? 'partial' : 'whole', uncovered: rest.map(({ section, index }) => sectionName(section, index)) };
}

/** Verifies each pair of a key and a signature once, and no more of them than the limit: their number is the product of what policy and artifact give. */
function rememberingVerifier(): Verify {
  const known = new Map<string, Map<Uint8Array, boolean>>();
  let tries = 0;
  return (key, { set, message }) => {
    const ofKey = known.get(key.id) ?? new Map<Uint8Array, boolean>();
    known.set(key.id, ofKey);
    const usual = usualKeyId(key);
    return set.signatures.some(({ keyId, signature }) => {
      if (!usual || (keyId.length > 0 && !usual.equals(keyId))) return false;
      const before = ofKey.get(signature);
      if (before !== undefined) return before;
      if (++tries > LIMITS.wasmSignatureTries) throw new WasmSignatureError('invalid', 'limit-exceeded', `Too many signatures for the keys to try: more than ${LIMITS.wasmSignatureTries} pairs`);
      const good = verifyWithKey(key, message, signature);
      ofKey.set(signature, good);
      return good;
    });
  };
}

/** What wasmsign2 calls a key unless told otherwise. null for keys of other kinds, which verify nothing here. */
function usualKeyId(key: VerificationKey): Buffer | null {
  const raw = rawEd25519(key);
  return raw && createHmac('sha256', raw).update('key_id').digest().subarray(0, KEY_ID_LENGTH);
}
