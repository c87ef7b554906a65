import { createHash } from 'node:crypto';
import type { Authority } from './authority.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate } from './subject.ts';
import { hasCustomSection, headerOf, readSections, WasmSignatureError } from './wasm-sections.ts';
import type { RawSection } from './wasm-sections.ts';
import { readWasmcloudToken } from './wasmcloud-token.ts';
import type { WasmcloudClaims } from './wasmcloud-token.ts';

/** `jwt` before version 0.9 of the library that signs. */
const SECTIONS = ['jwt', 'wasmcloud_jwt'];
/** Of older claims the hash was made otherwise, which is why other verifiers pass over it. */
const MIN_REVISION = 3;

/** Whether a module or component carries claims of wasmCloud. */
export function hasWasmcloudClaims(bytes: Uint8Array): boolean {
  return hasCustomSection(bytes, SECTIONS);
}

/**
 * Verifies the claims of wasmCloud inside a module or component: one section of them, signed by the account they name, within their time at `now`, of revision
 * 3 or later, over the SHA-256 of the file without that section. Signing tools write all sections anew, in as few bytes as possible, before they hash,
 * so the bytes as they lie in the file give the same hash; a file that was encoded otherwise afterwards is refused. Anybody can sign claims:
 * they count if the account is among the issuers of an authority. `candidate.about.bytes` is the file, its digest held before.
 */
export function verifyWasmcloudClaims(candidate: Candidate, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  const evidence = (outcome: Pick<EvidenceWithStatement, 'status' | 'code' | 'message' | 'authority'>, issuer?: string): EvidenceWithStatement => ({
    form: candidate.form, where: candidate.where, issuer: null, signedAt: null, predicateType: null, covers: 'whole', uncovered: [], identity: issuer ?? null,
    ...(issuer === undefined ? {} : { signer: `account:${issuer}` }), ...outcome,
  });
  try {
    const { issuer } = readClaims(candidate.about.bytes, now);
    const trusting = authorities.filter((authority) => authority.kind === 'wasmcloud' && authority.issuers.includes(issuer));
    if (trusting.length > 0) return trusting.map(({ name }) => evidence({ status: 'trusted', code: 'ok', message: `Claims are signed by an account of ${name}`, authority: name }, issuer));
    return [evidence({ status: 'untrusted', code: 'identity-mismatch', message: 'Claims hold, by an account that no authority names', authority: null }, issuer)];
  } catch (error) {
    if (error instanceof WasmSignatureError) return [evidence({ status: error.status, code: error.code, message: error.message, authority: null })];
    return [evidence({ status: 'error', code: 'internal', message: `Claims could not be verified: ${error instanceof Error ? error.name : 'unknown fault'}`, authority: null })];
  }
}

function readClaims(bytes: Uint8Array | null, now: Date): WasmcloudClaims {
  if (!bytes) throw new WasmSignatureError('error', 'bytes-missing', 'Module itself is not at hand, only its digest');
  if (headerOf(bytes) === 'other') throw new WasmSignatureError('invalid', 'malformed', 'Bytes do not begin with the header of a module or component');
  const section = claimsSection(bytes);
  const claims = readWasmcloudToken(bytes.subarray(section.content, section.end));
  if (claims.revision < MIN_REVISION) throw new WasmSignatureError('invalid', 'claims-revision', `Claims are of revision ${claims.revision}, whose hash of the module cannot be relied on: sign anew`);
  const hash = createHash('sha256').update(bytes.subarray(0, section.start)).update(bytes.subarray(section.end)).digest('hex').toUpperCase();
  if (hash !== claims.hash) throw new WasmSignatureError('invalid', 'digest-mismatch', 'Module is not the one that was signed: its hash differs from the claims');
  demandTime(claims, now.getTime() / 1000);
  return claims;
}

function claimsSection(bytes: Uint8Array): RawSection {
  const found = readSections(bytes).filter(({ custom }) => custom !== null && SECTIONS.includes(custom));
  const [section] = found;
  if (!section) throw new WasmSignatureError('invalid', 'section-missing', 'Module has no section with claims');
  if (found.length > 1) throw new WasmSignatureError('invalid', 'section-repeated', 'Module has more than one section with claims');
  return section;
}

/** Written so that a time that is no number is refused as well. */
function demandTime({ expires, notBefore }: WasmcloudClaims, now: number): void {
  if (expires !== null && !(now < expires)) throw new WasmSignatureError('invalid', 'signature-expired', `Claims have expired on ${dateOf(expires)}`);
  if (notBefore !== null && !(now >= notBefore)) throw new WasmSignatureError('invalid', 'not-yet-valid', `Claims are not valid before ${dateOf(notBefore)}`);
}

/** Dates end in the year 275760; claims may name later ones. */
function dateOf(seconds: number): string {
  return seconds < 8_640_000_000_000 ? new Date(seconds * 1000).toISOString() : `second ${seconds}`;
}
