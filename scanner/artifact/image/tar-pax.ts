import { malformed } from './archive-failure.ts';
import { archiveText } from './archive-path.ts';

/** What an extended header (POSIX.1-2001) changes of the header after it; null: nothing said. */
export interface PaxRecords {
  readonly path: string | null;
  readonly link: string | null;
  readonly size: number | null;
  /** GNU sparse files in any of their three forms. */
  readonly sparse: boolean;
}

/** Reads records `<length> <key>=<value>\n`. Throws a FetchError for lengths that do not fit, sizes that are none, and NULs in paths. */
export function readPax(data: Buffer, name: string, offset: number): PaxRecords {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < data.length; ) {
    const length = recordLength(data, at);
    if (length === null) throw malformed(name, 'The length of a record in an extended header does not fit', offset + at);
    const record = data.subarray(data.indexOf(0x20, at) + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (equals < 1) throw malformed(name, 'A record in an extended header has no key', offset + at);
    records.set(record.toString('latin1', 0, equals), record.subarray(equals + 1));
    at += length;
  }
  const value = (key: string) => pathValue(records.get(key), name, offset);
  return {
    path: value('GNU.sparse.name') ?? value('path'),
    link: value('linkpath'),
    size: sizeValue(records.get('size'), name, offset),
    sparse: [...records.keys()].some((key) => key.startsWith('GNU.sparse.')),
  };
}

/** The whole length of a record from `at`, where it ends inside the data and with a line feed. */
function recordLength(data: Buffer, at: number): number | null {
  const space = data.indexOf(0x20, at);
  if (space <= at || space - at > 10) return null;
  const digits = data.toString('latin1', at, space);
  const length = /^[1-9]\d*$/.test(digits) ? Number.parseInt(digits, 10) : 0;
  const end = at + length;
  return end > space + 1 && end <= data.length && data.readUInt8(end - 1) === 0x0a ? length : null;
}

/** An empty value takes back what was said before. */
function pathValue(value: Buffer | undefined, name: string, offset: number): string | null {
  if (value === undefined || value.length === 0) return null;
  if (value.includes(0)) throw malformed(name, 'A path in an extended header holds a NUL', offset);
  return archiveText(value);
}

function sizeValue(value: Buffer | undefined, name: string, offset: number): number | null {
  if (value === undefined || value.length === 0) return null;
  const digits = value.toString('latin1');
  const size = Number(digits);
  if (!/^\d{1,20}$/.test(digits) || !Number.isSafeInteger(size)) throw malformed(name, 'The size in an extended header is no number, negative or too large', offset);
  return size;
}
