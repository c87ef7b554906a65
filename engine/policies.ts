import { LEVELS } from '../policies/index.ts';
import { RULES } from '../rules/index.ts';
import { DEFAULT_LEVEL, levelPolicy, type CompileOptions } from '../scanner/policy/build.ts';
import type { Policy, Waiver } from '../scanner/policy/policy.ts';
import type { Vocabulary } from '../scanner/policy/vocabulary.ts';
import { judgeUnread } from '../scanner/scan.ts';
import { sha256 } from './hash.ts';

/** A policy as text, so that a worker thread can compile it for itself. */
export type PolicySource = { readonly kind: 'level'; readonly name: string } | { readonly kind: 'file'; readonly name: string; readonly text: string };

/** The policies of a run. */
export interface Policies {
  /** Those that the user named; the default level alone when none was. */
  readonly given: readonly Policy[];
  readonly sources: readonly PolicySource[];
  /** Findings that somebody accepted, whatever policy sees them. */
  readonly accepted: readonly Waiver[];
  /** Name and hash, for reports. */
  readonly shown: readonly { readonly name: string; readonly hash: string }[];
  /** Those that judge an artifact of this name. Where none of the given ones matches, the default level does. */
  for(name: string): readonly Policy[];
  /** The file that a policy stands in, as it was named; null: a built-in level, or standard input. */
  fileOf(policy: Policy): string | null;
}

/** The names that a policy may use: what this version ships. */
export const VOCABULARY: Vocabulary = {
  rules: RULES.map(({ id }) => id),
  aliases: Object.fromEntries(RULES.flatMap(({ id, aliases }) => (aliases ?? []).map((alias) => [alias, id]))),
  capabilities: Object.keys(LEVELS[0]?.capabilities ?? {}),
  levels: LEVELS,
};

/** What compiling a policy needs here. */
export const COMPILE_OPTIONS: CompileOptions = { hash: sha256, vocabulary: VOCABULARY };

/** Compiles sources; accepted findings count for every policy. Throws UsageError for mistakes in files. */
export async function compilePolicies(sources: readonly PolicySource[], accepted: readonly Waiver[] = []): Promise<Policies> {
  const accepting = (policy: Policy): Policy => (accepted.length === 0 ? policy : { ...policy, waivers: [...policy.waivers, ...accepted] });
  const fallback = accepting(levelPolicy(DEFAULT_LEVEL, COMPILE_OPTIONS));
  const given: Policy[] = [];
  const files = new Map<Policy, string>();
  for (const source of sources) {
    const compiled = (await compileSource(source)).map(accepting);
    given.push(...compiled);
    if (source.kind === 'file' && source.name !== '-') for (const policy of compiled) files.set(policy, source.name);
  }
  const all = given.length > 0 ? given : [fallback];
  return {
    given: all,
    sources,
    accepted,
    shown: all.map(({ name, hash }) => ({ name, hash })),
    for(name) {
      const matching = all.filter((policy) => policy.matches(name));
      return matching.length > 0 ? matching : [fallback];
    },
    fileOf: (policy) => files.get(policy) ?? null,
  };
}

/** Compiles one source. Throws UsageError for mistakes in a file. */
export async function compileSource(source: PolicySource): Promise<Policy[]> {
  if (source.kind === 'level') return [levelPolicy(source.name, COMPILE_OPTIONS)];
  const { compileFile } = await import('../engine/policy-file.ts');
  return compileFile(source, COMPILE_OPTIONS);
}

/** What the policies for a name make of bytes that could not be had. */
export function unreadJudgement(policies: Policies, name: string, now: string): { readonly blocked: boolean; readonly policies: Policies['shown'] } {
  const applied = policies.for(name);
  return { blocked: judgeUnread(applied, now).blocked, policies: applied.map(({ name, hash }) => ({ name, hash })) };
}
