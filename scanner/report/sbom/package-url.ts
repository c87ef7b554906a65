import { PackageURL } from 'packageurl-js';
import type { Dependency } from '../../facts/facts.ts';

const TYPES: Readonly<Record<Dependency['ecosystem'], string>> = { cargo: 'cargo', go: 'golang', npm: 'npm', pypi: 'pypi', other: 'generic' };

/** The package URL (purl specification) of a dependency; null where its name or version cannot stand in one. */
export function packageUrl({ ecosystem, name, version }: Pick<Dependency, 'ecosystem' | 'name' | 'version'>): string | null {
  const cut = name.lastIndexOf('/');
  const [namespace, own] = ecosystem === 'go' || ecosystem === 'npm' ? [name.slice(0, Math.max(cut, 0)), name.slice(cut + 1)] : ['', name];
  try {
    return new PackageURL(TYPES[ecosystem], namespace || undefined, own, version || undefined, undefined, undefined).toString();
  } catch {
    return null;
  }
}
