import { LIMITS } from '../limits.ts';
import type { ByteReader } from '../reader.ts';
import { isRecord } from '../../is-record.ts';

/** Reads what custom sections are made of. All functions throw DecodeError and nothing else. */

/** A counted list; the count is held against the bytes left, so a wild one costs nothing. */
export function readList<T>(reader: ByteReader, what: string, readItem: (reader: ByteReader) => T): T[] {
  const items: T[] = [];
  for (let left = reader.count(LIMITS.customItems, what); left > 0; left--) items.push(readItem(reader));
  return items;
}

/** Subsections: an id byte, a size, and that many bytes. */
export function* readSubsections(reader: ByteReader): Generator<{ readonly id: number; readonly body: ByteReader }> {
  while (!reader.done) {
    const id = reader.byte();
    yield { id, body: reader.sub(reader.u32()) };
  }
}

/** The rest of the window as strict UTF-8. */
export function readText(reader: ByteReader): string {
  if (reader.left > LIMITS.customTextBytes) reader.fail('limit-exceeded', `Text too long: ${reader.left} bytes, limit ${LIMITS.customTextBytes}`);
  return reader.text(reader.left);
}

/** The rest of the window as a JSON object. */
export function readJsonObject(reader: ByteReader): Readonly<Record<string, unknown>> {
  const start = reader.position;
  const value = parseJson(readText(reader));
  if (!isRecord(value)) reader.fail('damaged-custom-section', 'Expected a JSON object', start);
  return value;
}

/** `undefined` for text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A text field of parsed JSON, or null. */
export function textField(object: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === 'string' ? value : null;
}

/** The texts of a list in parsed JSON; anything else is left out. */
export function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** Fails when bytes are left over: the content is not what its name promises. */
export function expectEnd(reader: ByteReader): void {
  if (!reader.done) reader.fail('damaged-custom-section', `${reader.left} bytes left over`);
}

/** Bytes as lower-case hexadecimal digits. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
