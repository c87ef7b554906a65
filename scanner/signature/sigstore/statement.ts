import { parseStrictJson } from '../../strict-json.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { SignedThing } from '../subject.ts';
import { Refusal } from './refusal.ts';

/** An in-toto statement that names the artifact. */
export interface Statement {
  readonly predicateType: string;
  readonly predicate: unknown;
  /** All of it. */
  readonly json: unknown;
}

/** The predicate type of what is a signature and says nothing else; every other statement is an attestation, and none of a signature. */
export const SIGNATURE_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];
const ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const;

/**
 * Reads the payload of an envelope (in-toto statement 0.1 or 1) and holds it against what it should be about: by digest, never by name, in lower-case
 * hexadecimal. A subject that fits by one digest and differs in another does not count. Throws Refusal.
 */
export function readStatement(payloadType: string, payload: Uint8Array, about: SignedThing): Statement {
  if (payloadType !== PAYLOAD_TYPE) throw new Refusal('payload-type-unknown', 'The envelope holds something else than an in-toto statement');
  const statement = parse(payload);
  if (!TYPES.includes(statement['_type'] as string)) throw malformed('is of a type that is not known');
  const { predicateType, predicate } = statement;
  if (typeof predicateType !== 'string' || predicateType === '' || predicateType.length > 1_024) throw malformed('has no predicate type');
  const subjects = statement['subject'];
  if (!Array.isArray(subjects) || subjects.length === 0) throw malformed('has no subject');
  if (subjects.length > LIMITS.statementSubjects) throw new Refusal('limit-exceeded', `The statement has ${subjects.length} subjects, more than ${LIMITS.statementSubjects}`);
  const digests = subjects.map(digestsOf);
  if (!digests.some((named) => fits(named, about))) throw new Refusal('digest-mismatch', `The statement is about something else than sha256:${about.digests.sha256}`);
  return { predicateType, predicate: predicate ?? null, json: statement };
}

function parse(payload: Uint8Array): Record<string, unknown> {
  try {
    const json = parseStrictJson(payload, { bytes: LIMITS.bundleBytes });
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch (error) {
    throw malformed(`cannot be read: ${(error as Error).message}`);
  }
  throw malformed('is no object');
}

function digestsOf(subject: unknown): Record<string, unknown> {
  const digest = typeof subject === 'object' && subject !== null ? (subject as Record<string, unknown>)['digest'] : null;
  if (typeof digest !== 'object' || digest === null || Array.isArray(digest)) throw malformed('has a subject without digests');
  return digest as Record<string, unknown>;
}

function fits(named: Record<string, unknown>, { digests }: SignedThing): boolean {
  const both = ALGORITHMS.filter((algorithm) => digests[algorithm] !== undefined && Object.hasOwn(named, algorithm));
  return both.length > 0 && both.every((algorithm) => named[algorithm] === digests[algorithm]);
}

function malformed(what: string): Refusal {
  return new Refusal('malformed-statement', `The statement ${what}`);
}
