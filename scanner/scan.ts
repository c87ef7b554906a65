import type { Artifact } from './artifact.ts';
import { findSecretCandidates } from './facts/secret-candidates.ts';
import { factsFor, judgeRun, shown, words } from './judge-facts.ts';
import { compose } from './policy/compose.ts';
import { judge, type Judgement } from './policy/judge.ts';
import type { Policy } from './policy/policy.ts';
import { recordKey, recordOf, replay, run, type Ran } from './recorded-run.ts';
import { leastTrusted, UNKNOWN_PROVENANCE } from './provenance.ts';
import type { ScanResult } from './result.ts';
import type { FoundAdvisories } from './scan-advisories.ts';
import type { KnownBytes, RunRecords, ScanContext } from './scan-context.ts';
import { decode } from './wasm/decode.ts';

/**
 * Judges one artifact: decode, collect facts, then for each policy run the rules, settle severities and judge. Never throws; whatever
 * breaks inside gives verdict `error`, never allow.
 */
export async function scan(artifact: Artifact, context: ScanContext): Promise<ScanResult> {
  try {
    const asked = (await recorded(artifact, context)) ?? (await ran(artifact, context));
    const judgement = compose(context.policies.map((policy, index) => judgeRun(asked[index]!, { ...context, policy })));
    return resultOf(artifact, asked, { judgement, context });
  } catch (error) {
    return brokenOff(artifact, error, context);
  }
}

/** What policies make of an artifact of which nothing is known: verdict error; onError says whether it blocks. */
export function judgeUnread(policies: readonly Policy[], now: string): Judgement {
  return compose(policies.map((policy) => judge({ findings: [], problems: [], facts: null, policy, now })));
}

/** Only what comes from a package or a manifest is kept: whoever names a file has its bytes at hand. */
function keptBy(artifact: Artifact, { records }: ScanContext): RunRecords | null {
  return artifact.packaging !== undefined || artifact.carrier !== undefined ? (records ?? null) : null;
}

async function recorded(artifact: Artifact, context: ScanContext): Promise<Ran[] | null> {
  const record = (await keptBy(artifact, context)?.get(recordKey(artifact, context))) ?? null;
  return record && replay(record, context);
}

async function ran(artifact: Artifact, context: ScanContext): Promise<readonly Ran[]> {
  const known = context.known?.get(artifact.digest) ?? (await read(artifact, context));
  const { advisories, unseen } = await heldAgainst(artifact, known, context);
  const result = run((provenance) => factsFor(artifact, known.decoded, { context, provenance, advisories, ...known }), context);
  if (unseen !== null) return result.map((one) => ({ ...one, unseen }));
  const record = keptBy(artifact, context) && recordOf(result);
  if (record !== null) await context.records?.put(recordKey(artifact, context), record);
  return result;
}

/** Loaded where the user gave advisories, since most scans have none. */
async function heldAgainst(artifact: Artifact, known: KnownBytes, context: ScanContext): Promise<FoundAdvisories> {
  if (context.advisories === undefined) return { advisories: null, unseen: null };
  const { advisoriesFor } = await import('./scan-advisories.ts');
  return advisoriesFor(factsFor(artifact, known.decoded, { context, provenance: UNKNOWN_PROVENANCE, ...known }), context);
}

async function read(artifact: Artifact, { secretScanner, known }: ScanContext): Promise<KnownBytes> {
  const decoded = decode(artifact.bytes);
  const { candidates, problems: secretProblems } = findSecretCandidates(decoded);
  const worked: KnownBytes = { decoded, secrets: await secretScanner.scan(candidates), secretProblems, memo: new Map() };
  known?.set(artifact.digest, worked, artifact.bytes.length);
  return worked;
}

function resultOf({ name, digest, bytes }: Artifact, asked: readonly Ran[], { judgement, context }: { readonly judgement: Judgement; readonly context: ScanContext }): ScanResult {
  const facts = asked[0]?.facts ?? null;
  return {
    artifact: { name, digest, size: bytes.length },
    ...judgement,
    problems: facts?.problems ?? [],
    capabilities: facts?.capabilities ?? [],
    provenance: leastTrusted(asked.map((one) => one.facts.provenance)),
    policies: shown(context.policies),
    facts,
  };
}

/** A bug of ours: said with its place, and never clean. */
function brokenOff(artifact: Artifact, error: unknown, { policies, now, onBug }: ScanContext): ScanResult {
  onBug(error, artifact.name);
  return {
    artifact: { name: artifact.name, digest: artifact.digest, size: artifact.bytes.length },
    ...judgeUnread(policies, now),
    verdict: 'error',
    reasons: [`Not judged: the scan broke: ${words(error)}`],
    problems: [], capabilities: [], provenance: UNKNOWN_PROVENANCE, policies: shown(policies), facts: null,
  };
}
