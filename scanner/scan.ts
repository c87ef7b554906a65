import type { Artifact } from './artifact.ts';
import { findSecretCandidates } from './facts/secret-candidates.ts';
import { factsFor, judgeRun, shown } from './judge-facts.ts';
import { words } from './words.ts';
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
    return resultOf(shownArtifact(artifact), asked, { judgement, context });
  } catch (error) {
    return brokenOff(shownArtifact(artifact), error, context);
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
  const known = context.known?.get(artifact.digest) ?? (await readBytes(artifact, context));
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

/** Works out what is known of bytes alone, and keeps it where the context has a place for it. */
export async function readBytes(artifact: Artifact, { secretScanner, known }: Pick<ScanContext, 'secretScanner' | 'known'>): Promise<KnownBytes> {
  const decoded = decode(artifact.bytes);
  const { candidates, problems: secretProblems } = findSecretCandidates(decoded);
  const worked: KnownBytes = { decoded, secrets: await secretScanner.scan(candidates), secretProblems, memo: new Map() };
  known?.set(artifact.digest, worked, artifact.bytes.length);
  return worked;
}

function shownArtifact({ name, digest, bytes }: Artifact): ScanResult['artifact'] {
  return { name, digest, size: bytes.length };
}

/** The result of an artifact that was judged. */
export function resultOf(artifact: ScanResult['artifact'], asked: readonly Ran[], { judgement, context }: { readonly judgement: Judgement; readonly context: Pick<ScanContext, 'policies'> }): ScanResult {
  const facts = asked[0]?.facts ?? null;
  return {
    artifact,
    ...judgement,
    problems: facts?.problems ?? [],
    capabilities: facts?.capabilities ?? [],
    provenance: leastTrusted(asked.map((one) => one.facts.provenance)),
    policies: shown(context.policies),
    facts,
  };
}

/** A bug of ours: said with its place, and never clean. */
export function brokenOff(artifact: ScanResult['artifact'], error: unknown, { policies, now, onBug }: Pick<ScanContext, 'policies' | 'now' | 'onBug'>): ScanResult {
  onBug(error, artifact.name);
  return {
    artifact,
    ...judgeUnread(policies, now),
    verdict: 'error',
    reasons: [`Not judged: the scan broke: ${words(error)}`],
    problems: [], capabilities: [], provenance: UNKNOWN_PROVENANCE, policies: shown(policies), facts: null,
  };
}
