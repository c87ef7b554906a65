import { decodeBase64 } from '../base64.ts';
import type { Decoded } from '../wasm/decoded.ts';
import { hexText } from '../wasm/custom/read.ts';
import type { Problem } from '../problem.ts';
import { LIMITS } from '../wasm/limits.ts';
import { privateKeyLength } from './secret-der.ts';
import { joinSearch } from './joined-search.ts';
import { notRead } from './not-read.ts';
import { secretLiterals } from './secret-literals.ts';
import type { Anchor } from './secret-literals.ts';
import type { SecretPattern } from './secret-patterns.ts';
import type { SecretCandidate } from './secret-scanner.ts';
import { customSources, dataSources, placedModules, wideSource } from './text-sources.ts';
import type { TextSource } from './text-sources.ts';
import { windowText } from './window-text.ts';

/** What is handed to a scanner, and what was not read. */
export interface SecretCandidates {
  readonly candidates: readonly SecretCandidate[];
  /** One for each kind of secret of which not every place was read, or not every text kept. */
  readonly problems: readonly Problem[];
}

/**
 * Texts that may hold secrets, from data segments and custom sections: as plain text, as UTF-16, under one layer of
 * base64, and private keys as DER. One pass for literals; only their surroundings are read as text. Each text once.
 */
export function findSecretCandidates(decoded: Decoded): SecretCandidates {
  const gathered: Gathered = { found: new Map(), looked: new Map(), problems: new Map() };
  const modules = placedModules(decoded);
  for (const source of dataSources(modules)) findIn(source, gathered);
  for (const source of customSources(modules, decoded.kind === 'component' ? decoded : null)) {
    if (!PUBLIC_SECTIONS.has(source.section)) findIn(source, gathered);
  }
  return { candidates: [...gathered.found.values()], problems: [...gathered.problems.values()] };
}

/** Claims tokens and signatures are there to be read. */
const PUBLIC_SECTIONS = new Set(['jwt', 'wasmcloud_jwt', 'signature', 'signature_delimiter']);
/** Characters that a needed character may be away from its anchor: a name and a password of a URL. */
const GLANCE = 320;
/** Characters in front of a match that scanners may need: the name of a variable, the other half of a pair. */
const CONTEXT = 220;

interface Gathered {
  readonly found: Map<string, SecretCandidate>;
  /** Characters per pattern. */
  readonly looked: Map<SecretPattern, number>;
  /** By id of the pattern, or `kept` when too many were found. */
  readonly problems: Map<string, Problem>;
}

interface Place { readonly source: TextSource; readonly at: number; readonly encoding: SecretCandidate['encoding'] }

const search = joinSearch(() => secretLiterals().map(({ bytes }) => bytes));

/** Tells a text byte from one that ends a line. */
const PRINTABLE = Uint8Array.from({ length: 256 }, (_, byte) => ((byte >= 0x20 && byte < 0x7f) || byte === 9 ? byte : 10));
const latin1 = new TextDecoder('latin1');

function findIn(source: TextSource, gathered: Gathered): void {
  // A wrapped key holds another inside.
  let keyEnd = 0;
  search.search(source.bytes, (literal, at) => {
    const { anchor } = secretLiterals()[literal]!;
    if (anchor.kind === 'plain') tryPlain({ source, at, encoding: 'plain' }, anchor.pattern, gathered);
    else if (anchor.kind === 'base64') tryBase64(source, at, anchor, gathered);
    else if (at >= keyEnd) keyEnd = tryDer(source, at, anchor.behind, gathered);
  });
  const wide = wideSource(source);
  if (!wide) return;
  search.search(wide.bytes, (literal, at) => {
    const { anchor } = secretLiterals()[literal]!;
    if (anchor.kind === 'plain') tryPlain({ source: wide, at, encoding: 'utf-16' }, anchor.pattern, gathered);
  });
}

function tryPlain({ source, at, encoding }: Place, pattern: SecretPattern, gathered: Gathered): void {
  const place = { source, at };
  if (pattern.needs) {
    if (!admit(pattern, 0, { place, gathered })) return;
    const { found, length } = glance(source.bytes, at, pattern.needs);
    if (!admit(pattern, length, { place, gathered }) || !found) return;
  }
  if (pattern.opening && (!admit(pattern, pattern.opening.length, { place, gathered }) || !opensWith(source.bytes, at, pattern.opening))) return;
  const from = Math.max(0, at - Math.max(CONTEXT, pattern.before));
  if (!admit(pattern, at - from + pattern.after, { place, gathered })) return;
  const text = printable(source.bytes.subarray(from, at + pattern.after));
  consider({ text, at: at - from, encoding, place, locate: (start, end) => source.locate(from + start, end - start) }, pattern, gathered);
}

function tryBase64(source: TextSource, at: number, { pattern, phase, skip }: Extract<Anchor, { kind: 'base64' }>, gathered: Gathered): void {
  const place = { source, at };
  if (!admit(pattern, CONTEXT + pattern.after, { place, gathered })) return;
  // The place of the anchor tells where groups of four characters start.
  let from = at - skip;
  if (from < 0) return;
  while (from >= 4 && at - from < 2 * CONTEXT && isBase64Group(source.bytes, from - 4)) from -= 4;
  let to = at;
  while (to < source.bytes.length && to - at < 2 * pattern.after && isBase64(source.bytes[to]!)) to++;
  const decoded = decodeBase64(latin1.decode(source.bytes.subarray(from, to - ((to - from) % 4 === 1 ? 1 : 0))));
  if (!decoded) return;
  const group = ((at - skip - from) / 4) * 3;
  const locate = (start: number, end: number) => source.locate(from + Math.floor(start / 3) * 4, Math.ceil((end - start) / 3) * 4);
  consider({ text: printable(decoded), at: group + phase, encoding: 'base64', place, locate }, pattern, gathered);
}

/** Returns where the key ends, or 0. */
function tryDer(source: TextSource, at: number, behind: readonly number[], gathered: Gathered): number {
  for (const distance of behind) {
    const length = privateKeyLength(source.bytes, at - distance);
    if (length === 0) continue;
    const text = hexText(source.bytes.subarray(at - distance, at - distance + length));
    const locate = () => source.locate(at - distance, length);
    keep({ pattern: 'private-key', title: 'Private key (DER)', text, start: 0, end: text.length, verified: true, encoding: 'binary', locate }, { place: { source, at }, gathered });
    return at - distance + length;
  }
  return 0;
}

type Stop = Pick<Place, 'source' | 'at'>;
interface Window extends Pick<SecretCandidate, 'text' | 'encoding' | 'locate'> { readonly at: number; readonly place: Stop }
/** Where a search stands, and what it has found. */
interface State { readonly place: Stop; readonly gathered: Gathered }

function consider({ text, at, encoding, place, locate }: Window, pattern: SecretPattern, gathered: Gathered): void {
  const form = pattern.form;
  form.lastIndex = Math.max(0, at - pattern.before);
  for (let match = form.exec(text); match && match.index <= at; match = form.exec(text)) {
    const end = match.index + match[0].length;
    if (end <= at) continue;
    const judgement = pattern.judge(match, text);
    if (judgement === 'none') return;
    const secret = match[pattern.group ?? 0]!;
    const start = match.index + match[0].lastIndexOf(secret);
    keep({ pattern: pattern.id, title: pattern.title, text, start, end: start + secret.length, verified: judgement === 'verified', encoding, locate }, { place, gathered });
    return;
  }
}

/** Of the same text the first place counts, and a verified one more than a likely one. */
function keep(candidate: SecretCandidate, { place, gathered: { found, problems } }: State): void {
  const key = `${candidate.pattern}\0${candidate.text.slice(candidate.start, candidate.end)}`;
  const known = found.get(key);
  if (known ? candidate.verified && !known.verified : found.size < LIMITS.secretCandidates) found.set(key, candidate);
  // A waiver may allow all that were kept.
  else if (!known && !problems.has('kept')) problems.set('kept', notRead(`Too many texts that look like secrets: more than ${LIMITS.secretCandidates}`, place));
}

function admit(pattern: SecretPattern, characters: number, { place, gathered: { looked, problems } }: State): boolean {
  const total = (looked.get(pattern) ?? 0) + characters;
  looked.set(pattern, total);
  if (total <= LIMITS.secretCharacters) return true;
  if (!problems.has(pattern.id)) problems.set(pattern.id, notRead(`Too many texts that may be secrets of form ${pattern.id}: not all were read`, place));
  return false;
}

/** Whether a character follows before the text ends, and how many were looked at to know. */
function glance(bytes: Uint8Array, at: number, character: string): { readonly found: boolean; readonly length: number } {
  const wanted = character.charCodeAt(0);
  const end = Math.min(bytes.length, at + GLANCE);
  for (let next = at; next < end; next++) {
    const byte = bytes[next]!;
    if (byte === wanted || byte <= 0x20 || byte >= 0x7f) return { found: byte === wanted, length: next - at + 1 };
  }
  return { found: false, length: end - at };
}

function opensWith(bytes: Uint8Array, at: number, { form, length }: NonNullable<SecretPattern['opening']>): boolean {
  form.lastIndex = 0;
  return form.test(latin1.decode(bytes.subarray(at, at + length)));
}

function printable(bytes: Uint8Array): string {
  return windowText(bytes, PRINTABLE);
}

function isBase64(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2b || byte === 0x2f || byte === 0x2d || byte === 0x5f;
}

function isBase64Group(bytes: Uint8Array, at: number): boolean {
  return isBase64(bytes[at]!) && isBase64(bytes[at + 1]!) && isBase64(bytes[at + 2]!) && isBase64(bytes[at + 3]!);
}
