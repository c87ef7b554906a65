/** Shortest run of characters that counts as text. */
export const MINIMUM = 4;
/** Characters; longer runs are given in pieces, so that no caller has to hold megabytes at once. */
export const MAXIMUM = 1 << 16;

/** Printable ASCII, tab and line ends. */
export function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;
}

const TEXT = Uint8Array.from({ length: 256 }, (_, byte) => Number(isText(byte)));

/** Calls back with the bounds of every run of at least four UTF-16LE code units in the printable ASCII range. */
export function eachWideRun(bytes: Uint8Array, visit: (start: number, end: number) => void): void {
  const last = bytes.length - 4;
  let passed = 0;
  for (let at = nextTwoUnits(bytes, 0); at < last; at = nextTwoUnits(bytes, at + 4)) {
    let start = bytes[at + 2] === 0 ? at + 1 : at;
    while (start - 2 >= passed && isWide(bytes, start - 2)) start -= 2;
    let end = start + 4;
    const stop = Math.min(bytes.length, start + 2 * MAXIMUM);
    while (end < stop && isWide(bytes, end)) end += 2;
    if (end - start >= 2 * MINIMUM) visit(start, end);
    passed = end;
    at = Math.max(at, end - 4);
  }
}

/**
 * The next of every fourth place where two units of text start, there or one byte further, or the end. A run is eight bytes at
 * least, so one of its first two units is met. A function of its own for the compiler's sake: it knows the whole loop at once.
 */
function nextTwoUnits(bytes: Uint8Array, from: number): number {
  const last = bytes.length - 4;
  let at = from;
  for (; at < last; at += 4) {
    const second = bytes[at + 1]!;
    const third = bytes[at + 2]!;
    const fourth = bytes[at + 3]!;
    if (third === 0 ? TEXT[second]! & TEXT[fourth]! && bytes[at + 4] === 0 : (second | fourth) === 0 && TEXT[bytes[at]!]! & TEXT[third]!) break;
  }
  return at;
}

/** The ASCII text of a UTF-16LE run, a byte per character. */
export function narrow(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const text = new Uint8Array((end - start) >> 1);
  for (let index = 0; index < text.length; index++) text[index] = bytes[start + 2 * index]!;
  return text;
}

function isWide(bytes: Uint8Array, at: number): boolean {
  return at + 1 < bytes.length && bytes[at + 1] === 0 && TEXT[bytes[at]!] === 1;
}
