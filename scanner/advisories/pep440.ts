/** Longest version that is compared; honest ones have below 50 characters. */
const LONGEST = 200;

/** PEP 440, appendix B; spellings that it calls equal fit alike. */
const VERSION = new RegExp(
  String.raw`^v?(?:(\d+)!)?(\d+(?:\.\d+)*)` +
  String.raw`(?:[-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?(\d*))?` +
  String.raw`(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?` +
  String.raw`(?:[-_.]?(dev)[-_.]?(\d*))?` +
  String.raw`(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$`,
);
const PHASES: Readonly<Record<string, string>> = { a: '1', alpha: '1', b: '2', beta: '2', c: '3', rc: '3', pre: '3', preview: '3' };

/** A part of the key that orders versions: digits of any length, or a place before (-1) or after (1) all of them. */
type Part = string | typeof FIRST | typeof LAST;
const FIRST = -1;
const LAST = 1;

interface Key {
  readonly epoch: string;
  readonly release: readonly string[];
  /** Phase, its number, post, dev. */
  readonly rest: readonly Part[];
  readonly local: readonly string[];
}

/** Compares versions of Python packages as PEP 440 orders them; negative where `a` is the earlier one. null where one of them is none. */
export function comparePep440(a: string, b: string): number | null {
  const [first, second] = [keyOf(a), keyOf(b)];
  if (first === null || second === null) return null;
  return compareParts(first.epoch, second.epoch) || compareRelease(first.release, second.release)
    || compareLists(first.rest, second.rest) || compareLocal(first.local, second.local);
}

function keyOf(version: string): Key | null {
  const match = version.length > LONGEST ? null : VERSION.exec(version.trim().toLowerCase());
  if (!match) return null;
  const [, epoch = '0', release = '0', phase, phaseNumber, implicitPost, post, postNumber, dev, devNumber, local] = match;
  const after: Part = implicitPost ?? (post === undefined ? FIRST : postNumber || '0');
  const before: Part = dev === undefined ? LAST : devNumber || '0';
  // A development release stands before the pre-releases of the same number.
  const early: Part = phase === undefined ? (dev !== undefined && after === FIRST ? FIRST : LAST) : PHASES[phase]!;
  return { epoch, release: release.split('.'), rest: [early, phaseNumber || '0', after, before], local: local === undefined ? [] : local.split(/[-_.]/) };
}

/** Missing parts count as zero: 1.0 and 1.0.0 are equal. */
function compareRelease(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareParts(a[at] ?? '0', b[at] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

function compareLists(a: readonly Part[], b: readonly Part[]): number {
  for (const [at, part] of a.entries()) {
    const order = compareParts(part, b[at]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** A version with a local part stands after the one without; numbers stand after words. */
function compareLocal(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [first, second] = [a[at], b[at]];
    if (first === undefined || second === undefined) return first === undefined ? -1 : 1;
    const numbers = [first, second].filter((part) => /^\d+$/.test(part)).length;
    const order = numbers === 2 ? compareParts(first, second) : numbers === 1 ? (/^\d+$/.test(first) ? 1 : -1) : first < second ? -1 : first > second ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: Part, b: Part): number {
  if (a === b) return 0;
  if (a === FIRST || b === LAST) return -1;
  if (a === LAST || b === FIRST) return 1;
  const [first, second] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  return first.length - second.length || (first < second ? -1 : first > second ? 1 : 0);
}
