import type { ReadCertificate } from './certificate.ts';
import { Refusal } from './refusal.ts';

const FULCIO = '1.3.6.1.4.1.57264.1.';

/** Extensions that Fulcio writes into certificates, by the names that policies use; Fulcio oid-info. */
export const FULCIO_EXTENSIONS: Readonly<Record<string, number>> = {
  githubWorkflowTrigger: 2, githubWorkflowSHA: 3, githubWorkflowName: 4, githubWorkflowRepository: 5, githubWorkflowRef: 6,
  issuer: 8, buildSignerURI: 9, buildSignerDigest: 10, runnerEnvironment: 11, sourceRepositoryURI: 12, sourceRepositoryDigest: 13, sourceRepositoryRef: 14,
  sourceRepositoryIdentifier: 15, sourceRepositoryOwnerURI: 16, sourceRepositoryOwnerIdentifier: 17, buildConfigURI: 18, buildConfigDigest: 19, buildTrigger: 20,
  runInvocationURI: 21, sourceRepositoryVisibilityAtSigning: 22, deploymentEnvironment: 23, tokenSubject: 24,
};
/** From this number on values are DER UTF8Strings; before it the text itself. */
const FIRST_DER = 8;

/** The value of a named extension; null: the certificate has none, or nobody knows the name. Throws Refusal for one that cannot be read. */
export function fulcioExtension(certificate: ReadCertificate, name: string): string | null {
  return Object.hasOwn(FULCIO_EXTENSIONS, name) ? byNumber(certificate, FULCIO_EXTENSIONS[name]!) : null;
}

/** The issuer of the identity; null: none is named. Two forms are in use: where both stand, they must agree, or readers would differ. Throws Refusal. */
export function identityIssuer(certificate: ReadCertificate): string | null {
  const [old, current] = [byNumber(certificate, 1), byNumber(certificate, 8)];
  if (old !== null && current !== null && old !== current) throw new Refusal('issuer-missing', 'The certificate names two issuers of its identity');
  return current ?? old;
}

function byNumber({ extensions }: ReadCertificate, number: number): string | null {
  const value = extensions.get(FULCIO + number)?.value;
  if (value === undefined) return null;
  const text = decode(number >= FIRST_DER ? utf8String(value) : value);
  if (text === null) throw new Refusal('certificate-malformed', `Extension ${FULCIO}${number} of the certificate is no text`);
  return text;
}

/** The content of exactly one DER UTF8String; null: it is something else. */
function utf8String(value: Buffer): Buffer | null {
  if (value.length < 2 || value.readUInt8(0) !== 0x0c) return null;
  const first = value.readUInt8(1);
  if (first < 0x80) return first === value.length - 2 ? value.subarray(2) : null;
  const bytes = first & 0x7f;
  if (bytes < 1 || bytes > 3 || value.length < 2 + bytes) return null;
  const length = value.readUIntBE(2, bytes);
  const shortest = length >= 0x80 && length >= 2 ** (8 * (bytes - 1));
  return shortest && length === value.length - 2 - bytes ? value.subarray(2 + bytes) : null;
}

function decode(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
