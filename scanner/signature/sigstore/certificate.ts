import { type ASN1Obj, X509Certificate } from '../sigstore-library.ts';
import { Refusal } from './refusal.ts';

export interface Extension {
  readonly critical: boolean;
  /** The value inside its octet string. */
  readonly value: Buffer;
}

/** A certificate that is DER to the byte, and its extensions by OID, none twice. */
export interface ReadCertificate {
  readonly der: Buffer;
  readonly x509: X509Certificate;
  readonly extensions: ReadonlyMap<string, Extension>;
  /** DER of the subject's public key. */
  readonly spki: Buffer;
}

/**
 * Reads a certificate. Signatures are verified over what the library encodes anew, so bytes that are not exactly that encoding are refused; so are
 * repeated extensions (RFC 5280 4.2), of which readers take one or the other. Throws Refusal.
 */
export function readCertificate(der: Buffer): ReadCertificate {
  try {
    const x509 = X509Certificate.parse(Buffer.from(der));
    if (!x509.root.toDER().equals(der)) throw new Refusal('certificate-malformed', 'The certificate is not encoded as DER');
    // Read once here: later readers get dates that are known to parse.
    if (Number.isNaN(x509.notBefore.getTime()) || Number.isNaN(x509.notAfter.getTime())) throw new Refusal('certificate-malformed', 'The validity of the certificate is no date');
    return { der, x509, extensions: readExtensions(x509.extensions), spki: x509.publicKey };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('certificate-malformed', 'The certificate cannot be read');
  }
}

function readExtensions(all: readonly ASN1Obj[]): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  for (const { subs } of all) {
    const [id, second, third] = subs;
    const value = third ?? second;
    if (!id || !value || subs.length > 3) throw new Refusal('certificate-malformed', 'An extension of the certificate has another form than RFC 5280 gives');
    const oid = id.toOID();
    if (extensions.has(oid)) throw new Refusal('certificate-malformed', `The certificate has the extension ${oid} twice`);
    extensions.set(oid, { critical: third ? second!.toBoolean() : false, value: value.value });
  }
  return extensions;
}
