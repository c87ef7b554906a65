import type { ScanEntry } from '../entry.ts';
import type { ReportContext, ReportWriter } from '../format.ts';
import { harmlessJson } from '../harmless.ts';
import { NOTIFICATIONS, type NotificationId, sarifDriver, weaknessTaxonomy } from './driver.ts';
import { packed, sarifPlaces, type Places } from './place.ts';
import { plainText } from './plain-text.ts';
import { PROFILES, type SarifProfile } from './profile.ts';
import { sarifResults } from './results.ts';
import type { SarifArtifact, SarifLevel, SarifLog, SarifNotification } from './types.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/**
 * SARIF 2.1.0 in one run. The same input gives the same bytes: no times, no absolute paths, rules sorted by id.
 * What could not be analysed is a notification and an unsuccessful execution, so that no consumer closes its alerts.
 */
export function sarifReport(given: ReportContext): ReportWriter {
  const context = { ...given, rules: [...given.rules].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  const places = sarifPlaces(PROFILES[context.sarif.profile], context.sarif.relativePath);
  const entries = new Map<string, ScanEntry>();
  return {
    add(entry) {
      const key = sameKey(entry, places);
      if (!entries.has(key)) entries.set(key, entry);
      return '';
    },
    end() {
      return `${harmlessJson(sarifLog([...entries.values()], context, places), 2)}\n`;
    },
  };
}

/** A file that was named twice, maybe in two spellings, is one artifact with one set of alerts. */
function sameKey(entry: ScanEntry, places: Places): string {
  return JSON.stringify([places.keyOf(entry), entry.artifact.digest, entry.verdict, entry.policies]);
}

function sarifLog(entries: readonly ScanEntry[], context: ReportContext, places: Places): SarifLog {
  const profile = PROFILES[context.sarif.profile];
  const { results, leftOut } = sarifResults(entries, context, { profile, places });
  const notifications = [...entries.flatMap((entry) => notificationsOf(entry, profile, places)), ...nothingNote(entries), ...leftOutNote(leftOut)];
  return {
    $schema: SCHEMA, version: '2.1.0',
    runs: [{
      tool: { driver: sarifDriver(context, profile) },
      automationDetails: { id: `wasmgate/${context.sarif.category ? `${context.sarif.category}/` : ''}` },
      invocations: [{ executionSuccessful: entries.length > 0 && entries.every(({ verdict }) => verdict !== 'error'), toolExecutionNotifications: notifications }],
      artifacts: artifactsOf(entries, places),
      results,
      taxonomies: [weaknessTaxonomy(context.rules)],
      columnKind: 'utf16CodeUnits',
      properties: { policies: context.policies, verdicts: entries.map((entry) => ({ uri: places.uriOf(entry), digest: entry.artifact.digest, verdict: entry.verdict, blocked: entry.blocked })) },
    }],
  };
}

function notificationsOf(entry: ScanEntry, { messageLength }: SarifProfile, places: Places): SarifNotification[] {
  const line = places.lineOf(entry);
  const locations = [{ physicalLocation: { artifactLocation: { uri: places.uriOf(entry) }, region: { startLine: line, startColumn: 1, endLine: line, endColumn: 1 } } }];
  const said = entry.verdict === 'error' ? [notification('not-analysed', 'error', `Not analysed: ${entry.reasons.join('; ')}.`)] : [];
  const problems = entry.problems.map(({ effect, message, code, offset, section }) => notification(
    effect === 'degraded' ? 'degraded' : 'not-analysed',
    PROBLEM_LEVELS[effect],
    `${message} (${code}, at 0x${offset.toString(16)}${section === null ? '' : `, ${section} section`}).`,
  ));
  return [...said, ...problems].map((found) => ({ ...found, message: { text: plainText(places.withoutFolders(entry, found.message.text), messageLength) }, locations }));
}

/** What is malformed is denied, so it is judged; what is unanalysed is not. */
const PROBLEM_LEVELS = { degraded: 'note', malformed: 'warning', unanalysed: 'error' } as const;

function nothingNote(entries: readonly ScanEntry[]): SarifNotification[] {
  return entries.length === 0 ? [notification('not-analysed', 'error', 'No artifact was found.')] : [];
}

function leftOutNote(leftOut: number): SarifNotification[] {
  return leftOut > 0 ? [notification('results-left-out', 'warning', `${leftOut} less severe results were left out.`)] : [];
}

function notification(id: NotificationId, level: SarifLevel, text: string): SarifNotification {
  return { descriptor: { id, index: NOTIFICATIONS.findIndex((known) => known.id === id) }, level, message: { text } };
}

/** One per URI: the same file may be given twice. */
function artifactsOf(entries: readonly ScanEntry[], places: Places): SarifArtifact[] {
  const byUri = new Map(entries.map((entry) => [places.uriOf(entry), entry]));
  return [...byUri].map(([uri, entry]) => (packed(entry) ? { location: { uri }, roles: ['analysisTarget'] } : ownArtifact(uri, entry)));
}

function ownArtifact(uri: string, { artifact, kind }: ScanEntry): SarifArtifact {
  return {
    location: { uri }, roles: ['analysisTarget'],
    ...(artifact.size === null ? {} : { length: artifact.size }),
    ...(kind === 'module' || kind === 'component' || kind === 'wit-package' ? { mimeType: 'application/wasm' } : {}),
    ...(artifact.digest ? { hashes: { 'sha-256': artifact.digest.replace('sha256:', '') } } : {}),
  };
}
