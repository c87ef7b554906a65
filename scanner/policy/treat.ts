import type { PolicyDocument } from './document.generated.ts';
import { allowsImport, deniesImport, parseImportPattern, type ImportPattern } from './import-pattern.ts';
import type { Decision, ImportText, Level, Treatment } from './policy.ts';
import { levelName, matchesCapability, RUNTIME_SUPPORT, UNKNOWN } from './vocabulary.ts';

type Spec = PolicyDocument['spec'];

/** How a policy treats capabilities, features and imports. */
export interface Treatments {
  readonly treatCapability: (capability: string, importText: ImportText) => Decision;
  readonly decideFeature: (feature: string) => Decision;
  readonly treatImport: (importText: ImportText) => Treatment | null;
}

/** Lists of the policy over the tables of the level. Deny wins over every allow; `only` replaces the level's table. */
export function treatments(spec: Spec, level: Level): Treatments {
  const imports = { allow: patterns(spec.imports?.allow), deny: patterns(spec.imports?.deny) };
  const deniedImport = (text: ImportText): ImportPattern | undefined => imports.deny.find((pattern) => deniesImport(pattern, text));
  const allowedImport = (text: ImportText): ImportPattern | undefined =>
    deniedImport(text) === undefined ? imports.allow.find((pattern) => allowsImport(pattern, text)) : undefined;
  return {
    treatCapability: (capability, text) => decideCapability(spec.capabilities ?? {}, level, { capability, allowedImport: () => allowedImport(text) }),
    decideFeature: (feature) => decideFeature(spec.features ?? {}, level, feature),
    treatImport: (text) => (deniedImport(text) !== undefined ? 'deny' : allowedImport(text) !== undefined ? 'allow' : null),
  };
}

function patterns(entries: readonly (string | { module: string; name: string })[] = []): readonly ImportPattern[] {
  return entries.map(parseImportPattern).filter((pattern) => typeof pattern !== 'string');
}

function decideCapability(
  lists: NonNullable<Spec['capabilities']>,
  level: Level,
  asked: { readonly capability: string; readonly allowedImport: () => ImportPattern | undefined },
): Decision {
  const { capability } = asked;
  const listed = (list: readonly string[] | undefined): string | undefined => list?.find((pattern) => matchesCapability(pattern, capability));
  const denied = listed(lists.deny);
  if (denied !== undefined) return decision('deny', `capabilities.deny lists ${denied}`);
  const byImport = asked.allowedImport();
  if (byImport !== undefined) return decision('allow', `imports.allow lists ${byImport.text}`);
  const allowed = listed(lists.allow);
  if (allowed !== undefined) return decision('allow', `capabilities.allow lists ${allowed}`);
  if (lists.only !== undefined) return exclusive(listed(lists.only), capability);
  return byLevel(level, level.capabilities, capability);
}

function exclusive(pattern: string | undefined, capability: string): Decision {
  if (pattern !== undefined) return decision('allow', `capabilities.only lists ${pattern}`);
  if (capability === RUNTIME_SUPPORT) return decision('allow', `${RUNTIME_SUPPORT} grants nothing`);
  return decision('deny', 'capabilities.only leaves it out');
}

function decideFeature(lists: NonNullable<Spec['features']>, level: Level, feature: string): Decision {
  if (lists.deny?.includes(feature) === true) return decision('deny', `features.deny lists ${feature}`);
  if (lists.allow?.includes(feature) === true) return decision('allow', `features.allow lists ${feature}`);
  return byLevel(level, level.features, feature);
}

function decision(treatment: Treatment, reason: string): Decision {
  return { treatment, reason, listed: true };
}

const VERBS: Readonly<Record<Treatment, string>> = { allow: 'allows', warn: 'warns of', deny: 'denies' };

/** A name younger than the level is treated as an unknown import is: the level cannot vouch for what it never heard of. */
function byLevel(level: Level, table: Readonly<Record<string, Treatment>>, name: string): Decision {
  const known = Object.hasOwn(table, name);
  const treatment = known ? table[name]! : (level.capabilities[UNKNOWN] ?? 'deny');
  const reason = known ? `level ${levelName(level)} ${VERBS[treatment]} ${name}` : `level ${levelName(level)} does not know ${name}`;
  return { treatment, reason, listed: false };
}
