import { type Certificate, PURPOSES, sameBytes } from './certificate.ts';
import { NotationFailure } from './failure.ts';
import { nameText } from './name.ts';

/** What the holder of a certificate may be asked to do. */
export type Purpose = 'codeSigning' | 'timeStamping';

/** First and last moment at which something was done; the same where it is known to the moment. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

const DIGITAL_SIGNATURE = 0;
const CONTENT_COMMITMENT = 1;
const KEY_CERT_SIGN = 5;

/** Refuses a chain that does not end with a certificate which signed itself: an envelope must bring its root. Throws NotationFailure. */
export function demandRoot(chain: readonly Certificate[]): void {
  const root = chain.at(-1);
  if (root && !isSelfSigned(root)) throw broken(root, 'is the last of the chain and did not sign itself: the root is missing');
}

/**
 * Holds a chain against the certificate requirements of the signature specification: from the leaf, each signed by the next; uses, path lengths and
 * digests as they must be. Says nothing of trust or time. Throws NotationFailure.
 */
export function demandChain(chain: readonly Certificate[], purpose: Purpose): void {
  for (const [index, certificate] of chain.entries()) {
    const last = index === chain.length - 1;
    if (!isStrong(certificate)) throw broken(certificate, 'has a key that is too weak or of another kind than RSA, P-256, P-384 and P-521');
    if (index === 0) demandLeaf(certificate, purpose);
    else demandAuthority(certificate, { below: index - 1, purpose });
    if (!last && isSelfSigned(certificate)) throw broken(certificate, 'signed itself and is not the last of the chain');
    if (!last && !issued(chain[index + 1]!, certificate)) throw broken(certificate, 'is not signed by the next of the chain, which goes from the signer to the root');
  }
}

/**
 * Whether the chain leads to somebody trusted: a certificate authority in it is one of the anchors, byte for byte. A certificate that
 * signed itself and stands alone is trusted only when it is an anchor itself.
 */
export function isAnchored(chain: readonly Certificate[], anchors: readonly { readonly raw: Uint8Array }[]): boolean {
  return chain.some((certificate, index) => (index > 0 || chain.length === 1) && anchors.some((anchor) => sameBytes(anchor.raw, certificate.raw)));
}

/** Refuses a chain of which a certificate was not valid during the whole span. Throws NotationFailure. */
export function demandValidity(chain: readonly Certificate[], { from, to }: Span): void {
  for (const certificate of chain) {
    const { notBefore, notAfter } = certificate;
    if (from < notBefore) throw new NotationFailure('certificate-not-yet-valid', `Certificate ${label(certificate)} was not valid before ${notBefore.toISOString()}, and the time that counts is ${from.toISOString()}`);
    if (to > notAfter) throw new NotationFailure('certificate-expired', `Certificate ${label(certificate)} expired at ${notAfter.toISOString()}, and the time that counts is ${to.toISOString()}`);
  }
}

/** Whether `issuer` signed `certificate`, by name and by key, over a digest that cannot be forged. */
export function issued(issuer: Certificate, certificate: Certificate): boolean {
  return sameBytes(issuer.subjectName, certificate.issuerName) && certificate.soundDigest && certificate.signedBy(issuer.key);
}

/** Whether a certificate names itself as its issuer and is signed with its own key. The digest says nothing here: roots are known by their bytes. */
export function isSelfSigned(certificate: Certificate): boolean {
  return sameBytes(certificate.subjectName, certificate.issuerName) && certificate.signedBy(certificate.key);
}

/** A weak key anywhere in a chain lets others issue in its name. */
function isStrong({ key }: Certificate): boolean {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  return key.asymmetricKeyType === 'rsa' ? modulusLength >= 2048 : key.asymmetricKeyType === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve);
}

function demandLeaf(certificate: Certificate, purpose: Purpose): void {
  const { constraints, keyUsage, extendedKeyUsage } = certificate;
  if (constraints?.ca) throw profile(certificate, 'is one of a certificate authority');
  if (!keyUsage?.bits.has(DIGITAL_SIGNATURE) || (purpose === 'codeSigning' && !keyUsage.critical)) throw profile(certificate, 'has no critical key usage with digitalSignature');
  if ([...keyUsage.bits].some((bit) => bit !== DIGITAL_SIGNATURE && bit !== CONTENT_COMMITMENT)) throw profile(certificate, 'has key usages beside digitalSignature');
  const purposes = [...(extendedKeyUsage?.purposes ?? [])];
  if (!purposes.includes(PURPOSES[purpose])) throw profile(certificate, `has no extended key usage ${purpose}`);
  if (purpose === 'timeStamping' && (purposes.length > 1 || !extendedKeyUsage!.critical)) throw profile(certificate, 'must have timeStamping as its only extended key usage, marked critical');
  if (purposes.some((one) => FOREIGN.has(one) || one === PURPOSES.any || (one === PURPOSES.timeStamping && purpose === 'codeSigning'))) throw profile(certificate, 'has extended key usages that a signer of code must not have');
}

/** serverAuth, clientAuth, emailProtection, OCSPSigning. */
const FOREIGN = new Set(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4', '1.3.6.1.5.5.7.3.9']);

function demandAuthority(certificate: Certificate, { below, purpose }: { readonly below: number; readonly purpose: Purpose }): void {
  const { constraints, keyUsage, extendedKeyUsage } = certificate;
  if (!constraints?.ca || !constraints.critical) throw broken(certificate, 'is none of a certificate authority and issued another');
  if (constraints.pathLength !== null && constraints.pathLength < below) throw broken(certificate, `allows ${constraints.pathLength} authorities below it, and there are ${below}`);
  if (!keyUsage?.bits.has(KEY_CERT_SIGN) || (purpose === 'codeSigning' && !keyUsage.critical)) throw broken(certificate, 'has no critical key usage with keyCertSign and issued another');
  const purposes = extendedKeyUsage?.purposes;
  if (purposes && !purposes.has(PURPOSES[purpose]) && !purposes.has(PURPOSES.any)) throw broken(certificate, `may not issue certificates for ${purpose}`);
}

function profile(certificate: Certificate, what: string): NotationFailure {
  return new NotationFailure('leaf-profile', `Certificate ${label(certificate)} ${what}`);
}

function broken(certificate: Certificate, what: string): NotationFailure {
  return new NotationFailure('chain-invalid', `Certificate ${label(certificate)} ${what}`);
}

function label(certificate: Certificate): string {
  return `"${nameText(certificate.subject)}"`;
}
