import type { Identity } from '../authority.ts';
import type { ReadCertificate } from './certificate.ts';
import { fulcioExtension } from './extensions.ts';
import { Refusal } from './refusal.ts';

/** Who a certificate says has signed. */
export interface SignerIdentity {
  readonly subject: string;
  /** null: the certificate names none, as those of one's own authority do. */
  readonly issuer: string | null;
}

/** Holds where one of the identities fits in every field it gives. Throws Refusal otherwise; no identities fit nobody. */
export function requireIdentity(identities: readonly Identity[], signer: SignerIdentity, certificate: ReadCertificate): void {
  if (identities.some((identity) => fits(identity, signer, certificate))) return;
  const wanted = identities.map(({ text }) => text).join('; ') || 'nobody';
  throw new Refusal('identity-mismatch', `Signed by ${signer.subject}${signer.issuer === null ? '' : ` (issuer ${signer.issuer})`}; asked for is ${wanted}`);
}

function fits({ issuer, subject, extensions }: Identity, signer: SignerIdentity, certificate: ReadCertificate): boolean {
  if (!subject(signer.subject) || !issuer(signer.issuer ?? '')) return false;
  return Object.entries(extensions).every(([name, value]) => fulcioExtension(certificate, name) === value);
}
