import type { Dependency } from '../facts/facts.ts';

/** The package ecosystems that advisories are matched for, as the OSV schema spells them. */
export type OsvEcosystem = 'crates.io' | 'Go' | 'npm' | 'PyPI';

/** What an advisory says of one package. */
export interface Affected {
  readonly ecosystem: OsvEcosystem;
  /** In the form that `packageKey` compares. */
  readonly name: string;
  readonly ranges: readonly AffectedRange[];
  /** Versions listed one by one; these count whatever the ranges say. */
  readonly versions: readonly string[];
  /** Operating systems and architectures it is limited to; empty: all. */
  readonly os: readonly string[];
  readonly arch: readonly string[];
  /** Go: import paths of the packages that hold the defect; empty: not known. */
  readonly packages: readonly GoPackage[];
  /** Why it is no vulnerability: `unmaintained`, `unsound`, `notice`. null: it is one. */
  readonly informational: string | null;
}

export interface GoPackage {
  readonly path: string;
  readonly os: readonly string[];
  readonly arch: readonly string[];
}

/** Events of one range, in the order of the record. */
export interface AffectedRange {
  /** `ecosystem`: versions are ordered as the package's ecosystem orders them. */
  readonly type: 'semver' | 'ecosystem';
  readonly events: readonly RangeEvent[];
}

export interface RangeEvent {
  readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit';
  readonly version: string;
}

/** One record of an OSV export, as far as it is needed. */
export interface Advisory {
  readonly id: string;
  readonly aliases: readonly string[];
  /** One line; empty where the record has none. */
  readonly summary: string;
  /** Withdrawn records match nothing. */
  readonly withdrawn: boolean;
  /** For the four ecosystems; other entries are left out. */
  readonly affected: readonly Affected[];
}

/** A package as advisories name it. */
export interface PackageName {
  readonly ecosystem: OsvEcosystem;
  readonly name: string;
}

const ECOSYSTEMS: Readonly<Record<Dependency['ecosystem'], OsvEcosystem | null>> = { cargo: 'crates.io', go: 'Go', npm: 'npm', pypi: 'PyPI', other: null };

/** The package of a dependency; null where no ecosystem is known. */
export function packageOf({ ecosystem, name }: Pick<Dependency, 'ecosystem' | 'name'>): PackageName | null {
  const known = ECOSYSTEMS[ecosystem];
  return known && { ecosystem: known, name: normalName(known, name) };
}

/** One text for all spellings that a registry takes for the same package. */
export function packageKey({ ecosystem, name }: PackageName): string {
  return `${ecosystem}\0${name}`;
}

/** crates.io refuses names that differ in case, hyphen or underscore alone; PEP 503 says the same of PyPI, with the dot. */
export function normalName(ecosystem: OsvEcosystem, name: string): string {
  if (ecosystem === 'crates.io') return name.toLowerCase().replaceAll('_', '-');
  return ecosystem === 'PyPI' ? name.toLowerCase().replace(/[-_.]+/g, '-') : name;
}
