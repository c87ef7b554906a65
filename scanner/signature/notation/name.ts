import { DER_TAGS, type Der, DerFields, oidOf } from './der.ts';

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** Object identifier of its type. */
  readonly type: string;
  /** null: written in a way that is not compared. */
  readonly value: string | null;
  /** Stands in a set with others, which distinguished names in policies cannot express. */
  readonly shared: boolean;
}

/** Short names of attribute types that policies may use, RFC 4514 3 and what certificates for code signing carry beside it. */
export const ATTRIBUTE_TYPES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3', SERIALNUMBER: '2.5.4.5', C: '2.5.4.6', L: '2.5.4.7', ST: '2.5.4.8', S: '2.5.4.8', STREET: '2.5.4.9', O: '2.5.4.10', OU: '2.5.4.11',
  POSTALCODE: '2.5.4.17', DC: '0.9.2342.19200300.100.1.25', UID: '0.9.2342.19200300.100.1.1',
};
const SHORT = new Map(Object.entries(ATTRIBUTE_TYPES).filter(([name]) => name !== 'S').map(([name, type]) => [type, name]));

/** Attributes of a Name (RFC 5280 4.1.2.4), in their order. Throws NotationFailure. */
export function readName(value: Der): readonly NameAttribute[] {
  return new DerFields(value).rest().flatMap((relative) => {
    const parts = new DerFields(relative, DER_TAGS.set).rest();
    return parts.map((part) => readAttribute(part, parts.length > 1 ? 'shared' : 'alone'));
  });
}

function readAttribute(part: Der, place: 'shared' | 'alone'): NameAttribute {
  const fields = new DerFields(part);
  const type = oidOf(fields.next(DER_TAGS.oid));
  const value = textOf(fields.any());
  fields.end();
  return { type, value, shared: place === 'shared' };
}

/** Text of the string types that have one reading: UTF-8, and ASCII for PrintableString and IA5String. Others are not compared. */
function textOf({ tag, content }: Der): string | null {
  if (tag !== 0x0c && content.some((byte) => byte >= 0x80)) return null;
  if (tag !== 0x0c && tag !== 0x13 && tag !== 0x16) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return null;
  }
}

/** A name for people, in the order of the certificate: `C=DE, O=acme`. What could forge another name or line is escaped. */
export function nameText(name: readonly NameAttribute[]): string {
  return name.map(({ type, value }) => `${SHORT.get(type) ?? type}=${value === null ? '?' : escaped(value)}`).join(', ').slice(0, 1_000);
}

function escaped(value: string): string {
  return value.replace(/[\\,+=";<>]/g, '\\$&').replace(/[^\P{C}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
