import type { Authority } from './authority.ts';
import { jsonOf, malformed, materialOf, recordOf, signatureOf } from './convert.ts';
import { judged, signedBytes } from './convert-evidence.ts';
import { Refusal } from './sigstore/refusal.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate, SignedThing } from './subject.ts';
import { verifyMessage } from './verify-message.ts';

type CosignSignature = Extract<Candidate, { readonly form: 'cosign-signature' }>;

const TYPE = 'cosign container image signature';

/**
 * A signature as cosign 2 writes it: over the bytes of a document that names the digest of a manifest, with certificate and log entry in annotations.
 * The digest in the document is what binds; the tag that led here and the name in the document are whatever somebody wrote.
 */
export function verifyCosignSignature(candidate: CosignSignature, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  return judged(candidate, () => {
    const { payload, about, annotations } = candidate;
    refuseOtherClaims(payload, about);
    const signature = signatureOf(annotations);
    if (signature === null) throw malformed('A layer of a signature has no signature in its annotations');
    return verifyMessage({ candidate, message: signedBytes(payload), signature, material: materialOf(annotations) }, authorities, now);
  });
}

/** The document says exactly what it is and exactly which manifest it is about. Throws Refusal. */
function refuseOtherClaims(payload: Uint8Array, { kind, digests }: SignedThing): void {
  const what = 'The signed document';
  const critical = recordOf(recordOf(jsonOf(payload, what), what)['critical'], what);
  if (critical['type'] !== TYPE) throw malformed(`${what} is of another type than ${TYPE}`);
  const digest = recordOf(critical['image'], what)['docker-manifest-digest'];
  const own = [`sha256:${digests.sha256}`, ...(digests.sha512 === undefined ? [] : [`sha512:${digests.sha512}`])];
  if (kind !== 'manifest' || typeof digest !== 'string' || !own.includes(digest)) throw new Refusal('digest-mismatch', 'The signature is about another manifest');
}
