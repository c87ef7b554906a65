import type { Finding } from '../../finding.ts';
import { SEVERITIES } from '../../severity.ts';
import type { ScanEntry } from '../entry.ts';
import type { ReportContext } from '../format.ts';
import { harmlessName } from '../harmless.ts';
import { repeats } from '../repeats.ts';
import { plainText } from './plain-text.ts';
import type { Places } from './place.ts';
import type { SarifProfile } from './profile.ts';
import type { SarifResult } from './types.ts';

interface Located { readonly entry: ScanEntry; readonly finding: Finding; readonly fingerprint: string }

export interface ResultSet { readonly results: readonly SarifResult[]; readonly leftOut: number }

/** Longest name taken from a binary into the properties of a result, in characters. */
const NAME_LENGTH = 256;

/** The results of all entries: most severe first, in target order within one severity, each with a fingerprint of its own. */
export function sarifResults(entries: readonly ScanEntry[], context: ReportContext, { profile, places }: { readonly profile: SarifProfile; readonly places: Places }): ResultSet {
  const fingerprint = fingerprinter(context, places);
  // Numbered before any is left out, so that a waiver or a limit changes no other fingerprint.
  const located = entries.flatMap((entry) => entry.findings.map((finding) => ({ entry, finding, fingerprint: fingerprint(entry, finding) })));
  const isRepeat = repeats();
  const wanted = located.filter(({ finding }) => (profile.keepWaived || !finding.waived) && !isRepeat(finding));
  const kept = mostSevere(wanted, profile.results);
  const indices = new Map(context.rules.map(({ id }, index) => [id, index]));
  return { results: kept.map((one) => sarifResult(one, { profile, places, context, indices })), leftOut: wanted.length - kept.length };
}

function mostSevere(all: readonly Located[], limit: number): Located[] {
  const rank = ({ finding }: Located): number => SEVERITIES.indexOf(finding.severity);
  return all.toSorted((a, b) => rank(b) - rank(a)).slice(0, limit);
}

interface Making {
  readonly profile: SarifProfile;
  readonly places: Places;
  readonly context: ReportContext;
  readonly indices: ReadonlyMap<string, number>;
}

function sarifResult({ entry, finding, fingerprint }: Located, { profile, places, context, indices }: Making): SarifResult {
  const ruleIndex = indices.get(finding.rule);
  if (ruleIndex === undefined) throw new RangeError(`Rule ${finding.rule} is not in the list of rules`);
  const { shown, related } = places.placeOf(entry, finding);
  return {
    ruleId: finding.rule, ruleIndex, level: finding.severity,
    message: { text: plainText(places.withoutFolders(entry, messageOf(finding)), profile.messageLength) },
    locations: [shown],
    ...(related ? { relatedLocations: [related] } : {}),
    partialFingerprints: { primaryLocationLineHash: fingerprint, 'wasmgate/v1': fingerprint },
    rank: rankOf(finding, context.rules[ruleIndex]!.securitySeverity),
    ...(finding.waived ? { suppressions: [{ kind: 'external', status: 'accepted', justification: plainText(`${sentence(finding.waived.reason)} Owner: ${finding.waived.owner}, until ${finding.waived.expires}.${finding.waived.source === undefined ? '' : ` Accepted in ${finding.waived.source}.`}`, profile.messageLength) }] as const } : {}),
    properties: {
      confidence: finding.confidence, path: harmlessName(finding.location.path, NAME_LENGTH), byteOffset: finding.location.offset, byteLength: finding.location.length,
      subject: harmlessName(finding.subject, NAME_LENGTH), digest: entry.artifact.digest, verdict: entry.verdict,
    },
  };
}

/** The first sentence is what code scanning shows as the title, so the place comes after the message. */
function messageOf({ message, location, fix }: Finding): string {
  const offset = location.source === undefined ? `, 0x${location.offset.toString(16)}` : '';
  const place = location.path === 'file' ? '' : ` At ${harmlessName(location.path, NAME_LENGTH)}${offset}.`;
  return `${sentence(message)}${place}${fix === '' ? '' : ` Fix: ${sentence(fix)}`}`;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** 0 to 100, GitLab's only severity per result: the rule's score, kept inside the band of the finding's severity. */
function rankOf(finding: Finding, securitySeverity: number): number {
  const [low, high] = BANDS[finding.severity];
  return Math.min(high, Math.max(low, Math.round(securitySeverity * 10)));
}

const BANDS = { error: [70, 100], warning: [40, 69], note: [1, 39] } as const;

/** Rule, artifact path and subject, without lines, offsets, texts or versions: the same finding keeps it when the binary is rebuilt. */
function fingerprinter({ hash }: ReportContext, places: Places): (entry: ScanEntry, finding: Finding) => string {
  const seen = new Map<string, number>();
  return (entry, finding) => {
    const digest = hash(JSON.stringify([finding.rule, places.keyOf(entry), finding.subject])).slice(0, 32);
    const repeat = (seen.get(digest) ?? 0) + 1;
    seen.set(digest, repeat);
    return `${digest}:${repeat}`;
  };
}
