import { Buffer } from 'node:buffer';
import { DecodeError } from '../wasm/error.ts';
import { LIMITS } from '../wasm/limits.ts';
import { ByteReader } from '../wasm/reader.ts';

/** Why a signature inside a module, or beside it, does not count. Everything that reads one throws this and nothing else. */
export class WasmSignatureError extends Error {
  readonly status: 'untrusted' | 'invalid' | 'unsupported' | 'error';
  readonly code: string;

  constructor(status: WasmSignatureError['status'], code: string, message: string) {
    super(message);
    this.name = 'WasmSignatureError';
    this.status = status;
    this.code = code;
  }
}

/** A section as it lies in the file. Offsets in bytes from the start of the file. */
export interface RawSection {
  readonly id: number;
  /** Name of a custom section; null for others. */
  readonly custom: string | null;
  /** Where its id stands. */
  readonly start: number;
  /** Where its content begins, behind the name of a custom section. */
  readonly content: number;
  readonly end: number;
}

const HEADER_LENGTH = 8;
const NAMES = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export', 'start', 'element', 'code', 'data', 'data count', 'tag'];

/** What the first 8 bytes say. */
export function headerOf(bytes: Uint8Array): 'module' | 'component' | 'other' {
  const header = Buffer.from(bytes.subarray(0, HEADER_LENGTH)).toString('hex');
  if (header === '0061736d01000000') return 'module';
  return header === '0061736d0d000100' ? 'component' : 'other';
}

/**
 * The sections of a module or of the outermost component, their content unread. Sizes and lengths of names must be written in as few bytes as
 * possible, as every signing tool writes them: otherwise bytes could change that no hash covers. Throws WasmSignatureError.
 */
export function readSections(bytes: Uint8Array): readonly RawSection[] {
  return readingStrictly(() => {
    const reader = new ByteReader(bytes, Math.min(HEADER_LENGTH, bytes.length));
    const sections: RawSection[] = [];
    while (!reader.done) {
      if (sections.length >= LIMITS.sections) reader.fail('limit-exceeded', `Too many sections: more than ${LIMITS.sections}`);
      sections.push(readSection(reader));
    }
    return sections;
  });
}

/** How a report names a section: `section[3] custom:name`, `section[4] code`. */
export function sectionName(section: RawSection, index: number): string {
  return `section[${index}] ${section.custom === null ? NAMES[section.id] ?? `of id ${section.id}` : `custom:${section.custom}`}`;
}

/** Whether a custom section of one of these names stands anywhere on the outermost level, however it is written. Cheap, and never throws: damage ends the search. */
export function hasCustomSection(bytes: Uint8Array, names: readonly string[]): boolean {
  if (headerOf(bytes) === 'other') return false;
  const reader = new ByteReader(bytes, HEADER_LENGTH);
  try {
    for (let count = 0; !reader.done && count < LIMITS.sections; count++) {
      const id = reader.byte();
      const body = reader.sub(reader.u32());
      if (id === 0 && names.includes(nameOrNothing(body))) return true;
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return false;
}

/** An unsigned integer of at most 32 bits in as few bytes as possible. Throws DecodeError, and WasmSignatureError for more bytes than needed. */
export function minimalU32(reader: ByteReader): number {
  const start = reader.position;
  const value = reader.u32();
  const needed = Math.max(1, Math.ceil((32 - Math.clz32(value)) / 7));
  if (reader.position - start !== needed) throw new WasmSignatureError('invalid', 'length-not-minimal', `Number at 0x${start.toString(16)} takes more bytes than it needs, as no signing tool of today writes it`);
  return value;
}

/** Runs a reader of hostile bytes; its refusals come out as WasmSignatureError. */
export function readingStrictly<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new WasmSignatureError('invalid', error.code === 'limit-exceeded' ? 'limit-exceeded' : 'malformed', `${error.message} (at 0x${error.offset.toString(16)})`);
  }
}

function readSection(reader: ByteReader): RawSection {
  const start = reader.position;
  const id = reader.byte();
  const body = reader.sub(minimalU32(reader));
  if (id !== 0) return { id, custom: null, start, content: body.position, end: body.end };
  const length = minimalU32(body);
  if (length > LIMITS.nameBytes) body.fail('limit-exceeded', `Name too long: ${length} bytes, limit ${LIMITS.nameBytes}`);
  const custom = body.text(length);
  return { id, custom, start, content: body.position, end: body.end };
}

function nameOrNothing(body: ByteReader): string {
  try {
    return body.name();
  } catch (error) {
    if (error instanceof DecodeError) return '';
    throw error;
  }
}
