import { compare, parse } from 'semver';

/**
 * Compares versions as SemVer 2.0.0 orders them; negative where `a` is the earlier one. null where one of them is none. A leading
 * `v`, left out parts (`1.21`) and the pre-releases of Go (`1.21rc2`) are understood. Build metadata is left out of account.
 */
export function compareSemver(a: string, b: string): number | null {
  const [first, second] = [parse(completed(a)), parse(completed(b))];
  return first && second && compare(first, second);
}

const PARTS = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$/s;
const GO_PRERELEASE = /^(rc|beta|alpha)(\d+)$/;

function completed(version: string): string {
  const [, major, minor = '0', patch = '0', rest = ''] = PARTS.exec(version) ?? [];
  if (major === undefined) return version;
  return `${major}.${minor}.${patch}${rest.replace(GO_PRERELEASE, '-$1.$2')}`;
}
