import type { Finding } from '../../finding.ts';
import { SEVERITIES } from '../../severity.ts';
import type { ScanEntry } from '../entry.ts';
import type { ReportContext } from '../format.ts';
import { harmless } from '../harmless.ts';
import type { Places } from './place.ts';
import { cut, type SarifProfile } from './profile.ts';
import type { SarifResult } from './types.ts';

interface Located { readonly entry: ScanEntry; readonly finding: Finding }

export interface ResultSet { readonly results: readonly SarifResult[]; readonly leftOut: number }

/** The results of all entries: most severe first where the consumer keeps only some, each with a fingerprint of its own. */
export function sarifResults(entries: readonly ScanEntry[], context: ReportContext, { profile, places }: { readonly profile: SarifProfile; readonly places: Places }): ResultSet {
  const all = entries.flatMap((entry) => entry.findings.filter(({ waived }) => profile.keepWaived || !waived).map((finding) => ({ entry, finding })));
  const kept = mostSevere(all, profile.results);
  const fingerprint = fingerprinter(context, places);
  const indices = new Map(context.rules.map(({ id }, index) => [id, index]));
  return { results: kept.map((located) => sarifResult(located, { profile, places, fingerprint, context, indices })), leftOut: all.length - kept.length };
}

function mostSevere(all: readonly Located[], limit: number): Located[] {
  const rank = ({ finding }: Located): number => SEVERITIES.indexOf(finding.severity);
  return all.toSorted((a, b) => rank(b) - rank(a)).slice(0, limit);
}

interface Making {
  readonly profile: SarifProfile;
  readonly places: Places;
  readonly context: ReportContext;
  readonly fingerprint: (located: Located) => string;
  readonly indices: ReadonlyMap<string, number>;
}

function sarifResult(located: Located, { profile, places, context, fingerprint, indices }: Making): SarifResult {
  const { entry, finding } = located;
  const ruleIndex = indices.get(finding.rule);
  if (ruleIndex === undefined) throw new RangeError(`Rule ${finding.rule} is not in the list of rules`);
  const own = fingerprint(located);
  return {
    ruleId: finding.rule, ruleIndex, level: finding.severity,
    message: { text: cut(messageOf(finding), profile.messageLength) },
    locations: [places.placeOf(entry, finding)],
    partialFingerprints: { primaryLocationLineHash: own, 'wasmgate/v1': own },
    rank: rankOf(finding, context.rules[ruleIndex]!.securitySeverity),
    ...(finding.waived ? { suppressions: [{ kind: 'external', status: 'accepted', justification: harmless(`${finding.waived.reason} (${finding.waived.owner}, until ${finding.waived.expires})`) }] as const } : {}),
    properties: { confidence: finding.confidence, path: harmless(finding.location.path), byteOffset: finding.location.offset, byteLength: finding.location.length, subject: harmless(finding.subject), digest: entry.artifact.digest, verdict: entry.verdict },
  };
}

/** The first sentence is what code scanning shows as the title, so the place comes after the message. */
function messageOf(finding: Finding): string {
  const message = finding.message.trim();
  const stop = /[.!?…]$/.test(message) ? '' : '.';
  return harmless(`${message}${stop} At ${finding.location.path}, byte ${finding.location.offset}. Fix: ${finding.fix}`);
}

/** 0 to 100, GitLab's only severity per result: the rule's score, kept inside the band of the finding's severity. */
function rankOf(finding: Finding, securitySeverity: number): number {
  const [low, high] = BANDS[finding.severity];
  return Math.min(high, Math.max(low, Math.round(securitySeverity * 10)));
}

const BANDS = { error: [70, 100], warning: [40, 69], note: [1, 39] } as const;

/** Rule, artifact path and subject, without lines, offsets, texts or versions: the same finding keeps it when the binary is rebuilt. */
function fingerprinter({ hash }: ReportContext, places: Places): (located: Located) => string {
  const seen = new Map<string, number>();
  return ({ entry, finding }) => {
    const digest = hash(JSON.stringify([finding.rule, places.uriOf(entry), finding.subject])).slice(0, 32);
    const repeat = seen.get(digest) ?? 0;
    seen.set(digest, repeat + 1);
    return `${digest}:${repeat + 1}`;
  };
}
