/** A version: up to four numbers, and the parts of a pre-release; empty: a release. */
export interface Version {
  readonly numbers: readonly number[];
  readonly preRelease: readonly string[];
}

/** Longest text that is looked at. */
const MOST_CHARACTERS = 64;
const FORM = /^v?(\d{1,9}(?:\.\d{1,9}){0,3})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Reads `36.0.2`, `v2`, `123.0.6312.86`, `0.16.0-alpha.3`; numbers left out are zero, and what follows a plus does not count.
 * @returns null for anything else
 */
export function parseVersion(text: string): Version | null {
  const [, numbers, preRelease] = text.length > MOST_CHARACTERS ? [] : (FORM.exec(text) ?? []);
  if (numbers === undefined) return null;
  return { numbers: numbers.split('.').map(Number), preRelease: preRelease?.split('.') ?? [] };
}

/** Negative where `a` is older than `b`, 0 where they are equal. Order of Semantic Versioning 2.0.0 section 11, with up to four numbers. */
export function compareVersions(a: Version, b: Version): number {
  for (let at = 0; at < 4; at++) {
    const difference = numberAt(a, at) - numberAt(b, at);
    if (difference !== 0) return difference;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) return b.preRelease.length - a.preRelease.length;
  for (let at = 0; at < Math.max(a.preRelease.length, b.preRelease.length); at++) {
    const difference = comparePart(a.preRelease[at], b.preRelease[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers come before words, and fewer parts before more. */
function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [first, second] = [a, b].map((part) => (/^\d+$/.test(part) ? Number(part) : null));
  if (typeof first === 'number' && typeof second === 'number') return first - second;
  if (typeof first === 'number') return -1;
  if (typeof second === 'number') return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Versions with a flaw: from the first one that has it (null: from the beginning) until its release line is repaired. */
export interface AffectedVersions {
  readonly from: string | null;
  /** First repaired version of each release line, ascending; empty: none is. */
  readonly fixed: readonly string[];
}

/**
 * Whether a version has the flaw. A release line without a repair of its own stays affected, unless it is younger than
 * all that have one.
 */
export function isAffected(version: Version, { from, fixed }: AffectedVersions): boolean {
  if (from !== null && compareVersions(version, known(from)) < 0) return false;
  const repairs = fixed.map(known);
  const own = repairs.find((repair) => sameLine(repair, version));
  if (own !== undefined) return compareVersions(version, own) < 0;
  return repairs.length === 0 || repairs.some((repair) => compareVersions(repair, version) > 0);
}

/** The version to update to: the repair of the same release line, else the next one; null: there is none. */
export function repairFor(version: Version, { fixed }: AffectedVersions): string | null {
  return fixed.find((repair) => sameLine(known(repair), version)) ?? fixed.find((repair) => compareVersions(known(repair), version) > 0) ?? null;
}

/** Parses a version of the data, whose form was verified when it was generated. Throws for a text that is none. */
export function known(text: string): Version {
  const version = parseVersion(text);
  if (version === null) throw new Error(`Not a version: ${text}`);
  return version;
}

/** Release lines are named by two numbers: `36.0` of Wasmtime, `1.16` of Go. */
function sameLine(a: Version, b: Version): boolean {
  return numberAt(a, 0) === numberAt(b, 0) && numberAt(a, 1) === numberAt(b, 1);
}

function numberAt({ numbers }: Version, at: number): number {
  return numbers[at] ?? 0;
}
