import type { Facts } from './facts/facts.ts';
import type { Rule, RuleFinding, Thresholds } from './rule.ts';

/** Findings of one rule beyond which it counts as crashed: dropping some in silence could drop the one that denies. */
const MAX_FINDINGS = 100_000;

/** What the rules saw, before any policy was asked. */
export interface RulesRun {
  readonly found: readonly { readonly rule: Rule; readonly finding: RuleFinding }[];
  /** Rules that threw; the caller must answer `error`, because a rule that saw nothing and one that broke are not the same. */
  readonly crashed: readonly { readonly rule: Rule; readonly error: unknown }[];
}

/** Runs every rule over the facts, in the order given. Never throws: a rule that does is listed as crashed, and its findings up to then are kept. */
export function runRules(rules: readonly Rule[], facts: Facts, thresholds: Thresholds): RulesRun {
  const found: { rule: Rule; finding: RuleFinding }[] = [];
  const crashed: { rule: Rule; error: unknown }[] = [];
  for (const rule of rules) {
    try {
      for (const finding of bounded(rule, rule.check(facts, thresholds))) found.push({ rule, finding });
    } catch (error) {
      crashed.push({ rule, error });
    }
  }
  return { found, crashed };
}

function* bounded({ id }: Rule, findings: Iterable<RuleFinding>): Generator<RuleFinding> {
  let count = 0;
  for (const finding of findings) {
    if (++count > MAX_FINDINGS) throw new RangeError(`Rule ${id} reports more than ${MAX_FINDINGS} findings`);
    yield finding;
  }
}
