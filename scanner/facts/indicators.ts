import type { Component } from '../wasm/component.ts';
import type { Problem } from '../problem.ts';
import { LIMITS } from '../wasm/limits.ts';
import { BUILD_PATH_ANCHORS, readBuildPath } from './build-paths.ts';
import type { Indicator } from './facts.ts';
import { joinSearch } from './joined-search.ts';
import { asciiBytes } from './literal-search.ts';
import { notRead } from './not-read.ts';
import { ENDPOINT_ANCHORS, METADATA_ANCHORS, MINING_ANCHORS, readEndpoint, readCommand, readWord, SENSITIVE_ANCHORS, SHELL_ANCHORS, standsAlone } from './network-texts.ts';
import { customSources, dataSources, wideSource } from './text-sources.ts';
import type { PlacedModule, TextSource } from './text-sources.ts';
import { windowText } from './window-text.ts';

type Kind = Indicator['kind'];

/** What was read at an anchor; `start` counts characters of the text. */
interface Reading extends Pick<Indicator, 'text' | 'owner' | 'user'> {
  readonly start: number;
  /** Readings with the same key are one indicator. */
  readonly key: string;
}
type Read = (text: string, at: number, about: { readonly anchor: string; readonly source: TextSource }) => Reading | null;

/** Longest text that is kept. */
const MAX_TEXT = 120;
/** Characters around an anchor that are read. */
const BEFORE = 110;
const AFTER = 330;

const READERS: readonly { readonly kind: Kind; readonly anchors: readonly string[]; readonly read: Read }[] = [
  { kind: 'build-path', anchors: BUILD_PATH_ANCHORS, read: buildPath },
  { kind: 'mining-pool', anchors: MINING_ANCHORS, read: word },
  { kind: 'cloud-metadata', anchors: METADATA_ANCHORS, read: address },
  { kind: 'sensitive-path', anchors: SENSITIVE_ANCHORS, read: word },
  { kind: 'internal-endpoint', anchors: ENDPOINT_ANCHORS, read: endpoint },
  { kind: 'reverse-shell', anchors: SHELL_ANCHORS, read: command },
];
const ANCHORS = READERS.flatMap(({ kind, anchors, read }) => anchors.map((anchor) => ({ kind, anchor, read })));
const search = joinSearch(() => ANCHORS.map(({ anchor }) => asciiBytes(anchor)));

/** Sections whose text says where a binary was built; others hold their own kinds of data, judged elsewhere. */
const SKIPPED_SECTIONS = /^(producers|target_features|linking|reloc\..*|signature.*|component-type.*|\.dep-v0|jwt|wasmcloud_jwt)$/;
const PRINTABLE = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x20 && byte < 0x7f ? byte : 10));

/** What was found, and what was not read. */
export interface IndicatorFacts {
  readonly indicators: readonly Indicator[];
  /** One for each kind of which not every place was read, or not every text kept. */
  readonly problems: readonly Problem[];
}

/** Texts in data, UTF-16 included, and in custom sections, each once with its first place; in one pass for all kinds. */
export function collectIndicators(modules: readonly PlacedModule[], component: Component | null = null): IndicatorFacts {
  const found: Found = { indicators: new Map(), reads: new Uint32Array(ANCHORS.length), problems: new Map() };
  for (const source of dataSources(modules)) {
    readSource(source, found);
    const wide = wideSource(source);
    if (wide) readSource(wide, found);
  }
  for (const source of customSources(modules, component)) if (!SKIPPED_SECTIONS.test(source.section)) readSource(source, found);
  return { indicators: READERS.flatMap(({ kind }) => [...(found.indicators.get(kind)?.values() ?? [])]), problems: [...found.problems.values()] };
}

interface Found {
  readonly indicators: Map<Kind, Map<string, { -readonly [K in keyof Indicator]: Indicator[K] }>>;
  /** By anchor, how many places were read. */
  readonly reads: Uint32Array;
  readonly problems: Map<Kind, Problem>;
}

function readSource(source: TextSource, found: Found): void {
  // Where an anchor of the same kind was read last, so that `/root/` inside a path that starts with `/home/` is no second one.
  const ends = new Map<Kind, number>();
  search.search(source.bytes, (literal, at) => {
    const { kind, anchor, read } = ANCHORS[literal]!;
    if (at + anchor.length <= (ends.get(kind) ?? 0)) return;
    if (++found.reads[literal]! > LIMITS.indicatorReads) return exhaust(found, kind, { source, at });
    const from = Math.max(0, at - BEFORE);
    const text = windowText(source.bytes.subarray(from, at + AFTER), PRINTABLE);
    const reading = read(text, at - from, { anchor, source });
    if (!reading) return;
    ends.set(kind, from + reading.start + reading.text.length);
    keep(found, kind, { ...reading, source, at: from + reading.start });
  });
}

interface Place { readonly source: TextSource; /** Bytes from the start of the source. */ readonly at: number }

function keep(found: Found, kind: Kind, { text, owner, user, key, source, at }: Reading & Place): void {
  const own = found.indicators.get(kind) ?? new Map();
  found.indicators.set(kind, own);
  const known = own.get(key);
  if (known) known.count++;
  else if (own.size < LIMITS.indicators) own.set(key, { kind, text: text.slice(0, MAX_TEXT), owner, user, count: 1, location: source.locate(at, text.length) });
  else exhaust(found, kind, { source, at });
}

/** Rules grade all texts of a kind together and a policy may waive some, so one more could still change the verdict. */
function exhaust({ problems }: Found, kind: Kind, place: Place): void {
  if (!problems.has(kind)) problems.set(kind, notRead(`Too many texts that may be of kind ${kind}: not all were read`, place));
}

function buildPath(text: string, at: number, { source }: { readonly source: TextSource }): Reading | null {
  const found = readBuildPath(text, at, source.section.startsWith('.debug_') ? 'debug' : 'text');
  return found && { text: found.path, start: at - found.before, owner: found.owner, user: found.user, key: `${found.owner} ${found.directory}` };
}

function word(text: string, at: number, { anchor }: { readonly anchor: string }): Reading {
  const found = readWord(text, at, anchor);
  // What is cut off is read again, at the anchors in it.
  const kept = found.text.slice(0, MAX_TEXT);
  return { start: found.start, text: kept, owner: null, user: null, key: kept };
}

function command(text: string, at: number, { anchor }: { readonly anchor: string }): Reading | null {
  const found = readCommand(text, at, anchor);
  return found && { ...found, owner: null, user: null, key: found.text };
}

function address(text: string, at: number, { anchor }: { readonly anchor: string }): Reading | null {
  return standsAlone(text, at, anchor) ? { text: anchor, start: at, owner: null, user: null, key: anchor } : null;
}

function endpoint(text: string, at: number): Reading | null {
  const found = readEndpoint(text, at);
  return found && { ...found, owner: null, user: null, key: found.text };
}
