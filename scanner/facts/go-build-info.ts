import { dataRegions, locateInRegion } from './data-regions.ts';
import type { DataRegion } from './data-regions.ts';
import type { Dependency } from './facts.ts';
import { prepareSearch } from './literal-search.ts';
import type { PlacedModule } from './text-sources.ts';

/** Sentinels around a Go program's module information: cmd/go/internal/modload, modinfo start and end. */
const START = Uint8Array.of(0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02, 0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6);
const END = Uint8Array.of(0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72, 0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2);
const search = prepareSearch([START, END]);
/** Programs with a thousand modules stay below. */
const MAX_TEXT = 1 << 20;
/** A program has one such text; more are looked at in case the first is a decoy. */
const MAX_TEXTS = 16;

const loose = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** The modules a Go program was built from, by the text the linker put between two sentinels in data. */
export function* goDependencies({ path, module }: PlacedModule): Generator<Dependency> {
  for (const region of dataRegions(module)) {
    for (const { start, end } of infoTexts(region)) {
      const { segment, offset } = locateInRegion(region, start);
      const location = { path: `${path && `${path}/`}data[${segment}]`, offset, length: end - start };
      const text = loose.decode(region.bytes.subarray(start, end));
      for (const { name, version } of parseBuildInfo(text)) yield { name, version, ecosystem: 'go', evidence: 'build-info', location };
    }
  }
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

function infoTexts(region: DataRegion): { readonly start: number; readonly end: number }[] {
  const starts: number[] = [];
  const ends: number[] = [];
  search.search(region.bytes, (literal, at) => (literal === 0 ? starts.push(at + START.length) : ends.push(at)));
  return starts.slice(0, MAX_TEXTS).map((start) => {
    const limit = Math.min(region.bytes.length, start + MAX_TEXT);
    const end = ends.find((at) => at >= start && at <= limit);
    // The end sentinel may stand in a segment that is not adjacent; text itself holds no zero byte.
    const zero = region.bytes.subarray(start, limit).indexOf(0);
    return { start, end: end ?? (zero < 0 ? limit : start + zero) };
  });
}
