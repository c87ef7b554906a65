import type { Location } from '../location.ts';
import type { Component } from '../wasm/component.ts';
import type { Decoded } from '../wasm/decoded.ts';
import type { CustomSection } from '../wasm/module.ts';
import { dataRegions, locateInRegion } from './memory-regions.ts';
import type { ModuleFact } from './facts.ts';
import { eachWideRun } from './strings-wide.ts';

/** A core module and its place. */
export type PlacedModule = Pick<ModuleFact, 'path' | 'module'>;

/** Bytes that may hold text, and how to say where a part of them is. */
export interface TextSource {
  readonly bytes: Uint8Array;
  readonly from: 'data' | 'custom';
  /** Name of the custom section; empty for data. */
  readonly section: string;
  readonly locate: (start: number, length: number) => Location;
}

/** The data of every module. */
export function* dataSources(modules: readonly PlacedModule[]): Generator<TextSource> {
  for (const { path, module } of modules) {
    for (const region of dataRegions(module)) {
      const locate = (start: number, length: number): Location => {
        const { segment, offset } = locateInRegion(region, start);
        return { path: within(path, `data[${segment}]`), offset, length };
      };
      yield { bytes: region.bytes, from: 'data', section: '', locate };
    }
  }
}

/** The UTF-16LE texts in a source, a byte per character and separated by zeros; null where there are none. Read once. */
export function wideSource(source: TextSource): TextSource | null {
  let texts = wideTexts.get(source.bytes);
  if (texts === undefined) wideTexts.set(source.bytes, (texts = readWide(source)));
  if (texts === null) return null;
  const { bytes, at, starts } = texts;
  const locate = (start: number, count: number): Location => {
    const run = lastUpTo(at, start);
    return source.locate(starts[run]! + 2 * (start - at[run]!), 2 * count);
  };
  return { ...source, bytes, locate };
}

/** In columns, because 50 MB of hostile data hold five million runs: `at` counts in `bytes`, `starts` in the source; both ascend. */
interface WideTexts { readonly bytes: Uint8Array; readonly at: Uint32Array; readonly starts: Uint32Array }

const wideTexts = new WeakMap<Uint8Array, WideTexts | null>();

/** Reads twice, once to count, so that nothing is allocated that is not needed. */
function readWide(source: Pick<TextSource, 'bytes'>): WideTexts | null {
  let length = 0;
  let runs = 0;
  eachWideRun(source.bytes, (start, end) => {
    length += (end - start) / 2 + 1;
    runs++;
  });
  if (runs === 0) return null;
  const texts = { bytes: new Uint8Array(length), at: new Uint32Array(runs), starts: new Uint32Array(runs) };
  let [run, at] = [0, 0];
  eachWideRun(source.bytes, (start, end) => {
    texts.at[run] = at;
    texts.starts[run++] = start;
    for (let from = start; from < end; from += 2) texts.bytes[at++] = source.bytes[from]!;
    at++;
  });
  return texts;
}

/** The last place whose value is not above `wanted`; values ascend and the first is 0. */
function lastUpTo(values: Uint32Array, wanted: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (values[middle]! <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Every core module of the artifact with its place, in the order of the component tree. */
export function placedModules(decoded: Decoded): PlacedModule[] {
  if (decoded.kind === 'module') return [{ path: '', module: decoded }];
  const placed: PlacedModule[] = [];
  for (const { path, component } of componentTree(decoded.kind === 'component' ? decoded : null)) {
    for (const [index, module] of component.modules.entries()) placed.push({ path: within(path, `module[${index}]`), module });
  }
  return placed;
}

/** The custom sections of every module, and of the component and those inside it. */
export function* customSources(modules: readonly PlacedModule[], component: Component | null): Generator<TextSource> {
  for (const { path, customs } of customHolders(modules, component)) {
    for (const [index, custom] of customs.entries()) {
      const place = customPath(path, index, custom.name);
      yield { bytes: custom.payload, from: 'custom', section: custom.name, locate: (start, length) => ({ path: place, offset: custom.offset + start, length }) };
    }
  }
}

/** Everything that has custom sections, with its path. */
export function* customHolders(modules: readonly PlacedModule[], component: Component | null): Generator<{ readonly path: string; readonly customs: readonly CustomSection[] }> {
  for (const next of componentTree(component)) yield { path: next.path, customs: next.component.customs };
  for (const { path, module } of modules) yield { path, customs: module.customs };
}

/** Location path of a custom section. */
export function customPath(path: string, index: number, name: string): string {
  return within(path, `custom[${index}] ${name}`);
}

/** Walked without recursion; an outer component comes before its inner ones. */
/** In the order in which they are written, each before those inside it. */
function* componentTree(component: Component | null): Generator<{ readonly path: string; readonly component: Component }> {
  const open = component ? [{ path: '', component }] : [];
  for (let next = open.pop(); next; next = open.pop()) {
    yield next;
    const { path, component: { components } } = next;
    for (let index = components.length - 1; index >= 0; index--) open.push({ path: within(path, `component[${index}]`), component: components[index]! });
  }
}

function within(path: string, place: string): string {
  return path ? `${path}/${place}` : place;
}
