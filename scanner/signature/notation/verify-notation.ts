import type { SignatureEvidence } from '../../provenance.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { Authority } from '../authority.ts';
import type { Candidate } from '../subject.ts';
import { algorithmOfKey, demandAlgorithm, holds } from './algorithm.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { demandChain, demandRoot, demandValidity, isAnchored } from './chain.ts';
import { readCose } from './cose.ts';
import type { Envelope } from './envelope.ts';
import { type NotationCode, NotationFailure } from './failure.ts';
import { identityHolds, NotationIdentityError, parseNotationIdentity } from './identity.ts';
import { readJws } from './jws.ts';
import { nameText } from './name.ts';
import { demandTarget } from './target.ts';
import { type TrustedTime, trustedTime } from './time.ts';

type NotationAuthority = Extract<Authority, { readonly kind: 'notation' }>;
export type NotationCandidate = Extract<Candidate, { readonly form: 'notation-jws' | 'notation-cose' }>;

/** An envelope that is sound in itself: its key signed it, it is about the artifact, and its certificates fit together. */
interface Sound {
  readonly envelope: Envelope;
  readonly chain: readonly Certificate[];
}

/** Failures from the least to the most that went right before them: the furthest is the best explanation. */
const PROGRESS: readonly NotationCode[] = ['identity-unreadable', 'chain-untrusted', 'identity-mismatch', 'timestamp-untrusted'];

/**
 * Verifies a Notary Project signature (signature specification 1.1, trust policy 1.0) for each authority of kind `notation`: one evidence for each that it
 * satisfies, else one with the best explanation. Levels as in the trust policy: `strict` enforces expiry, the lifetimes of certificates and timestamps;
 * `permissive` says in the message what of these does not hold. Revocation is not looked up at any level, which the message says: it needs a network.
 * Never throws.
 */
export function verifyNotation(candidate: Candidate, authorities: readonly Authority[], now: Date): SignatureEvidence[] {
  if (candidate.form !== 'notation-jws' && candidate.form !== 'notation-cose') return [];
  const sound = attempt(() => readSound(candidate));
  if (sound instanceof NotationFailure) return [refused(candidate, sound)];
  const asked = authorities.filter((authority): authority is NotationAuthority => authority.kind === 'notation');
  if (asked.length === 0) {
    const failure = new NotationFailure('unverifiable', 'The signature is sound, and the policy has no authority that says whether its signer is trusted', 'untrusted');
    return [refused(candidate, failure, { chain: sound.chain })];
  }
  const results = asked.map((authority) => ({ authority, time: attempt(() => demandAuthority(sound, authority, now)) }));
  const trusted = results.flatMap(({ authority, time }) => (time instanceof NotationFailure ? [] : [accepted(candidate, { ...sound, authority, time })]));
  return trusted.length > 0 ? trusted : [bestExplanation(candidate, sound, results)];
}

/** What a function returns, or why it refused. A fault of ours is an error and never trust. */
function attempt<T>(work: () => T): T | NotationFailure {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotationFailure) return error;
    return new NotationFailure('internal', `The signature could not be verified: ${error instanceof Error ? error.message : 'unknown'}`, 'error');
  }
}

function readSound({ form, envelope: bytes, about }: NotationCandidate): Sound {
  if (bytes.length > LIMITS.notationEnvelopeBytes) throw new NotationFailure('limit-exceeded', `The envelope is longer than ${LIMITS.notationEnvelopeBytes} bytes`, 'error');
  const envelope = form === 'notation-jws' ? readJws(bytes) : readCose(bytes);
  const chain = envelope.chain.map(readCertificate);
  const { key } = chain[0]!;
  const algorithm = algorithmOfKey(key);
  demandAlgorithm(envelope.algorithm, algorithm);
  if (!holds(algorithm, key, envelope)) throw new NotationFailure('signature-mismatch', 'The signature does not hold for the payload and header of the envelope');
  demandTarget(envelope.payload, about);
  demandChain(chain, 'codeSigning');
  demandRoot(chain);
  return { envelope, chain };
}

function demandAuthority({ envelope, chain }: Sound, authority: NotationAuthority, now: Date): TrustedTime {
  const identities = readIdentities(authority);
  const [leaf] = chain;
  if (!isAnchored(chain, authority.authorities)) throw new NotationFailure('chain-untrusted', 'The certificate of the signer does not lead to an authority that the policy names', 'untrusted');
  if (!identities.some((identity) => identityHolds(identity, leaf!.subject))) throw new NotationFailure('identity-mismatch', `The signer is ${nameText(leaf!.subject)}, who is not asked for`, 'untrusted');
  return trustedTime({ envelope, now, demandValid: (span) => demandValidity(chain, span) }, authority);
}

/** Which the policy's reader has refused before, when they are none. */
function readIdentities({ identities }: NotationAuthority): ReturnType<typeof parseNotationIdentity>[] {
  try {
    return identities.map(parseNotationIdentity);
  } catch (error) {
    if (error instanceof NotationIdentityError) throw new NotationFailure('identity-unreadable', error.message, 'error');
    throw error;
  }
}

interface Result {
  readonly authority: NotationAuthority;
  readonly time: TrustedTime | NotationFailure;
}

function bestExplanation(candidate: NotationCandidate, { chain }: Sound, results: readonly Result[]): SignatureEvidence {
  const failures = results.map(({ authority, time }) => ({ authority, failure: time as NotationFailure }));
  const best = failures.toSorted((a, b) => progress(b.failure) - progress(a.failure))[0]!;
  return refused(candidate, best.failure, { chain, authority: best.failure.code === 'chain-untrusted' ? null : best.authority.name });
}

function progress({ code }: NotationFailure): number {
  const at = PROGRESS.indexOf(code);
  return at === -1 ? PROGRESS.length : at;
}

function accepted(candidate: NotationCandidate, { chain, authority, time }: Sound & { readonly authority: NotationAuthority; readonly time: TrustedTime }): SignatureEvidence {
  const notes = [...time.notes, 'revocation was not looked up'].join('; ');
  return {
    ...frame(candidate, chain), status: 'trusted', code: 'ok', authority: authority.name, signedAt: time.signedAt?.toISOString() ?? null,
    message: `Signed by ${nameText(chain[0]!.subject)}; ${notes}`,
  };
}

function refused(candidate: NotationCandidate, { status, code, message }: NotationFailure, known: { readonly chain?: readonly Certificate[]; readonly authority?: string | null } = {}): SignatureEvidence {
  return { ...frame(candidate, known.chain ?? []), status, code, message, authority: known.authority ?? null, signedAt: null };
}

function frame({ form, where }: NotationCandidate, [leaf]: readonly Certificate[]): Pick<SignatureEvidence, 'form' | 'where' | 'identity' | 'issuer' | 'covers' | 'uncovered' | 'predicateType'> {
  return { form, where, identity: leaf ? nameText(leaf.subject) : null, issuer: leaf ? nameText(leaf.issuer) : null, covers: 'whole', uncovered: [], predicateType: null };
}
