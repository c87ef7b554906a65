import { Refusal } from './refusal.ts';

/** Keys and values of a JSON object; keys with null are left out, as the JSON form of protocol buffers has it. */
export type Fields = ReadonlyMap<string, unknown>;

/** An object with no keys but these. Throws Refusal. */
export function readObject(json: unknown, where: string, known: readonly string[]): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed(where, 'is missing, or no object');
  const fields = new Map(Object.entries(json).filter(([, value]) => value !== null));
  for (const key of fields.keys()) if (!known.includes(key)) throw malformed(where, 'has a key that is none of its own');
  return fields;
}

/** Exactly one of these keys must be there: readers that find two differ in which one they follow. Throws Refusal. */
export function exactlyOne<Key extends string>(fields: Fields, keys: readonly Key[], where: string): Key {
  const found = keys.filter((key) => fields.has(key));
  if (found.length !== 1) throw malformed(where, `has ${found.length} of ${keys.join(', ')}, and must have exactly one`);
  return found[0]!;
}

/** An array, an absent one being empty. Throws Refusal, also for more than `most`. */
export function list(json: unknown, where: string, most: number): readonly unknown[] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) throw malformed(where, 'is no list');
  if (json.length > most) throw new Refusal('limit-exceeded', `${where} has ${json.length} entries, more than ${most}`);
  return json;
}

/** Text of at most `most` characters without lone surrogates. Throws Refusal. */
export function readText(json: unknown, where: string, most = 1_024): string {
  if (typeof json !== 'string') throw malformed(where, 'is missing, or no text');
  if (json.length > most || !json.isWellFormed()) throw malformed(where, 'is too long, or no Unicode');
  return json;
}

/** Bytes, at least one, in canonical base64 (RFC 4648 section 4): anything else would be read by some and not by others. Throws Refusal. */
export function readBytes(json: unknown, where: string): Buffer {
  if (typeof json !== 'string' || json === '') throw malformed(where, 'is missing or empty');
  const bytes = Buffer.from(json, 'base64');
  if (bytes.toString('base64') !== json) throw malformed(where, 'is no canonical base64');
  return bytes;
}

/** A whole number from 0 that every reader holds exactly, as text or number; given as text. Throws Refusal. */
export function readInteger(json: unknown, where: string): string {
  const text = typeof json === 'number' ? String(json) : json;
  if (typeof text !== 'string' || !/^(?:0|[1-9]\d{0,15})$/.test(text) || !Number.isSafeInteger(Number(text))) throw malformed(where, 'is no whole number from 0 to 2^53 - 1');
  return text;
}

function malformed(where: string, what: string): Refusal {
  return new Refusal('malformed-bundle', `${where} ${what}`);
}
