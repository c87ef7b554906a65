/**
 * Matches texts that begin with whole path segments of a prefix: `https://github.com/acme` and `https://github.com/acme/` both hold for
 * everything below acme and never for `https://github.com/acme-evil`. A text with a segment `.` or `..` climbs out of any prefix and never fits.
 */
export function segmentPrefix(prefix: string): (text: string) => boolean {
  const stem = withoutTail(prefix);
  return (text) => (text === stem || text.startsWith(`${stem}/`)) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(text.slice(stem.length));
}

/** Why a prefix is none; null: it is one. It has to name at least a host or a first segment, or it would hold for everybody. */
export function prefixProblem(prefix: string): string | null {
  const stem = withoutTail(prefix).trim();
  if (stem === '' || /^[a-z][a-z0-9+.-]*:\/*$/i.test(stem)) return `Prefix ${prefix} names no host and no path, so anybody would be accepted`;
  if (/[\s*]/.test(prefix)) return `Prefix ${prefix} is compared as it stands: it may hold no space and no *`;
  return null;
}

function withoutTail(prefix: string): string {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === '/') end--;
  return prefix.slice(0, end);
}
