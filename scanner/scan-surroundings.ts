import type { Surroundings, Unopened, WithoutWasm } from './artifact.ts';
import type { Facts } from './facts/facts.ts';
import type { Finding } from './finding.ts';
import { factsFor, incomplete, settled, shown } from './judge-facts.ts';
import { words } from './words.ts';
import { compose } from './policy/compose.ts';
import { judge, type Judgement, type UnreadBy } from './policy/judge.ts';
import type { Policy } from './policy/policy.ts';
import { UNKNOWN_PROVENANCE } from './provenance.ts';
import type { ScanResult } from './result.ts';
import { runRules } from './run-rules.ts';
import type { ScanContext } from './scan-context.ts';
import { decode } from './wasm/decode.ts';

/** SHA-256 of no bytes. */
const EMPTY_DIGEST = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

type Named = Surroundings & { readonly name: string };

/**
 * Judges an artifact whose bytes could not be had by what is known of it: how it is packed and deployed. The verdict is error, and a
 * word of the policies says whether it blocks; what the rules find is listed all the same. Never throws.
 */
export function scanUnopened(unopened: Unopened, context: ScanContext): ScanResult {
  const unread = unreadBy(unopened);
  const judgement = judgeSurroundings(unopened, context, (policy, findings) => judge({ findings, problems: [], facts: null, policy, now: context.now, unread }));
  return surroundingsResult(unopened, { ...judgement, verdict: 'error' }, context);
}

/** Judges a package that holds no Wasm. Without a role beside Wasm there is nothing to find in it; native code that comes with Wasm is something. */
export function scanWithoutWasm(empty: WithoutWasm, context: ScanContext): ScanResult {
  const judgement = judgeSurroundings(empty, context, (policy, findings) => judge({ findings: empty.carrier?.role === 'native' ? findings : [], problems: [], facts: nothing(empty, context), policy: unasked(policy), now: context.now }));
  return surroundingsResult(empty, startedAsWasm(empty) ? doubtful(judgement) : judgement, context);
}

/** The pod is set up to run its image as Wasm, and the image holds none: a sidecar may be meant, so nothing is denied. */
function startedAsWasm({ carrier }: WithoutWasm): boolean {
  return carrier !== undefined && carrier.role === 'module' && carrier.scheme === 'oci' && carrier.signals.length > 0;
}

function doubtful(judgement: Judgement): Judgement {
  const reasons = ['The pod is set up to run Wasm, and this image holds none: it runs as native code', ...judgement.reasons];
  return { ...judgement, verdict: judgement.verdict === 'allow' ? 'warn' : judgement.verdict, reasons };
}

/** Expressions and attestations are about Wasm. */
function unasked(policy: Policy): Policy {
  return { ...policy, expressions: [], attestations: [] };
}

/** What decides about bytes that could not be had. Only transport trouble with an image that shows no sign of Wasm is "unresolved". */
function unreadBy({ failure, carrier }: Unopened): UnreadBy {
  if (failure.kind === 'unseen') return 'onUnseen';
  return failure.kind === 'outside' && carrier !== undefined && !carrier.certain && carrier.signals.length === 0 ? 'onUnresolved' : 'onError';
}

function nothing({ name, packaging, carrier, reference }: Named, context: ScanContext): Facts {
  const surroundings = { ...(packaging && { packaging }), ...(carrier && { carrier }), ...(reference !== undefined && { reference }) };
  return factsFor({ name, bytes: new Uint8Array(0), digest: EMPTY_DIGEST, ...surroundings }, decode(new Uint8Array(0)), { context, provenance: UNKNOWN_PROVENANCE, secrets: [], secretProblems: [] });
}

function judgeSurroundings(about: Named, context: ScanContext, decide: (policy: Policy, findings: readonly Finding[]) => Judgement): Judgement {
  const rules = context.rules.filter((rule) => rule.about === 'surroundings');
  try {
    const facts = nothing(about, context);
    return compose(context.policies.map((policy) => {
      const { findings, crashed } = settled(runRules(rules, facts, policy.thresholds), policy, context.onBug);
      const judgement = decide(policy, findings);
      return crashed.length === 0 ? judgement : incomplete(judgement, { facts, policy, reasons: crashed });
    }));
  } catch (error) {
    context.onBug(error, about.name);
    return { ...compose(context.policies.map((policy) => decide(policy, []))), verdict: 'error', blocked: true, reasons: [`Not judged: the scan broke: ${words(error)}`] };
  }
}

function surroundingsResult({ name }: Named, judgement: Judgement, { policies }: ScanContext): ScanResult {
  return { artifact: { name, digest: null, size: null }, ...judgement, problems: [], capabilities: [], provenance: UNKNOWN_PROVENANCE, policies: shown(policies), facts: null };
}
