import { readYaml } from '../../../yaml.ts';
import { tomlTree } from '../../../kubernetes/texts-toml.ts';
import { type Fields, unreadable } from '../manifest-fields.ts';
import { isRecord } from '../../../is-record.ts';

/** Bytes of one manifest in a package; real ones have some kilobytes. */
const TEXT_BYTES = 1 << 20;

/** A manifest in TOML as an object. Throws FetchError. */
export function tomlObject(bytes: Uint8Array, what: string): Fields {
  const value = tomlTree(utf8(bytes, what), () => ({ line: 1, column: 1 }) as never)?.root.value;
  if (!isRecord(value)) throw unreadable('malformed-toml', `Cannot read ${what}: it is no TOML`);
  return value;
}

/** A manifest in YAML of one document as an object. Throws FetchError. */
export function yamlObject(bytes: Uint8Array, what: string): Fields {
  const { documents, faults } = readYaml(utf8(bytes, what));
  const value = documents[0]?.value;
  if (faults.length > 0 || documents.length !== 1 || !isRecord(value)) throw unreadable('malformed-yaml', `Cannot read ${what}: ${faults[0] ? `${faults[0].message} at line ${faults[0].line}` : 'it is no single YAML document with keys'}`);
  return value;
}

/** The text of bytes. Throws FetchError for what is too long or no UTF-8. */
function utf8(bytes: Uint8Array, what: string): string {
  if (bytes.length > TEXT_BYTES) throw unreadable('too-large', `Cannot read ${what}: ${bytes.length} bytes are more than the limit of ${TEXT_BYTES}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('malformed-text', `Cannot read ${what}: it is no UTF-8`);
  }
}
