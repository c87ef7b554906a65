import { entropy } from './checksum.ts';

/** One element of DER: tag, and where its content starts and ends. X.690 section 8.1. */
interface Element { readonly tag: number; readonly start: number; readonly end: number }

const INTEGER = 0x02;
const OCTETS = 0x04;
const SEQUENCE = 0x30;

/**
 * The length in bytes of the private key that starts here as DER, or 0. Accepted are PKCS #8 (RFC 5208), PKCS #1
 * (RFC 8017), SEC 1 (RFC 5915) and DSA keys, told by their structure all the way down to the numbers.
 */
export function privateKeyLength(bytes: Uint8Array, at: number): number {
  const outer = readElement(bytes, at, bytes.length);
  if (!outer || outer.tag !== SEQUENCE) return 0;
  return isPrivateKey(bytes, children(bytes, outer)) ? outer.end - at : 0;
}

function isPrivateKey(bytes: Uint8Array, parts: readonly Element[] | null): boolean {
  if (!parts || parts.length < 3 || parts[0]!.tag !== INTEGER || parts[0]!.end - parts[0]!.start !== 1) return false;
  const [version, second, third] = parts as [Element, Element, Element];
  if (bytes[version.start]! > 1) return false;
  // PKCS #8: algorithm, then the key itself wrapped in octets.
  if (second.tag === SEQUENCE && third.tag === OCTETS) return isWrappedKey(bytes, third);
  // SEC 1: the number as octets.
  if (second.tag === OCTETS) return isRandom(bytes, second);
  // PKCS #1 has nine numbers, DSA six.
  return (parts.length === 9 || parts.length === 6) && parts.every((part) => part.tag === INTEGER) && isRandom(bytes, second);
}

function isWrappedKey(bytes: Uint8Array, octets: Element): boolean {
  const inner = readElement(bytes, octets.start, octets.end);
  if (!inner || inner.end !== octets.end) return false;
  if (inner.tag === SEQUENCE) return isPrivateKey(bytes, children(bytes, inner));
  // Ed25519, X25519 and DSA: the number alone.
  return (inner.tag === OCTETS || inner.tag === INTEGER) && isRandom(bytes, inner);
}

/** Libraries carry templates of these structures, with zeros or other code's data where the key would be. */
function isRandom(bytes: Uint8Array, part: Element): boolean {
  const value = bytes.subarray(part.start, Math.min(part.end, part.start + 256));
  const printable = value.reduce((count, byte) => count + Number(byte >= 0x20 && byte < 0x7f), 0);
  // Of random bytes some 37 in 100 are printable.
  return value.length >= 20 && printable < 0.8 * value.length && entropy(value) >= Math.min(6.5, Math.log2(value.length) - 0.9);
}

/** Null when the elements do not fill their parent exactly. */
function children(bytes: Uint8Array, parent: Element): Element[] | null {
  const found: Element[] = [];
  for (let at = parent.start; at < parent.end; ) {
    const child = readElement(bytes, at, parent.end);
    if (!child || found.length === 16) return null;
    found.push(child);
    at = child.end;
  }
  return found;
}

function readElement(bytes: Uint8Array, at: number, limit: number): Element | null {
  if (at < 0 || at + 2 > limit) return null;
  const first = bytes[at + 1]!;
  const size = first < 0x80 ? 0 : first & 0x7f;
  if (size > 3 || first === 0x80 || at + 2 + size > limit) return null;
  let length = size === 0 ? first : 0;
  for (let index = 0; index < size; index++) length = length * 256 + bytes[at + 2 + index]!;
  const start = at + 2 + size;
  return start + length <= limit ? { tag: bytes[at]!, start, end: start + length } : null;
}
