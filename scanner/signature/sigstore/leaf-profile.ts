import { ASN1Obj } from '../sigstore-library.ts';
import type { ReadCertificate } from './certificate.ts';
import { Refusal, refusing } from './refusal.ts';

/** Who a certificate names, by its one subject alternative name. */
export interface LeafSubject {
  readonly kind: 'uri' | 'email' | 'other';
  readonly text: string;
}

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SUBJECT_ALT_NAME = '2.5.29.17';
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
/** An otherName with the identity as UTF8String, Fulcio oid-info. */
const FULCIO_NAME = '1.3.6.1.4.1.57264.1.7';
/** Extensions that are understood here; any other that is critical makes the certificate unusable, RFC 5280 4.2. */
const UNDERSTOOD = new Set([BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, SUBJECT_ALT_NAME]);

/**
 * Whether a certificate may sign code, and for whom: no authority itself, key usage digital signature and not certificates, extended key usage code signing,
 * no critical extension that is unknown, exactly one subject alternative name, of a URI, an e-mail address or Fulcio's other name. Throws Refusal.
 */
export function leafSubject(certificate: ReadCertificate): LeafSubject {
  return refusing('certificate-malformed', 'An extension of the certificate cannot be read', () => {
    for (const [oid, { critical }] of certificate.extensions) if (critical && !UNDERSTOOD.has(oid)) throw profile(`has the critical extension ${oid}, which is not known`);
    requireLeaf(certificate);
    requireUsage(certificate);
    return subjectName(certificate);
  });
}

function requireLeaf({ extensions }: ReadCertificate): void {
  const constraints = extensions.get(BASIC_CONSTRAINTS);
  const [ca] = constraints ? parse(constraints.value).subs : [];
  if (ca?.tag.isBoolean() && ca.toBoolean()) throw profile('is that of an authority');
}

function requireUsage({ extensions }: ReadCertificate): void {
  const usage = extensions.get(KEY_USAGE);
  const bits = usage ? parse(usage.value).toBitString() : [];
  if (bits[0] !== 1) throw profile('does not have the key usage digital signature');
  if (bits[5] === 1) throw profile('may sign certificates');
  const extended = extensions.get(EXTENDED_KEY_USAGE);
  const purposes = extended ? parse(extended.value).subs.map((purpose) => purpose.toOID()) : [];
  if (!purposes.includes(CODE_SIGNING)) throw profile('does not have the extended key usage code signing');
}

function subjectName({ extensions }: ReadCertificate): LeafSubject {
  const names = extensions.get(SUBJECT_ALT_NAME);
  const all = names ? parse(names.value).subs : [];
  if (all.length !== 1) throw profile(`names ${all.length} subjects, and must name exactly one`);
  const name = all[0]!;
  if (name.tag.isContextSpecific(6)) return { kind: 'uri', text: plainText(name.value) };
  if (name.tag.isContextSpecific(1)) return { kind: 'email', text: plainText(name.value) };
  if (name.tag.isContextSpecific(0)) return { kind: 'other', text: otherName(name) };
  throw profile('names its subject neither by URI nor by e-mail address');
}

function otherName({ subs }: ASN1Obj): string {
  const value = subs[1]?.subs[0];
  if (subs.length !== 2 || subs[0]!.toOID() !== FULCIO_NAME || !value || value.tag.number !== 0x0c) throw profile('names its subject in a way that is not known');
  return plainText(value.value);
}

/** Text without control characters: a name must look like what it is compared as. */
function plainText(bytes: Buffer): string {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  // oxlint-disable-next-line no-control-regex
  if (text === '' || /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(text)) throw profile('names its subject with control characters, or not at all');
  return text;
}

function parse(value: Buffer): ASN1Obj {
  return ASN1Obj.parseBuffer(Buffer.from(value));
}

function profile(what: string): Refusal {
  return new Refusal('certificate-profile', `The signing certificate ${what}`);
}
