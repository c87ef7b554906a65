import type { Authority } from './authority.ts';
import { canonicalBase64 } from './base64-strict.ts';
import { certificatesOf, NO_MATERIAL, type Material } from './convert.ts';
import { judged } from './convert-evidence.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate } from './subject.ts';
import { verifyMessage } from './verify-message.ts';

/**
 * A signature file over the bytes themselves, in base64 or raw. With a certificate beside it there is neither a log entry nor a timestamp: it satisfies only
 * authorities that ask for none.
 */
export function verifyDetached(candidate: Extract<Candidate, { readonly form: 'detached' }>, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  return judged(candidate, () => {
    const signature = signatureIn(candidate.signature);
    return verifyMessage({ candidate, message: candidate.about, signature: Buffer.from(signature).toString('base64'), material: materialIn(candidate.certificate) }, authorities, now);
  });
}

/** Base64 where the file is nothing else, with line ends wherever tools break them. */
function signatureIn(bytes: Uint8Array): Uint8Array {
  return canonicalBase64(Buffer.from(bytes).toString('latin1').replaceAll(/[\r\n]/g, '').trim()) ?? bytes;
}

/** PEM, PEM in base64 as cosign writes it, or DER. A public key beside a signature says nothing that the policy does not know better. */
function materialIn(certificate: Uint8Array | null): Material {
  if (certificate === null) return NO_MATERIAL;
  if (certificate[0] === 0x30) return { ...NO_MATERIAL, certificates: [Buffer.from(certificate).toString('base64')] };
  const text = Buffer.from(certificate).toString('latin1').trim();
  const pem = text.includes('-----BEGIN ') ? text : Buffer.from(canonicalBase64(text.replaceAll(/[\r\n]/g, '')) ?? []).toString('latin1');
  return pem.trim().startsWith('-----BEGIN PUBLIC KEY-----') ? NO_MATERIAL : { ...NO_MATERIAL, certificates: certificatesOf(pem) };
}
