import type { Artifact } from './artifact.ts';
import { collectFacts } from './facts/collect.ts';
import type { Facts } from './facts/facts.ts';
import type { Inflate } from './facts/inflate.ts';
import { findSecretCandidates } from './facts/secret-candidates.ts';
import type { SecretScanner } from './facts/secret-scanner.ts';
import { compose } from './policy/compose.ts';
import { judge, type Judgement } from './policy/judge.ts';
import type { Policy } from './policy/policy.ts';
import { settle } from './policy/settle.ts';
import type { Provenance } from './provenance.ts';
import type { ScanResult } from './result.ts';
import type { Rule } from './rule.ts';
import { runRules } from './run-rules.ts';
import { decode } from './wasm/decode.ts';

/** What a scan needs beside the artifact. The shell lends what the engine may not have: today's date, inflating, secret patterns. */
export interface ScanContext {
  /** Those that apply to the artifact; all must pass. Without any, the verdict is error. */
  readonly policies: readonly Policy[];
  readonly rules: readonly Rule[];
  /** ISO 8601 */
  readonly now: string;
  readonly provenance: Provenance;
  readonly inflate: Inflate;
  readonly secretScanner: SecretScanner;
  /** Told of every bug of ours, with where it showed; the result says so as well. */
  readonly onBug: (error: unknown, where: string) => void;
}

/**
 * Judges one artifact: decode, collect facts, then for each policy run the rules, settle severities and judge. Never throws; whatever
 * breaks inside gives verdict `error`, never allow.
 */
export async function scan(artifact: Artifact, context: ScanContext): Promise<ScanResult> {
  try {
    const decoded = decode(artifact.bytes);
    const { candidates, problems: secretProblems } = findSecretCandidates(decoded);
    const secrets = await context.secretScanner.scan(candidates);
    const facts = collectFacts(artifact, decoded, { provenance: context.provenance, inflate: context.inflate, secrets, secretProblems });
    const judgement = compose(context.policies.map((policy) => judgeFacts(facts, policy, context)));
    return resultOf(facts, judgement, context);
  } catch (error) {
    return brokenOff(artifact, error, context);
  }
}

/** What policies make of an artifact whose bytes could not be had: verdict error; onError says whether it blocks. */
export function judgeUnread(policies: readonly Policy[], now: string): Judgement {
  return compose(policies.map((policy) => judge({ findings: [], problems: [], facts: null, policy, now })));
}

function judgeFacts(facts: Facts, policy: Policy, { rules, now, onBug }: ScanContext): Judgement {
  const { found, crashed } = runRules(rules, facts, policy.thresholds);
  const findings = found.map(({ rule, finding }) => settle(rule, finding, policy)).filter((finding) => finding !== null);
  const judgement = judge({ findings, problems: facts.problems, facts, policy, now });
  for (const { rule, error } of crashed) onBug(error, `rule ${rule.id}`);
  return crashed.length === 0 ? judgement : incomplete(judgement, { facts, policy, reasons: crashed.map(({ rule, error }) => `Not judged: rule ${rule.id} broke: ${words(error)}`) });
}

/** A rule that broke may be the one that denies, so nothing but a denial for malformed bytes stands above "not judged". */
function incomplete(judgement: Judgement, { facts, policy, reasons }: { readonly facts: Facts; readonly policy: Policy; readonly reasons: readonly string[] }): Judgement {
  const denied = facts.problems.some(({ effect }) => effect === 'malformed');
  const blocked = judgement.blocked || (policy.mode === 'enforce' && policy.onError === 'deny');
  return { ...judgement, verdict: denied ? judgement.verdict : 'error', blocked, reasons: [...reasons, ...judgement.reasons] };
}

function resultOf(facts: Facts, judgement: Judgement, context: ScanContext): ScanResult {
  return {
    artifact: { name: facts.name, digest: facts.digest, size: facts.size },
    ...judgement,
    problems: facts.problems,
    capabilities: facts.capabilities,
    provenance: facts.provenance,
    policies: shown(context.policies),
    facts,
  };
}

/** A bug of ours: said with its place, and never clean. */
function brokenOff(artifact: Artifact, error: unknown, { policies, now, provenance, onBug }: ScanContext): ScanResult {
  onBug(error, artifact.name);
  return {
    artifact: { name: artifact.name, digest: artifact.digest, size: artifact.bytes.length },
    ...judgeUnread(policies, now),
    verdict: 'error',
    reasons: [`Not judged: the scan broke: ${words(error)}`],
    problems: [], capabilities: [], provenance, policies: shown(policies), facts: null,
  };
}

function shown(policies: readonly Policy[]): ScanResult['policies'] {
  return policies.map(({ name, hash }) => ({ name, hash }));
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
