import type { Authority, Identity } from '../authority.ts';
import { keyOfSpki } from '../keys.ts';
import type { TransparencyLogEntry, TrustMaterial } from '../sigstore-library.ts';
import type { SignedThing } from '../subject.ts';
import { type ReadCertificate, readCertificate } from './certificate.ts';
import { requireChain } from './chain.ts';
import { identityIssuer } from './extensions.ts';
import { requireIdentity, type SignerIdentity } from './identity.ts';
import { leafSubject } from './leaf-profile.ts';
import { loggedKey } from './log-binding.ts';
import type { ParsedBundle } from './parse-bundle.ts';
import { Refusal, refusing } from './refusal.ts';
import { signedContent } from './signed-content.ts';
import { CertificateWithoutScts, type Claim, requireTimes, SCT_LIST, type TrustedTime, verifyClaim } from './verify-claim.ts';

/** Authorities that can vouch by a Sigstore bundle. */
export type SigstoreAuthority = Extract<Authority, { readonly kind: 'keyless' | 'key' | 'certificate' }>;
type Of<Kind> = Extract<SigstoreAuthority, { readonly kind: Kind }>;

/** A bundle and what it must be about. */
export interface Subject {
  readonly parsed: ParsedBundle;
  readonly about: SignedThing;
  readonly now: Date;
}

/** A signature that holds. Whether it is one that the authority asked for is said by `refusal`. */
export interface Held {
  readonly identity: string | null;
  readonly issuer: string | null;
  /** ISO 8601 */
  readonly signedAt: string | null;
  /** As evidence names it: set for plain keys. */
  readonly signer: string | null;
  /** Why the authority does not take it all the same; null: it does. */
  readonly refusal: Refusal | null;
}

/** Verifies a bundle under one authority. Throws Refusal, and whatever hostile input makes libraries throw. */
export function verifyAs(authority: SigstoreAuthority, subject: Subject): Held {
  if (authority.kind === 'keyless') return keyless(authority, subject);
  return authority.kind === 'key' ? keyed(authority, subject) : certified(authority, subject);
}

function keyless(authority: Of<'keyless'>, { parsed, about, now }: Subject): Held {
  const { material } = authority.root;
  const { certificate } = leafOf(parsed);
  const subject = leafSubject(certificate);
  const issuer = identityIssuer(certificate);
  if (issuer === null) throw new Refusal('issuer-missing', 'The certificate does not name the issuer of its identity');
  if (authority.sct === 'required' && !certificate.extensions.has(SCT_LIST)) throw new Refusal('sct-missing', 'The certificate has no signed certificate timestamp, and one is asked for');
  const entries = authority.transparencyLog === 'ignore' ? [] : parsed.entries;
  if (authority.transparencyLog === 'required') requireEntry(entries);
  const { accept, atLeast } = authority.timestamps;
  const times = verifyClaim({
    content: signedContent(parsed, about, null),
    key: { $case: 'certificate', certificate: authority.sct === 'ignore' ? new CertificateWithoutScts(certificate.x509.root) : certificate.x509 },
    signer: { spki: certificate.spki, certificate: certificate.der },
    material: { ...material, certificateAuthorities: authoritiesOf(certificate, material) },
    entries,
    timestamps: accept.includes('tsa') ? parsed.timestamps : [],
    logTimes: accept.includes('log') ? 'count' : 'ignore',
    scts: authority.sct === 'required' ? 1 : 0,
  }, now);
  requireTimes(times, atLeast);
  return heldBy({ subject: subject.text, issuer }, { identities: authority.identities, certificate, times });
}

/** Only authorities that can have issued the certificate are asked: what others say of it costs time and says nothing. */
function authoritiesOf({ x509 }: ReadCertificate, { certificateAuthorities }: TrustMaterial): TrustMaterial['certificateAuthorities'] {
  const issuers = certificateAuthorities.filter(({ certChain }) => certChain.some(({ subject }) => subject.equals(x509.issuer)));
  if (issuers.length === 0) throw new Refusal('certificate-untrusted', 'The issuer of the certificate is not in the trust root of the authority');
  return issuers;
}

function certified(authority: Of<'certificate'>, { parsed, about, now }: Subject): Held {
  const { certificate, chain } = leafOf(parsed);
  const subject = leafSubject(certificate);
  const issuer = identityIssuer(certificate);
  const known = knownParts(parsed, authority.root?.material ?? null);
  const key = refusing('algorithm-unsupported', 'The key of the certificate is not accepted', () => keyOfSpki(certificate.spki, null).key);
  const times = verifyClaim({
    content: signedContent(parsed, about, null),
    key: { $case: 'public-key', hint: '' },
    signer: { spki: certificate.spki, certificate: certificate.der },
    material: { ...known.material, publicKey: () => ({ publicKey: key, validFor: () => true }) },
    entries: known.entries, timestamps: known.timestamps, logTimes: 'count', scts: 0,
  }, now);
  requireTimes(times, authority.timestamps.atLeast);
  requireChain(certificate.der, chain, authority.roots, times.length > 0 ? times.map(({ at }) => at) : [now]);
  return heldBy({ subject: subject.text, issuer }, { identities: authority.identities, certificate, times });
}

/** What can be verified of a bundle whose signer needs neither log nor timestamp: parts of services that nobody named say nothing. */
function knownParts(parsed: ParsedBundle, material: TrustMaterial | null): Pick<Claim, 'material' | 'entries' | 'timestamps'> {
  if (material === null) return { material: NO_MATERIAL, entries: [], timestamps: [] };
  return {
    material,
    entries: parsed.entries.filter(({ logId }) => material.tlogs.some(({ logID }) => logID.equals(logId.keyId))),
    timestamps: material.timestampAuthorities.length > 0 ? parsed.timestamps : [],
  };
}

function keyed(authority: Of<'key'>, subject: Subject): Held {
  const { parsed } = subject;
  if (parsed.signer.kind !== 'key') throw new Refusal('key-expected', 'Signed with a certificate, and the authority expects a plain key');
  if (authority.transparencyLog === 'required') requireEntry(parsed.entries);
  let first: Refusal | null = null;
  for (const key of authority.keys) {
    try {
      return withKey(authority, key, subject);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (claims(parsed, key) || !MISMATCHES.has(error.code)) first ??= error;
    }
  }
  throw first ?? new Refusal('key-mismatch', 'No key of the authority verifies it: it is of another key, or was altered');
}

/** What also follows from another key than the signer's. */
const MISMATCHES = new Set(['signature-invalid', 'log-body-mismatch', 'algorithm-unsupported']);

type Key = Of<'key'>['keys'][number];

function withKey(authority: Of<'key'>, key: Key, { parsed, about, now }: Subject): Held {
  const material = authority.root?.material ?? NO_MATERIAL;
  const ignored = authority.transparencyLog === 'ignore';
  const times = verifyClaim({
    content: signedContent(parsed, about, key.hash),
    key: { $case: 'public-key', hint: '' },
    signer: { spki: spkiOf(key), certificate: null },
    // The hint is nobody's word on whose key it is: each key of the authority is tried, and no other.
    material: { ...material, publicKey: () => ({ publicKey: key.key, validFor: () => true }) },
    entries: ignored ? [] : parsed.entries,
    timestamps: ignored || material.timestampAuthorities.length === 0 ? [] : parsed.timestamps,
    logTimes: 'count', scts: 0,
  }, now);
  return { identity: null, issuer: null, signedAt: times[0]?.at.toISOString() ?? null, signer: `key:${key.id}`, refusal: null };
}

/** Whether a bundle says of itself that this key made it. */
function claims({ signer, entries }: ParsedBundle, key: Key): boolean {
  const hint = signer.kind === 'key' ? signer.hint : '';
  return hint === key.id || hint === Buffer.from(key.id, 'hex').toString('base64') || entries.some((entry) => loggedKey(entry)?.equals(spkiOf(key)));
}

function spkiOf({ key }: Key): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function leafOf({ signer }: ParsedBundle): { readonly certificate: ReadCertificate; readonly chain: readonly Buffer[] } {
  if (signer.kind !== 'certificate') throw new Refusal('certificate-expected', 'Signed with a plain key, and the authority expects a certificate');
  return { certificate: readCertificate(signer.certificate), chain: signer.chain };
}

function requireEntry(entries: readonly TransparencyLogEntry[]): void {
  if (entries.length === 0) throw new Refusal('log-entry-missing', 'It has no entry in a transparency log, and one is asked for');
}

interface Signed {
  readonly identities: readonly Identity[];
  readonly certificate: ReadCertificate;
  readonly times: readonly TrustedTime[];
}

function heldBy(signer: SignerIdentity, { identities, certificate, times }: Signed): Held {
  const held = { identity: signer.subject, issuer: signer.issuer, signedAt: times[0]?.at.toISOString() ?? null, signer: null };
  try {
    requireIdentity(identities, signer, certificate);
    return { ...held, refusal: null };
  } catch (error) {
    if (error instanceof Refusal) return { ...held, refusal: error };
    throw error;
  }
}

const NO_MATERIAL: TrustMaterial = {
  certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [],
  publicKey: () => {
    throw new Refusal('key-mismatch', 'No key is known');
  },
};
