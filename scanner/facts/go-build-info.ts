import type { Location } from '../location.ts';
import { dataRegions, locateInRegion } from './memory-regions.ts';
import type { DataRegion } from './memory-regions.ts';
import type { Dependency } from './facts.ts';
import { joinSearch } from './joined-search.ts';
import { asciiBytes } from './literal-search.ts';
import type { PlacedModule } from './text-sources.ts';

/** Sentinels around a Go program's module information: cmd/go/internal/modload, modinfo start and end. */
const START = Uint8Array.of(0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02, 0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6);
const END = Uint8Array.of(0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72, 0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2);
const VERSION = asciiBytes('go1.');
const search = joinSearch(() => [START, END, VERSION]);
/** Programs with a thousand modules stay below. */
const MAX_TEXT = 1 << 20;
/** A program has one such text; more are looked at in case the first is a decoy. */
const MAX_TEXTS = 16;

const loose = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/**
 * The modules a Go program was built from, by the text the linker put between two sentinels in data; and the standard
 * library as `stdlib`, the name the Go vulnerability database uses, by the version that stands in data too. `exhausted` is
 * told where a limit kept a text from being read.
 */
export function* goDependencies({ path, module }: PlacedModule, exhausted: (location: Location) => void = () => {}): Generator<Dependency> {
  let version: Dependency | null = null;
  let isGo = false;
  for (const region of dataRegions(module)) {
    const { texts, version: versionAt, unreadAt } = infoTexts(region);
    if (unreadAt !== null) exhausted(locate(path, region, { start: unreadAt, end: unreadAt }));
    isGo ||= texts.length > 0;
    for (const { start, end } of texts) {
      const text = loose.decode(region.bytes.subarray(start, end));
      for (const dependency of parseBuildInfo(text)) yield { ...dependency, ecosystem: 'go', evidence: 'build-info', location: locate(path, region, { start, end }) };
    }
    if (versionAt) version ??= { name: 'stdlib', version: versionAt.text, ecosystem: 'go', evidence: 'build-info', location: locate(path, region, versionAt) };
  }
  // Other programs name versions of Go too.
  if (isGo && version) yield version;
}

function locate(path: string, region: DataRegion, { start, end }: { readonly start: number; readonly end: number }): Location {
  const { segment, offset } = locateInRegion(region, start);
  return { path: `${path && `${path}/`}data[${segment}]`, offset, length: end - start };
}

/** Module name and version of every `dep` line, with its replacement where one is given. Other lines are left out. */
export function parseBuildInfo(text: string): { readonly name: string; readonly version: string }[] {
  const found: { name: string; version: string }[] = [];
  let previous = '';
  for (const line of text.split('\n')) {
    const [key = '', name = '', version = ''] = line.split('\t');
    if (key === 'dep' && name) found.push({ name, version });
    // A replacement stands on the line after what it replaces; the main module can be replaced too.
    else if (key === '=>' && name && previous === 'dep') found[found.length - 1] = { name, version };
    previous = key;
  }
  return found;
}

interface Range { readonly start: number; readonly end: number }
interface InfoTexts {
  readonly texts: readonly Range[];
  /** The first version of Go. */
  readonly version: (Range & { readonly text: string }) | null;
  /** Where the first text starts that was not read, or not to its end. */
  readonly unreadAt: number | null;
}

function infoTexts(region: DataRegion): InfoTexts {
  const starts: number[] = [];
  const ends: number[] = [];
  let version: InfoTexts['version'] = null;
  let unreadAt: number | null = null;
  search.search(region.bytes, (literal, at) => {
    if (literal === 2) version ??= versionAt(region.bytes, at);
    else if (literal === 1) ends.push(at);
    else if (starts.length < MAX_TEXTS) starts.push(at + START.length);
    else unreadAt ??= at;
  });
  const texts = starts.map((start) => {
    const limit = Math.min(region.bytes.length, start + MAX_TEXT);
    const end = ends.find((at) => at >= start && at <= limit);
    // The end sentinel may stand in a segment that is not adjacent; text itself holds no zero byte.
    const zero = end === undefined ? region.bytes.subarray(start, limit).indexOf(0) : -1;
    if (end === undefined && zero < 0 && limit < region.bytes.length) unreadAt ??= start;
    return { start, end: end ?? (zero < 0 ? limit : start + zero) };
  });
  return { texts, version, unreadAt };
}

function versionAt(bytes: Uint8Array, start: number): InfoTexts['version'] {
  const found = /^go(1\.\d{1,3}(?:\.\d{1,3}|(?:rc|beta)\d{1,2})?)/.exec(loose.decode(bytes.subarray(start, start + 16)));
  return found && { start, end: start + found[0].length, text: found[1]! };
}
