import type { Artifact } from './artifact.ts';
import type { Facts } from './facts/facts.ts';
import { summaryOf, type FactsSummary } from './facts/summary.ts';
import type { Policy } from './policy/policy.ts';
import { runRules, type RulesRun } from './run-rules.ts';
import type { RunRecord, ScanContext } from './scan-context.ts';

/** Facts and one run of the rules for each policy. */
export interface Ran {
  readonly facts: FactsSummary;
  /** In the order of the policies. */
  readonly runs: readonly RulesRun[];
}

/** What a record of this artifact under these policies would be kept by. Provenance and the user's host are facts as well. */
export function recordKey({ name, reference, digest, snapshot, packaging, carrier }: Artifact, { policies, provenance, targetProfile, rules }: ScanContext): string {
  return JSON.stringify([digest, name, reference ?? null, snapshot ?? null, packaging ?? null, carrier ?? null, provenance, targetProfile ?? null, rules.map(({ id }) => id), policies.map(({ thresholds }) => thresholds)]);
}

/** Runs the rules for every policy. */
export function run(facts: Facts, { policies, rules }: Pick<ScanContext, 'policies' | 'rules'>): Ran {
  return { facts, runs: policies.map((policy) => runRules(rules, facts, policy.thresholds)) };
}

/** The record of a run; null where a rule broke, because then the next one must try again. */
export function recordOf(facts: Facts, { runs }: Ran): RunRecord | null {
  if (runs.some(({ crashed }) => crashed.length > 0)) return null;
  return { summary: summaryOf(facts), runs: runs.map(({ found }) => found.map(({ rule, finding }) => ({ rule: rule.id, finding }))) };
}

/** What a record stands for; null where it does not fit these rules and policies. */
export function replay({ summary, runs }: RunRecord, { policies, rules }: { readonly policies: readonly Policy[]; readonly rules: ScanContext['rules'] }): Ran | null {
  if (runs.length !== policies.length) return null;
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const replayed: RulesRun[] = [];
  for (const found of runs) {
    const known = found.map(({ rule, finding }) => ({ rule: byId.get(rule), finding }));
    if (known.some(({ rule }) => rule === undefined)) return null;
    replayed.push({ found: known as RulesRun['found'], crashed: [] });
  }
  return { facts: summary, runs: replayed };
}
