import { compareText } from '../compare-text.ts';
import { isRecord } from '../is-record.ts';
import { readYaml, writeYaml, type YamlDocument } from '../yaml.ts';
import { artifactKey } from './artifact-key.ts';
import { isDay } from './day.ts';
import type { Fault } from './fault.ts';
import { placedFaults, type PolicyFault } from './load.ts';
import { didYouMean } from './suggest.ts';
import { currentRule, type Vocabulary } from './vocabulary.ts';
import { NEVER_WAIVED } from './waive.ts';

/** A finding that somebody accepted: told by rule, artifact and subject, which stay the same when the artifact is built anew. */
export interface AcceptedFinding {
  readonly rule: string;
  /** As `artifactKey` gives it; files by their path from the folder of the list. */
  readonly artifact: string;
  readonly subject: string;
  /** How many findings of that rule and subject; one more is new. */
  readonly count: number;
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD, the last day it holds. */
  readonly expires: string;
}

/** A list of accepted findings. It must not be used while there are errors. */
export interface AcceptedList {
  readonly findings: readonly AcceptedFinding[];
  readonly errors: readonly PolicyFault[];
}

const KIND = 'AcceptedFindings';
const API_VERSION = 'wasmgate.dev/v1alpha1';
/** UTF-16 code units of a list. */
const TEXT_LENGTH = 1 << 22;
const FINDINGS = 10_000;
const TEXTS = ['rule', 'artifact', 'subject', 'reason', 'owner', 'expires'] as const;
const KEYS: readonly string[] = [...TEXTS, 'count'];

/** Reads a list; `file` is only used in messages. Never throws. */
export function loadAccepted(text: string, file: string, vocabulary: Vocabulary): AcceptedList {
  const { documents, faults } = readYaml(text, TEXT_LENGTH);
  const document = documents[0];
  if (faults.length > 0 || document === undefined || documents.length > 1) {
    const wrong = faults.length > 0 ? faults : [{ line: 1, column: 1, message: document === undefined ? 'The file holds no list of accepted findings' : 'The file holds several documents' }];
    return { findings: [], errors: placedFaults(wrong, { file, text }) };
  }
  const found = listFaults(document.value, vocabulary);
  if (found.length > 0) return { findings: [], errors: placedFaults(found.map((fault) => ({ ...place(document, fault), message: fault.message })), { file, text }) };
  const { findings } = document.value as { readonly findings: readonly (Omit<AcceptedFinding, 'count'> & { readonly count?: number })[] };
  return { findings: findings.map((one) => ({ ...one, rule: currentRule(one.rule, vocabulary), artifact: artifactKey(one.artifact), count: one.count ?? 1 })), errors: [] };
}

function place(document: YamlDocument, { pointer, on }: Fault): { readonly line: number; readonly column: number } {
  return on === 'key' ? document.positionOfKey(pointer) : document.positionOf(pointer);
}

function listFaults(value: unknown, vocabulary: Vocabulary): readonly Fault[] {
  if (!isRecord(value)) return [wrong('', 'A list of accepted findings is an object')];
  const { apiVersion, kind, findings } = value;
  const faults = unknownKeys(value, '', ['apiVersion', 'kind', 'findings']);
  if (apiVersion !== API_VERSION) faults.push(wrong('/apiVersion', `apiVersion must be ${API_VERSION}`));
  if (kind !== KIND) faults.push(wrong('/kind', `kind must be ${KIND}`));
  if (!Array.isArray(findings)) return [...faults, wrong('/findings', 'findings must be a list')];
  if (findings.length > FINDINGS) return [...faults, wrong('/findings', `More than ${FINDINGS} accepted findings`)];
  return [...faults, ...findings.flatMap((one, index) => findingFaults(one, `/findings/${index}`, vocabulary)), ...repeated(findings)];
}

function findingFaults(value: unknown, pointer: string, vocabulary: Vocabulary): readonly Fault[] {
  if (!isRecord(value)) return [wrong(pointer, 'An accepted finding is an object')];
  const faults = unknownKeys(value, pointer, KEYS);
  for (const key of TEXTS) {
    const text = value[key];
    if (typeof text !== 'string' || text.trim() === '') faults.push(wrong(text === undefined ? pointer : `${pointer}/${key}`, `An accepted finding needs ${key === 'owner' || key === 'artifact' ? 'an' : 'a'} ${key} as text`));
  }
  const { rule, expires, count = 1 } = value;
  if (!Number.isSafeInteger(count) || (count as number) < 1) faults.push(wrong(`${pointer}/count`, 'count must be a whole number from 1 on'));
  if (typeof expires === 'string' && !isDay(expires)) faults.push(wrong(`${pointer}/expires`, `${expires.slice(0, 40)} is no day of the calendar; write it as 2030-01-31`));
  if (typeof rule === 'string') faults.push(...ruleFaults(rule, `${pointer}/rule`, vocabulary));
  return faults;
}

function ruleFaults(rule: string, pointer: string, vocabulary: Vocabulary): readonly Fault[] {
  const current = currentRule(rule, vocabulary);
  if (NEVER_WAIVED.has(current)) return [wrong(pointer, `A finding of ${current} cannot be accepted`)];
  return vocabulary.rules.includes(current) ? [] : [wrong(pointer, `Unknown rule ${rule.slice(0, 80)}${didYouMean(rule, vocabulary.rules)}`)];
}

/** Two entries for one finding: which reason would hold? */
function repeated(findings: readonly unknown[]): readonly Fault[] {
  const seen = new Set<string>();
  return findings.flatMap((one, index) => {
    if (!isRecord(one)) return [];
    const key = JSON.stringify([one['rule'], one['artifact'], one['subject']]);
    if (seen.has(key)) return [wrong(`/findings/${index}`, 'This finding is accepted twice')];
    seen.add(key);
    return [];
  });
}

function unknownKeys(value: Readonly<Record<string, unknown>>, pointer: string, known: readonly string[]): Fault[] {
  return Object.keys(value).filter((key) => !known.includes(key)).map((key) => ({ pointer: `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, on: 'key', message: `Unknown key ${key.slice(0, 80)}${didYouMean(key, known)}` }));
}

function wrong(pointer: string, message: string): Fault {
  return { pointer, on: 'value', message };
}

/** The text of a list, in the order of artifacts, rules and subjects. `messages` say what was found, by the place in `findings`; one line each, made harmless. */
export function acceptedText(findings: readonly AcceptedFinding[], messages: ReadonlyMap<AcceptedFinding, string>): string {
  const ordered = findings.toSorted((a, b) => compareText(a.artifact, b.artifact) || compareText(a.rule, b.rule) || compareText(a.subject, b.subject));
  const above = Object.fromEntries(ordered.flatMap((one, index) => (messages.has(one) ? [[`/findings/${index}`, messages.get(one)!]] : [])));
  const items = ordered.map(({ rule, artifact, subject, count, reason, owner, expires }) => ({ rule, artifact, subject, ...(count === 1 ? {} : { count }), reason, owner, expires }));
  return writeYaml({ apiVersion: API_VERSION, kind: KIND, findings: items }, {
    above: { '': 'Findings that somebody accepted, each for a reason and until a day. New findings still count.', ...above },
    behind: {},
  });
}
