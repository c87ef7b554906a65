import type { Finding } from '../finding.ts';

/**
 * Tells findings about a line of a manifest that have been told before, word for word: a package of ten modules has each finding about
 * its reference ten times. Findings about bytes are never repeats.
 * @returns false the first time, true from then on
 */
export function repeats(): (finding: Finding) => boolean {
  const told = new Set<string>();
  return ({ rule, severity, message, location: { source }, waived }) => {
    if (source === undefined) return false;
    const key = JSON.stringify([rule, severity, message, source.file, source.document, source.pointer, waived?.reason ?? null]);
    if (told.has(key)) return true;
    told.add(key);
    return false;
  };
}
