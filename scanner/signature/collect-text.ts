import { parseStrictJson, StrictJsonError } from '../strict-json.ts';
import { LIMITS } from '../wasm/limits.ts';
import { isRecord } from '../is-record.ts';
import type { Candidate, SignedThing } from './subject.ts';

/** Where something was found and what it should be about. */
export interface Place {
  readonly where: string;
  readonly about: SignedThing;
}

/** What is known of something that was recognised and not read. */
export interface Unread {
  readonly status: 'unsupported' | 'error' | 'invalid';
  readonly code: string;
  /** A plain sentence without a full stop. */
  readonly reason: string;
}

/** A candidate that says why nothing can be verified. */
export function unread({ where, about }: Place, { status, code, reason }: Unread): Candidate {
  return { form: 'unknown', where, about, status, code, reason };
}

/** More signatures than are tried: those beyond are told, so that "none fitted" is never said of what nobody looked at. `count`: null where nobody counted. */
export function tooMany(place: Place, count: number | null): Candidate {
  const all = count === null ? 'more' : String(count);
  return unread(place, { status: 'unsupported', code: 'too-many-signatures', reason: `Only the first ${LIMITS.signatures} of ${all} signatures were tried` });
}

/** More bytes than a signature may have. */
export function tooLarge(place: Place, limit: number): Candidate {
  return unread(place, { status: 'unsupported', code: 'too-large', reason: `A signature has more than ${limit} bytes` });
}

/**
 * A document of JSON as the form that its content shows: a Sigstore bundle, the bundle that cosign 2 writes for files, or a bare envelope.
 * Names and media types have no say. Never throws: what is none of them is a candidate of form unknown.
 */
export function candidateOfContent(bytes: Uint8Array, place: Place): Candidate {
  if (bytes.length > LIMITS.signatureBytes) return tooLarge(place, LIMITS.signatureBytes);
  try {
    return formOf(parseStrictJson(bytes), bytes, place);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    return unread(place, { status: 'invalid', code: 'malformed', reason: `A signature cannot be read: ${error.message}` });
  }
}

/** A signature a line, as GitHub's command line and provenance generators write them; a file with one document over several lines is read as well. */
export function candidatesOfLines(bytes: Uint8Array, place: Place): readonly Candidate[] {
  if (bytes.length > LIMITS.signatureFileBytes) return [tooLarge(place, LIMITS.signatureFileBytes)];
  const { lines, more } = linesOf(bytes);
  if (lines.length > 1 && isOneDocument(bytes)) return [candidateOfContent(bytes, place)];
  const found = lines.map((line) => candidateOfContent(line, place));
  return more ? [...found, tooMany(place, null)] : found;
}

/** Whether JSON has what every envelope of the Dead Simple Signing Envelope has. */
export function isEnvelope(value: unknown): boolean {
  return isRecord(value) && 'payloadType' in value && 'payload' in value && 'signatures' in value;
}

function formOf(value: unknown, bytes: Uint8Array, place: Place): Candidate {
  if (!isRecord(value)) return unread(place, { status: 'invalid', code: 'malformed', reason: 'A signature is no JSON object' });
  const { mediaType } = value;
  if ('verificationMaterial' in value || (typeof mediaType === 'string' && mediaType.startsWith('application/vnd.dev.sigstore.bundle'))) return { form: 'sigstore-bundle', ...place, bundle: bytes };
  if ('base64Signature' in value) return { form: 'blob-bundle', ...place, bundle: bytes };
  if (isEnvelope(value)) return { form: 'dsse', ...place, envelope: bytes };
  const reason = 'SignedEntryTimestamp' in value ? 'A log entry alone is no signature: the signature itself is missing' : 'A JSON document is none of the known forms of a signature';
  return unread(place, { status: 'unsupported', code: 'unknown-form', reason });
}

function isOneDocument(bytes: Uint8Array): boolean {
  if (bytes.length > LIMITS.signatureBytes) return false;
  try {
    parseStrictJson(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Lines without the empty ones: as many as are tried, and whether there are more. */
function linesOf(bytes: Uint8Array): { readonly lines: readonly Uint8Array[]; readonly more: boolean } {
  const lines: Uint8Array[] = [];
  let at = 0;
  for (let seen = 0; at < bytes.length && lines.length < LIMITS.signatures && seen < LIMITS.signatureLines; seen += 1) {
    const found = bytes.indexOf(0x0a, at);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(at, end);
    if (line.some((byte) => byte > 0x20)) lines.push(line);
    at = end + 1;
  }
  return { lines, more: bytes.subarray(at).some((byte) => byte > 0x20) };
}
