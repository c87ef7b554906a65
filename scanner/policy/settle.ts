import type { Finding } from '../finding.ts';
import type { JudgedImport, RuleFinding, RuleMetadata } from '../rule.ts';
import { listing } from '../rule-support.ts';
import { SEVERITIES, type Confidence, type Severity } from '../severity.ts';
import type { Decision, ImportText, Policy, RuleSetting, Treatment } from './policy.ts';

/** What the policy makes of one finding: its severity, or null when the policy has nothing against it. */
export function settle(rule: RuleMetadata, found: RuleFinding, policy: Policy): Finding | null {
  const confidence = found.confidence ?? rule.confidence;
  const judged = found.treatment === undefined ? plain(rule, confidence, policy) : treated(rule, { found, confidence }, policy);
  if (judged === null) return null;
  return {
    rule: rule.id,
    severity: atMost(judged.severity, found.atMost),
    confidence,
    message: judged.imports === undefined ? found.message : withImports(found.message, judged.imports),
    subject: found.subject,
    location: judged.imports?.[0]?.location ?? found.location,
    fix: judged.fix ?? found.fix ?? rule.remedy,
  };
}

/** The message, the imports it is about, and how the first of them is reached. */
function withImports(message: string, imports: readonly JudgedImport[]): string {
  const path = imports.find((one) => one.path !== undefined)?.path;
  return `${message}: ${listing(imports.map(({ text }) => text))}${path === undefined ? '' : `; ${path}`}`;
}

interface Judged {
  readonly severity: Severity;
  readonly imports?: readonly JudgedImport[];
  readonly fix?: string;
}

interface Graded {
  readonly found: RuleFinding;
  readonly confidence: Confidence;
}

function plain(rule: RuleMetadata, confidence: Confidence, policy: Policy): Judged | null {
  const severity = policy.severityOf(rule.id, confidence);
  return severity === 'off' ? null : { severity };
}

function treated(rule: RuleMetadata, { found, confidence }: Graded, policy: Policy): Judged | null {
  const key = found.treatment!;
  const decide = decider(key, policy);
  if (decide === null) return plain(rule, confidence, policy);
  const subjects = found.imports === undefined || found.imports.length === 0 ? [undefined] : found.imports;
  const kept = subjects.map((about) => ({ about, decision: decide(about === undefined ? '' : textOf(about)) })).filter(({ decision }) => decision.treatment !== 'allow');
  if (kept.length === 0) return null;
  const worst = kept.reduce((a, b) => (ORDER[b.decision.treatment] > ORDER[a.decision.treatment] ? b : a)).decision;
  const imports = kept.flatMap(({ about }) => (about === undefined ? [] : [about]));
  const severity = severityFor(worst, { own: ownSeverity(policy.overrides[rule.id], confidence), imports, hostGrants: found.hostGrants });
  if (severity === 'off') return null;
  const fix = fixFor(key, worst, found.fix ?? rule.remedy);
  return imports.length === 0 ? { severity, fix } : { severity, imports, fix };
}

const ORDER: Readonly<Record<Treatment, number>> = { allow: 0, warn: 1, deny: 2 };

/** The table a treatment key points into. An unknown key falls back to the rule's own row: never silent. */
function decider(key: string, policy: Policy): ((text: ImportText) => Decision) | null {
  if (key === 'import') {
    return (text) => ({ treatment: policy.treatImport(text) === 'deny' ? 'deny' : 'allow', reason: 'imports.deny lists it', listed: true });
  }
  if (key.startsWith('capability:')) return (text) => policy.treatCapability(key.slice('capability:'.length), text);
  if (key.startsWith('feature:')) return () => policy.decideFeature(key.slice('feature:'.length));
  return null;
}

function textOf(about: JudgedImport): ImportText {
  return about.module === undefined ? about.text : { module: about.module, name: about.name ?? '' };
}

/** What bears on the severity of a capability beside the table: the severity that the policy sets for the rule, its imports, and the host. */
interface Bearing {
  readonly own: Severity | 'off' | undefined;
  readonly imports: readonly JudgedImport[];
  readonly hostGrants: RuleFinding['hostGrants'];
}

/**
 * A severity that the policy sets for the rule counts against the level's table, never against a list of the policy: deny wins. What the
 * policy says itself, no host changes: it was written for where the program runs.
 */
function severityFor(decision: Decision, { own, imports, hostGrants }: Bearing): Severity | 'off' {
  const severity = own !== undefined && !decision.listed ? own : decision.treatment === 'deny' ? 'error' : 'warning';
  if (severity === 'off') return severity;
  const reached = unreachable(severity, imports);
  return decision.listed || own !== undefined || reached !== severity ? reached : onHost(reached, hostGrants);
}

/** What a host gives everyone is one step more severe, what it gives nobody is worth a note. */
function onHost(severity: Severity, hostGrants: RuleFinding['hostGrants']): Severity {
  if (hostGrants === undefined) return severity;
  return hostGrants === 'never' ? 'note' : SEVERITIES[Math.min(SEVERITIES.indexOf(severity) + 1, SEVERITIES.length - 1)]!;
}

function ownSeverity(override: RuleSetting | undefined, confidence: Confidence): Severity | 'off' | undefined {
  return typeof override === 'object' ? override[confidence] : override;
}

/** What nothing in the artifact can reach is worth a note instead of a warning; an error stays one. */
function unreachable(severity: Severity, imports: readonly JudgedImport[]): Severity {
  return severity === 'warning' && imports.length > 0 && imports.every(({ reachable }) => reachable === false) ? 'note' : severity;
}

function atMost(severity: Severity, ceiling: Severity | undefined): Severity {
  if (ceiling === undefined) return severity;
  return SEVERITIES[Math.min(SEVERITIES.indexOf(severity), SEVERITIES.indexOf(ceiling))]!;
}

/** The general remedy, and the line of the policy to change. */
function fixFor(key: string, decision: Decision, remedy: string): string {
  const stop = remedy === '' ? '' : `${remedy.replace(/[.\s]+$/, '')}; `;
  const name = key.slice(key.indexOf(':') + 1);
  if (key === 'import') return `${stop}or take the import out of imports.deny`;
  const group = key.startsWith('feature:') ? 'features' : 'capabilities';
  if (decision.reason.startsWith(`${group}.deny`)) return `${stop}or change the policy, where ${decision.reason}`;
  const list = decision.reason.startsWith('capabilities.only') ? 'only' : 'allow';
  return `${stop}or add to the policy: ${group}: { ${list}: [${name}] }`;
}
