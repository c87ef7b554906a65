import { CONFIDENCES, type Confidence, type Severity } from '../severity.ts';
import { demands } from './build.ts';
import { explainAttestation, explainSignatures, type ExplainedSignatures } from './explain-signatures.ts';
import type { Mode, Policy, Treatment } from './policy.ts';
import { levelName, UNKNOWN, type Vocabulary } from './vocabulary.ts';

/** One row of an explanation: a name, how it is treated, and the line that decided. */
export interface ExplainedTreatment {
  readonly name: string;
  readonly treatment: Treatment;
  readonly reason: string;
}

export interface ExplainedRule {
  readonly rule: string;
  /** Severity of a finding by its confidence. */
  readonly severity: Readonly<Record<Confidence, Severity | 'off'>>;
  readonly reason: string;
}

/** A policy spelled out: nothing is left to be looked up. */
export interface Explanation {
  readonly name: string;
  readonly hash: string;
  readonly level: string;
  readonly mode: Mode;
  readonly onError: 'deny' | 'allow';
  readonly onUnresolved: Treatment;
  readonly onUnseen: Treatment;
  readonly thresholds: Policy['thresholds'];
  readonly capabilities: readonly ExplainedTreatment[];
  readonly features: readonly ExplainedTreatment[];
  readonly rules: readonly ExplainedRule[];
  readonly imports: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly expressions: readonly { readonly name: string; readonly severity: Severity; readonly message: string }[];
  readonly waivers: Policy['waivers'];
  /** Who must have signed; null: nobody is named. */
  readonly signatures: ExplainedSignatures | null;
  readonly attestations: readonly string[];
}

/** What a policy means for every capability, feature and rule there is, sorted by name. */
export function explain(policy: Policy, vocabulary: Vocabulary): Explanation {
  const { name, hash, mode, onError, onUnresolved, onUnseen, thresholds, waivers } = policy;
  const capabilities = sorted([...vocabulary.capabilities, UNKNOWN, ...Object.keys(policy.level.capabilities)]);
  const imports = policy.document?.spec.imports ?? {};
  return {
    name, hash, level: levelName(policy.level), mode, onError, onUnresolved, onUnseen, thresholds, waivers,
    // An import that no list can name shows what the capability alone comes to.
    capabilities: capabilities.map((capability) => ({ name: capability, ...withoutListed(policy.treatCapability(capability, '')) })),
    features: sorted(Object.keys(policy.level.features)).map((feature) => ({ name: feature, ...withoutListed(policy.decideFeature(feature)) })),
    rules: sorted([...vocabulary.rules, ...Object.keys(policy.level.rules), ...Object.keys(policy.overrides)]).filter((rule) => isOwnRule(rule, policy)).map((rule) => explainRule(rule, policy)),
    imports: { allow: (imports.allow ?? []).map(importText), deny: (imports.deny ?? []).map(importText) },
    expressions: policy.expressions.map(({ name: expression, severity, message }) => ({ name: expression, severity, message })),
    signatures: policy.signatures && explainSignatures(policy.signatures),
    attestations: policy.attestations.map(explainAttestation),
  };
}

/** Which part of a policy makes a rule an error. */
const DEMANDED: Readonly<Record<string, string>> = {
  'signature-missing': 'the policy has signatures', 'signer-not-allowed': 'the policy has signatures', 'provenance-policy-unmet': 'the policy has attestations',
};

/** Rules that only read a treatment table have no severity of their own, unless the policy gives them one. */
function isOwnRule(rule: string, policy: Policy): boolean {
  return Object.hasOwn(policy.overrides, rule) || !(rule.startsWith('capability-') || rule === 'feature-not-allowed' || rule === 'denied-import' || rule === 'policy-expression-failed');
}

function explainRule(rule: string, policy: Policy): ExplainedRule {
  const severity = Object.fromEntries(CONFIDENCES.map((confidence) => [confidence, policy.severityOf(rule, confidence)])) as Record<Confidence, Severity | 'off'>;
  return { rule, severity, reason: reasonOf(rule, policy) };
}

function reasonOf(rule: string, { overrides, document, level }: Policy): string {
  if (Object.hasOwn(overrides, rule)) return `rules lists ${rule}`;
  if (document !== null && Object.hasOwn(demands(document.spec), rule)) return DEMANDED[rule] ?? 'the policy has limits';
  return Object.hasOwn(level.rules, rule) ? `level ${levelName(level)} lists ${rule}` : `level ${levelName(level)}: ${level.defaultSeverity} unless listed`;
}

function withoutListed({ treatment, reason }: { readonly treatment: Treatment; readonly reason: string }): { readonly treatment: Treatment; readonly reason: string } {
  return { treatment, reason };
}

function importText(entry: string | { readonly module: string; readonly name: string }): string {
  return typeof entry === 'string' ? entry : `{ module: ${entry.module}, name: ${entry.name} }`;
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1));
}
