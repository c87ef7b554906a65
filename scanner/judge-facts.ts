import type { Artifact } from './artifact.ts';
import { collectFacts } from './facts/collect.ts';
import type { AdvisoryFact, Facts } from './facts/facts.ts';
import type { FactsSummary } from './facts/summary.ts';
import type { Finding } from './finding.ts';
import { judge, type Judgement } from './policy/judge.ts';
import type { Policy } from './policy/policy.ts';
import { settle } from './policy/settle.ts';
import type { Provenance } from './provenance.ts';
import type { ScanResult } from './result.ts';
import type { Ran } from './recorded-run.ts';
import type { RulesRun } from './run-rules.ts';
import { words } from './words.ts';
import type { KnownBytes, ScanContext } from './scan-context.ts';
import type { Decoded } from './wasm/decoded.ts';

/** Findings of one run with the policy's severities, and a line for every rule that broke. */
export function settled({ found, crashed }: RulesRun, policy: Policy, onBug: ScanContext['onBug']): { readonly findings: readonly Finding[]; readonly crashed: readonly string[] } {
  for (const { rule, error } of crashed) onBug(error, `rule ${rule.id}`);
  return {
    findings: found.map(({ rule, finding }) => settle(rule, finding, policy)).filter((finding) => finding !== null),
    crashed: crashed.map(({ rule, error }) => `Not judged: rule ${rule.id} broke: ${words(error)}`),
  };
}

interface Worked extends Pick<KnownBytes, 'secrets' | 'secretProblems'> {
  readonly context: Pick<ScanContext, 'inflate' | 'targetProfile' | 'runtime' | 'now'>;
  readonly provenance: Provenance;
  readonly advisories?: readonly AdvisoryFact[] | null;
  readonly memo?: KnownBytes['memo'];
}

/** The facts of decoded bytes in their surroundings. */
export function factsFor(artifact: Artifact, decoded: Decoded, { context: { inflate, targetProfile, runtime, now }, provenance, advisories, secrets, secretProblems, memo }: Worked): Facts {
  return collectFacts(artifact, decoded, { provenance, inflate, advisories: advisories ?? null, secrets, secretProblems, ...(memo && { memo }), ...(targetProfile !== undefined && { targetProfile }), ...(runtime !== undefined && { runtime }), now });
}

/** What one policy says of one artifact. */
export function judgeRun({ facts, run, unseen = null }: Ran, { policy, now, onBug }: { readonly policy: Policy } & Pick<ScanContext, 'now' | 'onBug'>): Judgement {
  const { findings, crashed } = settled(run, policy, onBug);
  const judgement = judge({ findings, problems: facts.problems, facts, policy, now });
  const reasons = unseen === null ? crashed : [unseen, ...crashed];
  return reasons.length === 0 ? judgement : incomplete(judgement, { facts, policy, reasons });
}

/** A rule that broke may be the one that denies, so nothing but a denial for malformed bytes stands above "not judged". */
export function incomplete(judgement: Judgement, { facts, policy, reasons }: { readonly facts: Pick<FactsSummary, 'problems'>; readonly policy: Policy; readonly reasons: readonly string[] }): Judgement {
  const denied = facts.problems.some(({ effect }) => effect === 'malformed');
  const blocked = judgement.blocked || (policy.mode === 'enforce' && policy.onError === 'deny');
  return { ...judgement, verdict: denied ? judgement.verdict : 'error', blocked, reasons: [...reasons, ...judgement.reasons] };
}

/** Policies as reports name them. */
export function shown(policies: readonly Policy[]): ScanResult['policies'] {
  return policies.map(({ name, hash }) => ({ name, hash }));
}
