import type { FactsSummary } from '../facts/summary.ts';
import { compareFindings, type Finding } from '../finding.ts';
import type { Problem } from '../problem.ts';
import type { Verdict } from '../result.ts';
import { celInput } from './cel-variables.ts';
import type { Policy, PolicyExpression } from './policy.ts';
import { waive } from './waive.ts';

/** The words of a policy about what could not be judged: for any reason, for an image that only its registry could tell of, for bytes nobody can see. */
export type UnreadBy = 'onError' | 'onUnresolved' | 'onUnseen';

/** The reason where there is nothing to say of why; whoever knows more says that instead. */
export const BYTES_MISSING = 'Not analysed: the bytes could not be read';

/** Everything a verdict rests on. */
export interface Judgable {
  /** Findings with the policy's severities, as `settle` gives them. */
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  /** null when the bytes could not be had: then nothing has been analysed. */
  readonly facts: FactsSummary | null;
  /** Which word of the policy decides about what was not analysed; default: onError. */
  readonly unread?: UnreadBy;
  readonly policy: Policy;
  /** Today, as YYYY-MM-DD or a longer ISO 8601 time. */
  readonly now: string;
}

/** What one policy says of one artifact. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Whether the policy keeps the artifact from running. */
  readonly blocked: boolean;
  /** Why, shortest first; one line each. */
  readonly reasons: readonly string[];
  /** In report order, with those of expressions and attestations, waived ones included. */
  readonly findings: readonly Finding[];
}

/** Rules that say "not analysed": they lead to verdict error and onError, not to a denial of their own. */
const UNANALYSED_RULES: ReadonlySet<string> = new Set(['parser-limit-exceeded']);

/** What an attestation that is not established is reported as. */
const UNMET_RULE = 'provenance-policy-unmet';

/** What denies native payloads. A certain fact, so the answer is deny and not "not analysed". */
const NATIVE_RULE = 'precompiled-artifact';

/**
 * The verdict. Malformed input is denied; what was not analysed is `error`, and onError says whether it blocks; then errors
 * deny and warnings warn. Mode warn makes a denial a warning and mode audit lets it through, but neither ever turns
 * "not analysed" into something clean. Never throws.
 */
export function judge({ findings, problems, facts, policy, now, unread = 'onError' }: Judgable): Judgement {
  const expressed = evaluate(policy.expressions, facts, problems);
  const { findings: settled, remarks } = waive([...findings, ...expressed.findings, ...unmetAttestations(policy, facts)], policy.waivers, { facts, today: now.slice(0, 10) });
  const counting = settled.filter(({ waived, rule }) => waived === undefined && !UNANALYSED_RULES.has(rule));
  const causes: Causes = {
    malformed: problems.filter(({ effect }) => effect === 'malformed').map(({ message }) => `Malformed: ${message}`),
    errors: summary(counting, 'error'),
    warnings: summary(counting, 'warning'),
    unanalysed: [...unanalysed(problems, settled, facts), ...expressed.failures],
  };
  const { verdict, blocked, modes } = decide(causes, policy, unread);
  const reasons = [...causes.malformed, ...causes.errors, ...causes.warnings, ...causes.unanalysed, ...modes, ...remarks];
  return { verdict, blocked, reasons: shortestFirst(reasons), findings: settled.toSorted(compareFindings) };
}

interface Causes {
  readonly malformed: readonly string[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly unanalysed: readonly string[];
}

function decide({ malformed, errors, warnings, unanalysed }: Causes, policy: Policy, unread: UnreadBy): { verdict: Verdict; blocked: boolean; modes: readonly string[] } {
  const denied = malformed.length > 0 || errors.length > 0;
  const enforced = policy.mode === 'enforce';
  const modes = denied && !enforced ? [`Policy ${policy.name} is in mode ${policy.mode}, so nothing is denied`] : [];
  // Malformed is a certain fact, so it outweighs "not analysed".
  if (malformed.length === 0 && unanalysed.length > 0) return { verdict: 'error', blocked: enforced && (denied || policy[unread] === 'deny'), modes };
  if (denied) return { verdict: enforced ? 'deny' : policy.mode === 'warn' ? 'warn' : 'allow', blocked: enforced, modes };
  return { verdict: warnings.length > 0 && policy.mode !== 'audit' ? 'warn' : 'allow', blocked: false, modes };
}

/** One line for each rule, with its number of findings. */
function summary(findings: readonly Finding[], severity: Finding['severity']): readonly string[] {
  const counts = new Map<string, number>();
  for (const finding of findings) if (finding.severity === severity) counts.set(finding.rule, (counts.get(finding.rule) ?? 0) + 1);
  return [...counts].map(([rule, count]) => `${count} ${severity}${count === 1 ? '' : 's'} of rule ${rule}`);
}

function unanalysed(problems: readonly Problem[], findings: readonly Finding[], facts: FactsSummary | null): readonly string[] {
  // Native code is recognised for certain and denied by its own rule; where a policy has switched that off, it is not analysed like anything else.
  const denied = findings.some(({ rule, severity, waived }) => rule === NATIVE_RULE && severity === 'error' && waived === undefined);
  const reasons = problems.filter(({ effect, code }) => effect === 'unanalysed' && !(denied && code === 'native-code')).map(({ message }) => `Not analysed: ${message}`);
  if (reasons.length > 0) return reasons;
  const beyond = findings.find(({ rule }) => UNANALYSED_RULES.has(rule));
  if (beyond !== undefined) return [`Not analysed: ${beyond.message}`];
  return facts === null ? [BYTES_MISSING] : [];
}

function evaluate(expressions: readonly PolicyExpression[], facts: FactsSummary | null, problems: readonly Problem[]): { findings: readonly Finding[]; failures: readonly string[] } {
  const findings: Finding[] = [];
  const failures: string[] = [];
  if (facts === null || expressions.length === 0) return { findings, failures };
  const input = celInput(facts, problems);
  for (const expression of expressions) {
    try {
      if (!expression.evaluate(input)) findings.push(unsatisfied(expression, facts.size));
    } catch (error) {
      failures.push(`Not judged: expression ${expression.name}: ${firstLine(error)}`);
    }
  }
  return { findings, failures };
}

function unsatisfied({ name, message, severity }: PolicyExpression, size: number): Finding {
  return {
    rule: 'policy-expression-failed', severity, confidence: 'high', message, subject: `expression:${name}`,
    location: { path: 'file', offset: 0, length: size }, fix: `Change the artifact so that expression ${name} of the policy holds`,
  };
}

/** Provenance answers the policy's attestations one by one, in their order; without an answer none has been established. "Nobody looked" is not a pass. */
function unmetAttestations(policy: Policy, facts: FactsSummary | null): readonly Finding[] {
  const severity = policy.severityOf(UNMET_RULE, 'high');
  if (severity === 'off') return [];
  return policy.attestations.flatMap(({ type }, index): Finding[] => {
    const answer = facts?.provenance.attestations[index];
    if (answer?.type === type && answer.status === 'satisfied') return [];
    return [{
      rule: UNMET_RULE, severity, confidence: 'high', subject: `attestation:${type}`,
      message: answer?.type === type ? `The policy asks for an attestation of type ${type}: ${answer.message}` : `The policy asks for an attestation of type ${type}, and none has been established`,
      location: { path: 'file', offset: 0, length: facts?.size ?? 0 }, fix: 'Attach an attestation that an authority of the policy made and that says what the policy asks, or change the policy',
    }];
  });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

function shortestFirst(reasons: readonly string[]): readonly string[] {
  return [...new Set(reasons)].toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
}
