import type { Component, InnerImport, Linking, Origin } from '../wasm/component.ts';
import type { Decoded } from '../wasm/decoded.ts';
import type { ByteRange, CustomSection, Module, Section } from '../wasm/module.ts';

/** Areas kept: the largest ones; a picture with more says nothing. */
const MOST_AREAS = 300;
const MOST_PARTS = 300;
const MOST_WIRES = 600;

/** What an artifact consists of, for pictures: plain data of bounded size. Everything is in file order. */
export interface Outline {
  /** The artifact itself first, then what is nested in it; the first ones, see `partCount`. */
  readonly parts: readonly OutlinePart[];
  readonly partCount: number;
  /** Sections that hold nothing nested, the largest ones. */
  readonly areas: readonly OutlineArea[];
  /** Bytes of the areas that were left out. */
  readonly otherBytes: number;
  /** Who gives what to the core modules of a component; empty for a module. */
  readonly wires: readonly OutlineWire[];
}

/** A module or component: '' for the artifact itself, else `component[0]/module[1]`. */
export interface OutlinePart extends ByteRange { readonly path: string; readonly kind: 'module' | 'component' }

export interface OutlineArea extends ByteRange {
  /** The part it belongs to. */
  readonly part: string;
  /** As in the specification (`code`); custom sections as `custom:name`. */
  readonly name: string;
}

/** Imports of one core module that come from one place. */
export interface OutlineWire {
  /** Path of the core module that asks. */
  readonly to: string;
  /**
   * `host`: `from` is an interface. `sibling`: the path of the core module whose export it is. `virtualised`: the path of the one whose code plays
   * the part of a host. `builtin`: the name of a function of the component model. `unresolved`: the module name of the import.
   */
  readonly kind: Origin['kind'];
  readonly from: string;
  /** Functions. */
  readonly count: number;
}

/** The outline of decoded bytes; null where they are no Wasm. */
export function outlineOf(decoded: Decoded): Outline | null {
  if (decoded.kind !== 'module' && decoded.kind !== 'component') return null;
  const { parts, areas } = walk(decoded);
  const kept = new Set(areas.toSorted((a, b) => b.length - a.length).slice(0, MOST_AREAS));
  return {
    parts: parts.slice(0, MOST_PARTS),
    partCount: parts.length,
    areas: areas.filter((area) => kept.has(area)),
    otherBytes: areas.reduce((sum, area) => (kept.has(area) ? sum : sum + area.length), 0),
    wires: decoded.kind === 'component' ? wiresOf(decoded) : [],
  };
}

interface Walked { readonly parts: OutlinePart[]; readonly areas: OutlineArea[] }

function walk(root: Module | Component): Walked {
  const parts: OutlinePart[] = [];
  const areas: OutlineArea[] = [];
  const open: { path: string; part: Module | Component }[] = [{ path: '', part: root }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path, part } = next;
    parts.push({ path, kind: part.kind, offset: part.range.offset, length: part.range.length });
    const inner = part.kind === 'component' ? innerOf(part, path) : [];
    areas.push(...areasOf(part, { path, holes: inner.map(({ part: { range } }) => range.offset) }));
    open.push(...inner);
  }
  return { parts: parts.sort((a, b) => a.offset - b.offset || b.length - a.length), areas: areas.sort((a, b) => a.offset - b.offset) };
}

function innerOf({ modules, components }: Component, path: string): { path: string; part: Module | Component }[] {
  const lead = path === '' ? '' : `${path}/`;
  return [
    ...modules.map((part, index) => ({ path: `${lead}module[${index}]`, part })),
    ...components.map((part, index) => ({ path: `${lead}component[${index}]`, part })),
  ];
}

/** Sections around something nested are told by what is nested. */
function areasOf({ sections, customs }: { readonly sections: readonly Section[]; readonly customs: readonly CustomSection[] }, { path, holes }: { readonly path: string; readonly holes: readonly number[] }): OutlineArea[] {
  const starts = [...holes].sort((a, b) => a - b);
  const names = new Map(customs.map(({ offset, length, name }) => [offset + length, name]));
  return sections
    .filter((section) => section.length > 0 && !holdsOne(section, starts))
    .map(({ name, offset, length }) => ({ part: path, name: name === 'custom' ? `custom:${names.get(offset + length) ?? ''}` : name, offset, length }));
}

function holdsOne({ offset, length }: ByteRange, starts: readonly number[]): boolean {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! < offset) low = middle + 1;
    else high = middle;
  }
  return low < starts.length && starts[low]! < offset + length;
}

function wiresOf({ linking }: Component): OutlineWire[] {
  const wires = new Map<string, { to: string; kind: OutlineWire['kind']; from: string; count: number }>();
  for (const one of linking?.inner ?? []) {
    const { modulePath: to, origin: { kind } } = one;
    const from = giverOf(one, linking!);
    const key = JSON.stringify([to, kind, from]);
    const known = wires.get(key);
    if (known) known.count++;
    else if (wires.size < MOST_WIRES) wires.set(key, { to, kind, from, count: 1 });
  }
  return [...wires.values()];
}

function giverOf({ module, origin }: InnerImport, { instances }: Linking): string {
  if (origin.kind === 'host') return interfaceOf(origin.function);
  if (origin.kind === 'builtin') return origin.name;
  return origin.kind === 'unresolved' ? module : (instances[origin.instance]?.path ?? '');
}

/** `wasi:cli/environment@0.2.0#get-environment` comes from `wasi:cli/environment@0.2.0`. */
function interfaceOf(host: string): string {
  const mark = host.lastIndexOf('#');
  return mark < 0 ? host : host.slice(0, mark);
}
