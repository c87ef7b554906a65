import type { Artifact, Surroundings } from './artifact.ts';
import type { Facts } from './facts/facts.ts';
import { plainSummaryOf, type FactsSummary } from './facts/summary.ts';
import { factsFor, judgeRun } from './judge-facts.ts';
import { words } from './words.ts';
import { compose } from './policy/compose.ts';
import type { Policy } from './policy/policy.ts';
import { UNKNOWN_PROVENANCE, type Provenance } from './provenance.ts';
import type { ScanResult } from './result.ts';
import type { Rule, RuleFinding, Thresholds } from './rule.ts';
import { runRules, type RulesRun } from './run-rules.ts';
import { brokenOff, readBytes, resultOf } from './scan.ts';
import type { ScanContext } from './scan-context.ts';

/** What the rules found with one set of thresholds: all rules but those about provenance. Plain data. */
export interface BareRun {
  readonly found: readonly { readonly rule: string; readonly finding: RuleFinding }[];
  /** Rules that broke, with what they said; judging with them gives verdict error. */
  readonly crashed: readonly { readonly rule: string; readonly message: string }[];
}

/** What is known of an artifact without its bytes: enough to judge it again by any policy, however old its signatures have grown. Plain data. */
export interface BareRecord {
  readonly summary: FactsSummary;
  /** By `thresholdsKey`. */
  readonly runs: Readonly<Record<string, BareRun>>;
}

/** Names a set of thresholds; equal keys are equal in every number. */
export function thresholdsKey({ memory, bytes, functions }: Thresholds): string {
  return `${memory} ${bytes} ${functions}`;
}

/** Decodes an artifact and runs every rule that needs its bytes. Throws only for a bug of ours. */
export async function recordArtifact(artifact: Artifact, thresholds: readonly Thresholds[], context: Pick<ScanContext, 'rules' | 'inflate' | 'secretScanner' | 'known' | 'now'>): Promise<BareRecord> {
  const known = context.known?.get(artifact.digest) ?? (await readBytes(artifact, context));
  const facts = factsFor(artifact, known.decoded, { context, provenance: UNREAD, ...known });
  const rules = context.rules.filter(({ about }) => about !== 'provenance');
  const runs = Object.fromEntries(thresholds.map((one) => [thresholdsKey(one), bare(runRules(rules, facts, one))]));
  return { summary: { ...plainSummaryOf(facts), provenance: UNKNOWN_PROVENANCE }, runs };
}

function bare({ found, crashed }: RulesRun): BareRun {
  return { found: found.map(({ rule, finding }) => ({ rule: rule.id, finding })), crashed: crashed.map(({ rule, error }) => ({ rule: rule.id, message: words(error) })) };
}

/** A rule that reads who signed, and does not say so, would be asked once and its answer kept: it breaks instead. */
const UNREAD: Provenance = Object.defineProperties({ ...UNKNOWN_PROVENANCE }, Object.fromEntries(Object.keys(UNKNOWN_PROVENANCE).map((key) => [key, {
  get: (): never => { throw new Error(`A rule reads the ${key} of provenance without being about it`); },
}])));

/** A record, and where what it is of was met this time. */
export interface RecordedArtifact extends Surroundings {
  readonly name: string;
  readonly record: BareRecord;
}

/** What judging a record needs; `provenance` throws where none was established. */
export type RecordContext = Pick<ScanContext, 'policies' | 'rules' | 'now' | 'provenance' | 'onBug'>;

/**
 * Judges what a record says, as `scan` judges the bytes: the same result, but for whatever broke. Nothing is decoded, so there are no
 * bytes whose absence could pass for clean. Never throws: what the record does not hold gives verdict `error`.
 */
export function judgeRecord(recorded: RecordedArtifact, context: RecordContext): ScanResult {
  const { name, record: { summary: { digest, size } } } = recorded;
  try {
    const asked = context.policies.map((policy) => askedOf(recorded, policy, context));
    const judgement = compose(asked.map((one, index) => judgeRun(one, { ...context, policy: context.policies[index]! })));
    return resultOf({ name, digest, size }, asked, { judgement, context });
  } catch (error) {
    return brokenOff({ name, digest, size }, error, context);
  }
}

function askedOf({ name, record, reference, packaging, carrier }: RecordedArtifact, policy: Policy, { rules, provenance }: RecordContext): { readonly facts: FactsSummary; readonly run: RulesRun } {
  const run = record.runs[thresholdsKey(policy.thresholds)];
  if (run === undefined) throw new Error(`No rule has been run with the thresholds of policy ${policy.name}`);
  const facts = { ...record.summary, name, reference: reference ?? name, packaging: packaging ?? null, carrier: carrier ?? null, provenance: provenance(policy) };
  const set = setOf(rules);
  const anew = runRules(set.aboutProvenance, withoutBytes(facts), policy.thresholds);
  return { facts, run: inOrder(set, [replayed(run, set), anew]) };
}

/** Rules as judging looks them up. */
interface RuleSet {
  readonly byId: ReadonlyMap<string, Rule>;
  readonly places: ReadonlyMap<Rule, number>;
  readonly aboutProvenance: readonly Rule[];
}

const SETS = new WeakMap<readonly Rule[], RuleSet>();

/** Made once for a list of rules, since a judgement takes less time than making it. */
function setOf(rules: readonly Rule[]): RuleSet {
  const known = SETS.get(rules);
  if (known !== undefined) return known;
  const made = {
    byId: new Map(rules.map((rule) => [rule.id, rule])), places: new Map(rules.map((rule, index) => [rule, index])),
    aboutProvenance: rules.filter(({ about }) => about === 'provenance'),
  };
  SETS.set(rules, made);
  return made;
}

function replayed({ found, crashed }: BareRun, { byId }: RuleSet): RulesRun {
  const ruleOf = (id: string): Rule => {
    const rule = byId.get(id);
    if (rule === undefined) throw new Error(`There is no rule ${id} any more`);
    return rule;
  };
  return {
    found: found.map(({ rule, finding }) => ({ rule: ruleOf(rule), finding })),
    crashed: crashed.map(({ rule, message }) => ({ rule: ruleOf(rule), error: new Error(message) })),
  };
}

/** Findings in the order of the rules, as one run over all of them gives them. */
function inOrder({ places }: RuleSet, runs: readonly RulesRun[]): RulesRun {
  const sorted = <Item extends { readonly rule: Rule }>(items: readonly Item[]): readonly Item[] => items.toSorted((a, b) => places.get(a.rule)! - places.get(b.rule)!);
  return { found: sorted(runs.flatMap(({ found }) => found)), crashed: sorted(runs.flatMap(({ crashed }) => crashed)) };
}

/** A summary for rules about provenance. Whatever it does not hold breaks the rule, because "not there" would read as "nothing wrong". */
function withoutBytes(summary: FactsSummary): Facts {
  return new Proxy(summary, {
    get(held, key) {
      if (key in held) return held[key as keyof FactsSummary];
      throw new Error(`A record does not hold ${String(key)}`);
    },
  }) as FactsSummary & Facts;
}
