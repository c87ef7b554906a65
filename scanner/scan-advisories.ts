import { packageKey, packageOf } from './advisories/advisory.ts';
import { goPackagesOf } from './advisories/go-packages.ts';
import { matchAdvisories } from './advisories/match.ts';
import type { AdvisoryFact, Facts } from './facts/facts.ts';
import type { ScanContext } from './scan-context.ts';

/** What advisory data says of an artifact. */
export interface FoundAdvisories {
  /** null: no data was given, or it could not be read. */
  readonly advisories: readonly AdvisoryFact[] | null;
  /** Why the rules cannot see them though data was given, one line. */
  readonly unseen: string | null;
}

/** Asks the advisory data for the dependencies of an artifact. Never throws: data that cannot be read must not look like data that says nothing. */
export async function advisoriesFor(facts: Pick<Facts, 'dependencies' | 'modules' | 'customs'>, { advisories: source }: Pick<ScanContext, 'advisories'>): Promise<FoundAdvisories> {
  if (source === undefined) return { advisories: null, unseen: null };
  try {
    const { dependencies } = facts;
    const packages = new Map(dependencies.flatMap((dependency) => packageOf(dependency) ?? []).map((named) => [packageKey(named), named]));
    if (packages.size === 0) return { advisories: [], unseen: null };
    const found = await source.find([...packages.values()]);
    const goPackages = [...packages.values()].some(({ ecosystem }) => ecosystem === 'Go') ? goPackagesOf(facts) : null;
    return { advisories: matchAdvisories(dependencies, found, goPackages), unseen: null };
  } catch (error) {
    return { advisories: null, unseen: `Not judged: the advisories could not be matched: ${error instanceof Error ? error.message : String(error)}` };
  }
}
