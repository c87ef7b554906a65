import type { AdvisoryFact, Dependency, Facts } from './facts/facts.ts';
import type { RuleFinding } from './rule.ts';
import { listing } from './rule-support.ts';

/** Evidence that somebody wrote down to be read: a list, build information, a manifest. The rest was inferred. */
export const DECLARED: readonly Dependency['evidence'][] = ['embedded-list', 'build-info', 'manifest'];

/**
 * One finding for every advisory that applies to a dependency known by one of these kinds of evidence. What is no vulnerability is a
 * note at most; so is, in one line for each dependency, what cannot be compared or what the names of functions speak against.
 */
export function* advisoryFindings({ advisories }: Pick<Facts, 'advisories'>, evidence: (kind: Dependency['evidence']) => boolean): Generator<RuleFinding> {
  const doubtful = new Map<Dependency, AdvisoryFact[]>();
  for (const advisory of advisories ?? []) {
    if (!evidence(advisory.dependency.evidence)) continue;
    if (advisory.comparable && advisory.linked !== false) yield findingOf(advisory);
    else doubtful.set(advisory.dependency, [...(doubtful.get(advisory.dependency) ?? []), advisory]);
  }
  for (const [dependency, all] of doubtful) {
    const [compared, other] = [all.filter(({ comparable }) => comparable), all.filter(({ comparable }) => !comparable)];
    if (compared.length > 0) yield aside(dependency, compared, 'has advisories for packages of which no function is in the program, as far as names tell');
    if (other.length > 0) yield aside(dependency, other, 'has a version that cannot be compared with those of advisories');
  }
}

function findingOf({ id, aliases, summary, dependency: { name, version, location }, informational, fixed }: AdvisoryFact): RuleFinding {
  const cve = aliases.find((alias) => alias.startsWith('CVE-'));
  const label = cve === undefined ? id : `${id} (${cve})`;
  const what = informational === null ? `has ${label}` : `is ${WORDS[informational] ?? `noted as ${informational}`} by ${label}`;
  return {
    message: `Package ${name} ${version} ${what}${summary === '' ? '' : `: ${summary}`}${fixed === null ? '' : `; fixed in ${fixed}`}`,
    subject: `${id} ${name}@${version}`,
    location,
    fix: fixed === null ? `No fixed version of ${name} is known: replace it, or accept the finding with a reason` : `Update ${name} to ${fixed} or later and rebuild`,
    ...(informational !== null && { atMost: 'note' }),
  };
}

const WORDS: Readonly<Record<string, string>> = { unmaintained: 'called unmaintained', unsound: 'called unsound', notice: 'given a notice' };

function aside({ name, version, location }: Dependency, advisories: readonly AdvisoryFact[], what: string): RuleFinding {
  return { message: `Package ${name} ${version} ${what}: ${listing(advisories.map(({ id }) => id))}`, subject: `${what.split(' ')[1]} ${name}@${version}`, location, confidence: 'low', atMost: 'note' };
}
