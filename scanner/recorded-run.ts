import type { Artifact } from './artifact.ts';
import type { Facts } from './facts/facts.ts';
import { runtimeDataIsStale } from './facts/runtimes/runtime.ts';
import { summaryOf, type FactsSummary } from './facts/summary.ts';
import type { Provenance } from './provenance.ts';
import { runRules, type RulesRun } from './run-rules.ts';
import type { RunRecord, ScanContext } from './scan-context.ts';

/** What one policy is asked about: facts, with the provenance that its authorities establish, and what the rules found in them. */
export interface Ran {
  readonly facts: FactsSummary;
  readonly run: RulesRun;
  /** Why the rules did not see all they should have; a verdict then says so. */
  readonly unseen?: string | null;
}

/** What a record of this artifact under these policies would be kept by. Provenance and the user's host are facts as well. */
export function recordKey({ name, reference, digest, snapshot, packaging, carrier }: Artifact, { policies, provenance, targetProfile, runtime, now, rules, advisories }: ScanContext): string {
  return JSON.stringify([digest, name, reference ?? null, snapshot ?? null, packaging ?? null, carrier ?? null, policies.map(provenance), targetProfile ?? null, runtime ?? null, runtimeDataIsStale(now), rules.map(({ id }) => id), policies.map(({ thresholds }) => thresholds), advisories?.identity ?? null]);
}

/** Runs the rules for every policy, in their order. */
export function run(factsOf: (provenance: Provenance) => Facts, { policies, provenance, rules }: Pick<ScanContext, 'policies' | 'provenance' | 'rules'>): { readonly facts: Facts; readonly run: RulesRun }[] {
  return policies.map((policy) => {
    const facts = factsOf(provenance(policy));
    return { facts, run: runRules(rules, facts, policy.thresholds) };
  });
}

/** The record of a run; null where a rule broke, because then the next one must try again. */
export function recordOf(ran: readonly { readonly facts: Facts; readonly run: RulesRun }[]): RunRecord | null {
  const first = ran[0];
  if (first === undefined || ran.some(({ run: { crashed } }) => crashed.length > 0)) return null;
  return { summary: summaryOf(first.facts), runs: ran.map(({ run: { found } }) => found.map(({ rule, finding }) => ({ rule: rule.id, finding }))) };
}

/** What a record stands for; null where it does not fit these rules and policies. */
export function replay({ summary, runs }: RunRecord, { policies, provenance, rules }: Pick<ScanContext, 'policies' | 'provenance' | 'rules'>): Ran[] | null {
  if (runs.length !== policies.length) return null;
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const replayed: Ran[] = [];
  for (const [index, found] of runs.entries()) {
    const known = found.map(({ rule, finding }) => ({ rule: byId.get(rule), finding }));
    if (known.some(({ rule }) => rule === undefined)) return null;
    replayed.push({ facts: { ...summary, provenance: provenance(policies[index]!) }, run: { found: known as RulesRun['found'], crashed: [] } });
  }
  return replayed;
}
