import { compareText } from '../compare-text.ts';
import type { AdvisoryFact, Dependency } from '../facts/facts.ts';
import { LIMITS } from '../wasm/limits.ts';
import { packageKey, packageOf, type Advisory, type Affected, type OsvEcosystem } from './advisory.ts';
import { linksPackage, type GoPackages } from './go-packages.ts';
import { AdvisoryError } from './osv.ts';
import { exposureOf } from './range.ts';

/**
 * The advisories that apply to dependencies, in their order, each advisory once for a package version: records that are aliases of each
 * other are one. `advisories` may hold more than asked for. Throws AdvisoryError where more apply than a report can hold.
 */
export function matchAdvisories(dependencies: readonly Dependency[], advisories: readonly Advisory[], goPackages: GoPackages): AdvisoryFact[] {
  const byPackage = new Map<string, { readonly advisory: Advisory; readonly affected: Affected }[]>();
  for (const advisory of advisories) {
    if (advisory.withdrawn) continue;
    for (const affected of advisory.affected) {
      const key = packageKey(affected);
      const known = byPackage.get(key);
      if (known) known.push({ advisory, affected });
      else byPackage.set(key, [{ advisory, affected }]);
    }
  }
  const found: AdvisoryFact[] = [];
  for (const dependency of dependencies) {
    const named = packageOf(dependency);
    const entries = named && dependency.version !== '' ? (byPackage.get(packageKey(named)) ?? []) : [];
    const facts = entries.flatMap(({ advisory, affected }) => applied(dependency, advisory, affected, goPackages) ?? []);
    for (const fact of merged(facts, named?.ecosystem ?? 'crates.io')) {
      if (found.length >= LIMITS.advisoryMatches) throw new AdvisoryError(`More than ${LIMITS.advisoryMatches} advisories apply`);
      found.push(fact);
    }
  }
  return found;
}

function applied(dependency: Dependency, { id, aliases, summary }: Advisory, affected: Affected, goPackages: GoPackages): AdvisoryFact | null {
  if (elsewhere(affected)) return null;
  const exposure = exposureOf(affected, dependency.version);
  if (exposure.status === 'unaffected') return null;
  const packages = affected.packages.map(({ path }) => path);
  return {
    id, aliases, summary, dependency,
    informational: affected.informational,
    fixed: exposure.status === 'affected' ? exposure.fixed : null,
    comparable: exposure.status === 'affected',
    linked: goPackages === null || packages.length === 0 ? null : packages.some((path) => linksPackage(goPackages, path)),
  };
}

/** Rust names targets by what `target_os` and `target_arch` are on wasm; Go has GOOS and GOARCH. */
const SYSTEMS: readonly string[] = ['wasi', 'wasip1', 'wasip2', 'wasip3', 'emscripten', 'unknown', 'none', 'js'];
const MACHINES: readonly string[] = ['wasm', 'wasm32', 'wasm64'];

/** Whether a defect is limited to systems or machines that Wasm is none of. */
function elsewhere({ os, arch, packages }: Affected): boolean {
  const limited = (names: readonly string[], here: readonly string[]): boolean => names.length > 0 && !names.some((name) => here.includes(name.toLowerCase()));
  const foreign = (place: { readonly os: readonly string[]; readonly arch: readonly string[] }): boolean => limited(place.os, SYSTEMS) || limited(place.arch, MACHINES);
  return foreign({ os, arch }) || (packages.length > 0 && packages.every(foreign));
}

/** Which database is the home of an ecosystem: its id is the one that people know. */
const HOMES: Readonly<Record<OsvEcosystem, string>> = { 'crates.io': 'RUSTSEC-', Go: 'GO-', npm: 'GHSA-', PyPI: 'PYSEC-' };

/**
 * Records about one package version, those with a name in common made one: what any of them calls a vulnerability is one, what any
 * of them finds in the program counts as found.
 */
function merged(facts: readonly AdvisoryFact[], ecosystem: OsvEcosystem): AdvisoryFact[] {
  const groups: AdvisoryFact[][] = [];
  const groupOf = new Map<string, AdvisoryFact[]>();
  const home = (id: string): number => (id.startsWith(HOMES[ecosystem]) ? 0 : 1);
  for (const fact of facts.toSorted((a, b) => home(a.id) - home(b.id) || compareText(a.id, b.id))) {
    const names = [fact.id, ...fact.aliases];
    const known = names.map((name) => groupOf.get(name)).find((group) => group !== undefined);
    const group = known ?? [];
    if (known === undefined) groups.push(group);
    group.push(fact);
    for (const name of names) if (!groupOf.has(name)) groupOf.set(name, group);
  }
  return groups.map(asOne);
}

function asOne(group: readonly AdvisoryFact[]): AdvisoryFact {
  const [first, ...others] = group as [AdvisoryFact, ...AdvisoryFact[]];
  if (others.length === 0) return first;
  return {
    ...first,
    aliases: [...new Set(group.flatMap(({ id, aliases }) => [id, ...aliases]))].filter((id) => id !== first.id).sort(compareText),
    summary: first.summary || (others.find(({ summary }) => summary !== '')?.summary ?? ''),
    informational: group.some(({ informational, comparable }) => informational === null && comparable) ? null : first.informational,
    fixed: group.find(({ fixed }) => fixed !== null)?.fixed ?? null,
    comparable: group.some(({ comparable }) => comparable),
    linked: group.some(({ linked }) => linked === true) ? true : group.some(({ linked }) => linked === null) ? null : false,
  };
}
