import type { Confidence, Severity } from '../severity.ts';
import type { PolicyDocument } from './document.generated.ts';
import type { AttestationDemand, SignatureDemand } from '../signature-demand.ts';
import type { Level, Policy, PolicyExpression, RuleSetting, Waiver } from './policy.ts';
import { parseQuantity } from './quantity.ts';
import { referenceMatcher } from './reference.ts';
import { treatments } from './treat.ts';
import { currentRule, findLevel, levelName, type Vocabulary } from './vocabulary.ts';

/** What the shell lends to the compiler. */
export interface CompileOptions {
  /** SHA-256 of a text in UTF-8, lower-case hexadecimal, with or without `sha256:` in front. */
  readonly hash: (text: string) => string;
  readonly vocabulary: Vocabulary;
}

type Spec = PolicyDocument['spec'];

/** The level of a policy that names none. */
export const DEFAULT_LEVEL = 'baseline';

/** A level alone, as a policy: `levelPolicy('restricted@v1', ...)`. Throws a RangeError when there is no such level. */
export function levelPolicy(name: string, options: CompileOptions): Policy {
  const level = demandLevel(name, options.vocabulary);
  return buildPolicy(levelName(level), { document: null, spec: {}, level, identity: null, expressions: [], signatures: null, attestations: [] }, options);
}

/** The level of that name. Throws a RangeError when there is none. */
export function demandLevel(name: string, vocabulary: Vocabulary): Level {
  const level = findLevel(name, vocabulary.levels);
  if (level === null) throw new RangeError(`There is no level ${name}; levels are ${vocabulary.levels.map(levelName).join(', ')}`);
  return level;
}

/** What a policy is made of. */
export interface PolicyParts {
  readonly document: PolicyDocument | null;
  readonly spec: Spec;
  readonly level: Level;
  /** What, beside the level, the hash covers. */
  readonly identity: unknown;
  /** Those of `spec`, compiled; by compile.ts, so that a level alone needs no expression library. */
  readonly expressions: readonly PolicyExpression[];
  /** Those of `spec`, likewise. */
  readonly signatures: SignatureDemand | null;
  readonly attestations: readonly AttestationDemand[];
}

/** Puts a policy together. */
export function buildPolicy(name: string, source: PolicyParts, options: CompileOptions): Policy {
  const { document, spec, level, identity, expressions, signatures, attestations } = source;
  const treat = treatments(spec, level);
  const overrides = ownSettings(spec, options.vocabulary);
  const asked: Record<string, RuleSetting> = level.requireSignature ? { 'signature-missing': 'error' } : {};
  const settings = { ...level.rules, ...asked, ...demands(spec), ...overrides };
  return {
    name,
    hash: prefixed(options.hash(normalForm({ document: identity, level }))),
    level,
    mode: spec.mode ?? 'enforce',
    onError: spec.onError ?? 'deny',
    onUnresolved: spec.onUnresolved ?? level.onUnresolved,
    onUnseen: spec.onUnseen ?? level.onUnseen,
    thresholds: {
      memory: limit(spec.limits?.memory) ?? level.thresholds.memory,
      bytes: limit(spec.limits?.bytes) ?? level.thresholds.bytes,
      functions: limit(spec.limits?.functions) ?? level.thresholds.functions,
    },
    matches: anyReference(spec.match?.references),
    ...treat,
    treatFeature: (feature) => treat.decideFeature(feature).treatment,
    severityOf: (rule, confidence) => graded(settings, level, { rule, confidence }),
    overrides,
    expressions,
    waivers: (spec.waivers ?? []).map((waiver): Waiver => ({ ...waiver, rule: currentRule(waiver.rule, options.vocabulary) })),
    signatures,
    attestations,
    document,
  };
}

/** Severities that the policy's own `rules` set, by current rule id. */
function ownSettings(spec: Spec, vocabulary: Vocabulary): Record<string, RuleSetting> {
  return Object.fromEntries(Object.entries(spec.rules ?? {}).map(([rule, setting]) => [currentRule(rule, vocabulary), setting as RuleSetting]));
}

/** What a policy states itself it means: limits, signatures and attestations that it asks for are errors, whatever the level makes of them. By rule. */
export function demands(spec: Spec): Record<string, RuleSetting> {
  const found: Record<string, RuleSetting> = {};
  if (spec.limits?.bytes !== undefined || spec.limits?.functions !== undefined) found['size-excessive'] = 'error';
  if (spec.limits?.memory !== undefined) found['memory-min-excessive'] = 'error';
  if (spec.signatures !== undefined) {
    found['signature-missing'] = 'error';
    found['signer-not-allowed'] = 'error';
  }
  if ((spec.attestations ?? []).length > 0) found['provenance-policy-unmet'] = 'error';
  return found;
}

function graded(settings: Readonly<Record<string, RuleSetting>>, level: Level, asked: { readonly rule: string; readonly confidence: Confidence }): Severity | 'off' {
  const { rule, confidence } = asked;
  for (const table of [settings, level.rules]) {
    const setting = Object.hasOwn(table, rule) ? table[rule]! : undefined;
    const severity = typeof setting === 'object' ? setting[confidence] : setting;
    if (severity !== undefined) return severity;
  }
  return level.defaultSeverity;
}

function limit(written: string | number | undefined): number | null {
  return written === undefined ? null : parseQuantity(written);
}

function anyReference(globs: readonly string[] | undefined): (reference: string) => boolean {
  if (globs === undefined) return () => true;
  const matchers = globs.map(referenceMatcher);
  return (reference) => matchers.some((matches) => matches(reference));
}

function prefixed(hash: string): string {
  return hash.startsWith('sha256:') ? hash : `sha256:${hash}`;
}

/** JSON with the keys of every object in order, so that equal documents have one text. */
export function normalForm(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
