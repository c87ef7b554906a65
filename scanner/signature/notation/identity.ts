import { ATTRIBUTE_TYPES, type NameAttribute } from './name.ts';

/** One accepted signer: attributes that its name must have, by object identifier; `any`: everybody whom the authorities certify. */
export type NotationIdentity = { readonly kind: 'any' } | { readonly kind: 'subject'; readonly attributes: ReadonlyMap<string, string> };

/** An identity of a policy is none; the message says how to write it. */
export class NotationIdentityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotationIdentityError';
  }
}

/**
 * Reads `x509.subject: C=DE, O=acme` (the prefix may be left out) or `*`: a distinguished name of RFC 4514 without attributes that repeat or share
 * a set, as the trust policy of Notary Project has it. Throws NotationIdentityError.
 */
export function parseNotationIdentity(text: string): NotationIdentity {
  if (text.trim() === '*') return { kind: 'any' };
  const attributes = new Map<string, string>();
  for (const part of splitName(text.replace(/^ *x509\.subject:/, ''), text)) {
    const [type, value] = readPart(part, text);
    if (attributes.has(type)) throw refusal(text, 'names an attribute twice');
    attributes.set(type, value);
  }
  return { kind: 'subject', attributes };
}

/** Why these identities cannot stand in one policy: one is no identity, one holds for all that another holds for, or `*` is not alone. null: they can. */
export function identityProblem(identities: readonly string[]): string | null {
  if (identities.length === 0) return 'There is no identity: name a signer, or write "*" for everybody whom the authorities certify';
  try {
    const parsed = identities.map((text) => ({ text, identity: parseNotationIdentity(text) }));
    if (parsed.length > 1 && parsed.some(({ identity }) => identity.kind === 'any')) return 'Identity "*" holds for everybody and must stand alone';
    const pair = parsed.flatMap((one) => parsed.filter((other) => other !== one && includes(one.identity, other.identity)).map((other) => [one, other] as const))[0];
    return pair ? `Identities "${pair[0].text}" and "${pair[1].text}" overlap: whoever has the second name has the first; remove one` : null;
  } catch (error) {
    if (error instanceof NotationIdentityError) return error.message;
    throw error;
  }
}

/** Whether the name of a certificate has every attribute of the identity: exactly once, alone in its set, and with exactly this value. */
export function identityHolds(identity: NotationIdentity, subject: readonly NameAttribute[]): boolean {
  if (identity.kind === 'any') return true;
  return [...identity.attributes].every(([type, value]) => {
    const [only, ...more] = subject.filter((attribute) => attribute.type === type);
    return only !== undefined && more.length === 0 && !only.shared && only.value === value;
  });
}

function includes(one: NotationIdentity, other: NotationIdentity): boolean {
  if (one.kind === 'any' || other.kind === 'any') return false;
  return [...one.attributes].every(([type, value]) => other.attributes.get(type) === value);
}

/** Splits at commas that are not escaped; the parts keep their escapes. */
function splitName(name: string, whole: string): string[] {
  const parts = [''];
  for (let at = 0; at < name.length; at++) {
    const character = name.charAt(at);
    if (character === '+' || character === ';' || character === '"') throw refusal(whole, `has a ${character} that is not escaped; write one attribute after another, separated by commas`);
    if (character === ',') parts.push('');
    else parts[parts.length - 1] += character === '\\' ? name.slice(at, ++at + 1) : character;
  }
  return parts;
}

const DOTTED = /^[0-2](?:\.(?:0|[1-9]\d{0,15})){1,20}$/;

function readPart(part: string, whole: string): readonly [type: string, value: string] {
  const equals = part.indexOf('=');
  const name = part.slice(0, Math.max(equals, 0)).trim();
  const type = DOTTED.test(name) ? name : Object.hasOwn(ATTRIBUTE_TYPES, name.toUpperCase()) ? ATTRIBUTE_TYPES[name.toUpperCase()] : undefined;
  if (!type) throw refusal(whole, `has no attribute in "${part.trim()}"; write C, ST, L, O, OU, CN and the like, as in C=DE,O=acme`);
  const raw = part.slice(equals + 1).replace(/^ +/, '').replace(/(?<!\\) +$/, '');
  if (raw.startsWith('#')) throw refusal(whole, 'has a value in hexadecimal, which is not supported');
  const value = unescaped(raw, whole);
  if (value === '') throw refusal(whole, `has no value for ${name}`);
  return [type, value];
}

const ESCAPE = /\\(?:([0-9a-fA-F]{2}(?:\\[0-9a-fA-F]{2})*)|([\\ "#+,;<=>]))|\\/g;

function unescaped(raw: string, whole: string): string {
  return raw.replace(ESCAPE, (_all, bytes: string | undefined, character: string | undefined) => {
    if (character !== undefined) return character;
    if (bytes === undefined) throw refusal(whole, 'has a backslash before something that needs none');
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes.split('\\'), (byte) => Number.parseInt(byte, 16)));
    } catch {
      throw refusal(whole, 'has escaped bytes that are no UTF-8');
    }
  });
}

function refusal(text: string, what: string): NotationIdentityError {
  return new NotationIdentityError(`Identity "${text.slice(0, 200)}" ${what}`);
}
