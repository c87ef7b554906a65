import type { SignatureForm } from '../../provenance.ts';
import type { Authority } from '../authority.ts';
import type { EvidenceWithStatement } from '../statement-evidence.ts';
import type { SignedThing } from '../subject.ts';
import { parseBundle, parseBundleJson, type ParsedBundle } from './parse-bundle.ts';
import { Refusal } from './refusal.ts';
import { readStatement, SIGNATURE_PREDICATE, type Statement } from './statement.ts';
import { type Held, type SigstoreAuthority, verifyAs } from './verify-as.ts';

/** A bundle as it was found. Hostile input. */
export interface FoundBundle {
  readonly bundle: Uint8Array;
  readonly about: SignedThing;
  /** As evidence says it. */
  readonly where: string;
}

/** What a bundle that was made here of the parts of another form is about, and which form that was. */
export interface ConvertedFrom {
  readonly about: SignedThing;
  readonly where: string;
  readonly form: SignatureForm;
}

/**
 * Verifies a Sigstore bundle: one evidence for each authority that it satisfies, otherwise one with the best explanation. Message signatures and
 * statements of cosign's signature type are signatures; every other statement is an attestation. Never throws; codes in refusal.ts.
 */
export function verifySigstoreBundle({ bundle, about, where }: FoundBundle, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  return verifyParsed(() => parseBundle(bundle), { about, where, form: 'sigstore-bundle' }, authorities, now);
}

/** The same for a bundle in JSON that was made here of the parts of another form, which are as hostile; what they say is about `about`. Never throws. */
export function verifyConvertedBundle({ about, where, form }: ConvertedFrom, bundle: unknown, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  return verifyParsed(() => parseBundleJson(bundle), { about, where, form }, authorities, now);
}

function verifyParsed(parse: () => ParsedBundle, place: ConvertedFrom, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  const base = { ...place, statement: null };
  let parsed: ParsedBundle;
  let statement: Statement | null;
  try {
    parsed = parse();
    const { content } = parsed;
    statement = content.kind === 'envelope' ? readStatement(content.payloadType, content.payload, place.about) : null;
  } catch (error) {
    return [refused(base, { authority: null, refusal: asRefusal(error), held: null })];
  }
  const applicable = authorities.filter((authority): authority is SigstoreAuthority => authority.kind === 'keyless' || authority.kind === 'key' || authority.kind === 'certificate');
  const outcomes = applicable.map((authority) => attempt(authority, { parsed, about: place.about, now }));
  const accepted = outcomes.filter((outcome): outcome is Accepted => outcome.refusal === null);
  const said = { ...place, statement };
  if (accepted.length > 0) return accepted.map((outcome) => trusted(said, outcome));
  const none: Refused = { authority: null, refusal: new Refusal('unverifiable', 'No authority of the policy takes signatures of this form'), held: null };
  const best = (outcomes as Refused[]).toSorted((a, b) => rank(a.refusal) - rank(b.refusal))[0] ?? none;
  return [refused(said, best)];
}

interface Accepted { readonly authority: string; readonly refusal: null; readonly held: Held }
interface Refused { readonly authority: string | null; readonly refusal: Refusal; readonly held: Held | null }
interface Said extends ConvertedFrom { readonly statement: Statement | null }

function attempt(authority: SigstoreAuthority, subject: Parameters<typeof verifyAs>[1]): Accepted | Refused {
  try {
    const held = verifyAs(authority, subject);
    return held.refusal === null ? { authority: authority.name, refusal: null, held } : { authority: authority.name, refusal: held.refusal, held };
  } catch (error) {
    return { authority: authority.name, refusal: asRefusal(error), held: null };
  }
}

/** Libraries throw all kinds of errors at hostile input; whatever it is, the signature does not count. */
function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal('malformed-bundle', 'The bundle cannot be verified as it stands');
}

/** What explains most comes first: somebody else's good signature, then what is broken, then what is missing, then what was never meant for this authority. */
function rank({ code, status }: Refusal): number {
  if (code === 'identity-mismatch') return 0;
  if (code === 'key-expected' || code === 'certificate-expected') return 5;
  if (code === 'key-mismatch' || code === 'certificate-untrusted') return 4;
  return { invalid: 1, unsupported: 2, untrusted: 3 }[status];
}

function trusted(said: Said, { authority, held }: Accepted): EvidenceWithStatement {
  return { ...evidence(said, held), status: 'trusted', code: 'ok', message: held.identity === null ? 'Signed with a key of the authority' : `Signed by ${held.identity}`, authority, ...statementOf(said) };
}

function refused(said: Said, { authority, refusal, held }: Refused): EvidenceWithStatement {
  const { status, code, message } = refusal;
  return { ...evidence(said, held), status, code, message, authority, ...(held ? statementOf(said) : {}) };
}

function evidence({ form, where, statement }: Said, held: Held | null): Omit<EvidenceWithStatement, 'status' | 'code' | 'message' | 'authority' | 'statement'> {
  const attestation = statement !== null && statement.predicateType !== SIGNATURE_PREDICATE;
  return {
    form, where, covers: 'whole', uncovered: [],
    identity: held?.identity ?? null, issuer: held?.issuer ?? null, signedAt: held?.signedAt ?? null,
    predicateType: attestation ? statement.predicateType : null,
    ...(held?.signer ? { signer: held.signer } : {}),
  };
}

function statementOf({ statement }: Said): Pick<EvidenceWithStatement, 'statement'> {
  if (statement === null || statement.predicateType === SIGNATURE_PREDICATE) return {};
  return { statement: { predicateType: statement.predicateType, predicate: statement.predicate, statement: statement.json } };
}
