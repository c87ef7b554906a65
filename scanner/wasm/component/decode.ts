import { demandDone, readSectionFrame } from '../section-frame.ts';
import { mostSerious, type Problem } from '../../problem.ts';
import type { CanonicalFunction, Component, ComponentExport, ComponentImport, Linking } from '../component.ts';
import { DecodeError, PROBLEM_EFFECTS } from '../error.ts';
import { FeatureTally } from '../feature-tally.ts';
import { LIMITS } from '../limits.ts';
import type { Anomaly, CustomSection, Depth, Module, Section } from '../module.ts';
import { decodeModule } from '../module-decoder.ts';
import { ByteReader } from '../reader.ts';
import { readAlias } from './aliases.ts';
import { readCanonical } from './canonicals.ts';
import { readCoreType } from './core-types.ts';
import type { Body, Definition } from './definitions.ts';
import { readExport, readImport } from './imports.ts';
import { readCoreInstance, readInstance } from './instances.ts';
import { link } from './linking.ts';
import type { ComponentType } from './model.ts';
import { shapeOf } from './module-shape.ts';
import { ResourceLinks } from './resource-links.ts';
import { Budget, readItem, Scope } from './scope.ts';
import { readType } from './types.ts';
import { deeper, readValueType } from './value-types.ts';
import { isWitPackage } from './wit-package.ts';

/** How to decode a component. */
export interface ComponentOptions {
  /** `imports`: core modules without their code and data, and no linking. Default: `full`. */
  readonly depth?: Depth;
  /** Components around this one. */
  readonly nesting?: number;
}

type Read = (decoding: Decoding, payload: ByteReader) => void;

/** By section id. Component model "Binary.md", component definitions. */
const SECTIONS: readonly { readonly name: string; readonly read: Read }[] = [
  { name: 'custom', read: (decoding, payload) => decoding.readCustom(payload) },
  { name: 'core module', read: (decoding, payload) => decoding.readModule(payload) },
  { name: 'core instance', read: each('core instances', (decoding, payload) => decoding.define(readCoreInstance(payload, decoding.scope))) },
  { name: 'core type', read: each('core types', (decoding, payload) => readCoreType(payload, decoding.scope)) },
  { name: 'component', read: (decoding, payload) => decoding.readComponent(payload) },
  { name: 'instance', read: each('instances', (decoding, payload) => decoding.define(readInstance(payload, decoding.scope))) },
  { name: 'alias', read: each('aliases', (decoding, payload) => decoding.define(readAlias(payload, decoding.scope))) },
  { name: 'type', read: each('types', (decoding, payload) => readType(payload, decoding.scope, (func) => decoding.define({ op: 'calls', functions: [func] }))) },
  { name: 'canon', read: each('canonical functions', (decoding, payload) => decoding.addCanonical(payload)) },
  { name: 'start', read: (decoding, payload) => decoding.readStart(payload) },
  { name: 'import', read: each('imports', (decoding, payload) => decoding.addImport(payload)) },
  { name: 'export', read: each('exports', (decoding, payload) => decoding.addExport(payload)) },
  { name: 'value', read: each('values', (decoding, payload) => decoding.readValue(payload)) },
];

const PREAMBLE_BYTES = 8;
const VERSION = 0x0d;
/** Drafts of 2022 and 2023 with the same frame. */
const OLDEST_VERSION = 0x0a;

/**
 * Decodes the component between two positions of an artifact, with everything nested in it. Never throws for bad input:
 * decoding of a part stops at its first problem, and what was read before it stands. All offsets count from the start
 * of the artifact. A version before 0x0d is read as 0x0d; at the outermost level the caller reports it, and it is not linked.
 */
export function decodeComponent(bytes: Uint8Array, start: number, end: number, options: ComponentOptions = {}): Component {
  const surroundings = { parent: null, path: '', nesting: options.nesting ?? 0, depth: options.depth ?? 'full', budget: new Budget(), resources: new ResourceLinks() };
  const decoding = new Decoding(new ByteReader(bytes, start, end), surroundings);
  decoding.run();
  const certain = decoding.problems.length === 0 && decoding.version === VERSION;
  const linking = certain && surroundings.depth === 'full' ? linkOrReport(decoding) : null;
  return decoding.result(linking);
}

function linkOrReport(decoding: Decoding): Linking | null {
  try {
    return link(decoding.body, decoding.budget, decoding.scope.notes.resources);
  } catch (error) {
    decoding.addError(error);
    return null;
  }
}

function each(what: string, readEntry: Read): Read {
  return (decoding, payload) => {
    for (let left = payload.count(LIMITS.componentItems, what); left > 0; left--) readEntry(decoding, payload);
  };
}

/** What stays in memory of a core module, function bodies apart. */
function itemsOf({ sections, customs, types, imports, exports, globals, tables, memories, tags, elements, data }: Module): number {
  return [sections, customs, types, imports, exports, globals, tables, memories, tags, elements, data].reduce((sum, { length }) => sum + length, 0);
}

interface Surroundings {
  readonly parent: Scope | null;
  /** Place in the artifact: empty for the outermost component, else for example `component[1]`. */
  readonly path: string;
  readonly nesting: number;
  readonly depth: Depth;
  readonly budget: Budget;
  readonly resources: ResourceLinks;
}

/** The frame of one component: preamble, then sections in any order, each handed to its reader. */
class Decoding {
  readonly scope: Scope;
  problems: readonly Problem[] = [];
  version = 0;
  readonly #definitions: Definition[] = [];
  readonly body: Body = { definitions: this.#definitions };
  readonly budget: Budget;
  readonly #reader: ByteReader;
  readonly #around: Surroundings;
  readonly #range: { offset: number; length: number };
  readonly #features = new FeatureTally();
  readonly #anomalies: Anomaly[] = [];
  readonly #sections: Section[] = [];
  readonly #customs: CustomSection[] = [];
  readonly #imports: ComponentImport[] = [];
  readonly #exports: ComponentExport[] = [];
  readonly #modules: Module[] = [];
  readonly #components: Component[] = [];
  readonly #canonicals: CanonicalFunction[] = [];
  #hasStart = false;
  #section: string | null = null;

  constructor(reader: ByteReader, around: Surroundings) {
    this.#reader = reader;
    this.#around = around;
    this.budget = around.budget;
    this.#range = { offset: reader.position, length: reader.left };
    this.scope = new Scope({ features: this.#features, anomalies: this.#anomalies, budget: around.budget, resources: around.resources, firstFlags: null }, around.parent, 'component');
    reader.overlong = (offset, length) => this.#addAnomaly({ kind: 'overlong-integer', message: `Integer written in ${length} bytes where fewer do`, offset, length });
  }

  /** Reads everything; what is wrong stands in `problems` afterwards. */
  run(): void {
    try {
      this.#readPreamble();
      while (!this.#reader.done) this.#readSection();
      this.#section = null;
    } catch (error) {
      this.addError(error);
    }
    this.scope.close();
  }

  /** Turns a DecodeError into a problem; a bug stays an error. */
  addError(error: unknown): void {
    if (!(error instanceof DecodeError)) throw error;
    this.#addProblems([{ code: error.code, message: error.message, offset: error.offset, section: this.#section, effect: PROBLEM_EFFECTS[error.code] }]);
  }

  result(linking: Linking | null): Component {
    return {
      kind: 'component', bytes: this.#reader.bytes, range: this.#range, sections: this.#sections, imports: this.#imports, exports: this.#exports,
      modules: this.#modules, components: this.#components, canonicals: this.#canonicals, customs: this.#customs, hasStart: this.#hasStart, firstFlags: this.scope.notes.firstFlags,
      anomalies: this.#anomalies, witPackage: this.problems.length === 0 && isWitPackage(this.scope, this.#exports), features: this.#features.list(),
      problems: this.problems, linking,
    };
  }

  /** What this component is to those that instantiate it. */
  type(reader: ByteReader): ComponentType {
    let depth = 0;
    for (const { type } of this.scope.exports.values()) if (type && 'depth' in type) depth = Math.max(depth, type.depth);
    return { kind: 'component', imports: this.scope.imports, exports: this.scope.exports, depth: deeper(reader, { depth }, this.#range.offset), partial: this.problems.length > 0 };
  }

  define(definition: Definition): void {
    this.#definitions.push(definition);
  }

  readCustom(payload: ByteReader): void {
    const name = payload.name();
    const offset = payload.position;
    const length = payload.left;
    this.#section = `custom:${name}`;
    this.#customs.push({ name, offset, length, payload: payload.take(length) });
  }

  readModule(payload: ByteReader): void {
    this.budget.addPart(payload, payload.position);
    const module = decodeModule(payload.bytes, payload.position, payload.end, { depth: this.#around.depth });
    payload.skip(payload.left);
    this.budget.addItems(payload, itemsOf(module));
    this.define({ op: 'module', module, path: this.#within(`module[${this.#modules.length}]`) });
    this.#modules.push(module);
    this.#takeOver(module);
    this.scope.add(payload, 'core-module', shapeOf(module));
  }

  readComponent(payload: ByteReader): void {
    const offset = payload.position;
    this.budget.addPart(payload, offset);
    const nesting = this.#around.nesting + 1;
    if (nesting > LIMITS.componentDepth) payload.fail('limit-exceeded', `Components nested too deep: limit ${LIMITS.componentDepth}`, offset);
    const path = this.#within(`component[${this.#components.length}]`);
    const nested = new Decoding(payload.sub(payload.left), { ...this.#around, parent: this.scope, nesting, path });
    nested.run();
    const component = nested.result(null);
    this.define({ op: 'component', body: nested.body, path });
    this.#components.push(component);
    this.#takeOver(component);
    this.scope.add(payload, 'component', nested.type(payload));
  }

  addCanonical(payload: ByteReader): void {
    const { canonical, definitions } = readCanonical(payload, this.scope);
    this.#canonicals.push(canonical);
    for (const definition of definitions) this.define(definition);
  }

  addImport(payload: ByteReader): void {
    if (this.#imports.length >= LIMITS.componentExterns) payload.fail('limit-exceeded', `Too many imports: more than ${LIMITS.componentExterns}`);
    const { entry, definition } = readImport(payload, this.scope);
    this.#imports.push(entry);
    this.define(definition);
  }

  addExport(payload: ByteReader): void {
    if (this.#exports.length >= LIMITS.componentExterns) payload.fail('limit-exceeded', `Too many exports: more than ${LIMITS.componentExterns}`);
    const { entry, definition } = readExport(payload, this.scope);
    this.#exports.push(entry);
    this.define(definition);
  }

  /** A function called when the component is instantiated, its arguments, and how many values it gives. */
  readStart(payload: ByteReader): void {
    const offset = payload.position;
    if (this.#hasStart) payload.fail('section-order', 'Unexpected second start section', offset);
    this.#hasStart = true;
    this.#features.add('component-values', offset);
    const func = readItem(payload, this.scope, 'func').index;
    for (let left = payload.count(LIMITS.componentItems, 'start arguments'); left > 0; left--) readItem(payload, this.scope, 'value');
    const results = payload.u32();
    // Values are only counted, so the number given is held against the limit without being stored one by one.
    if (results > LIMITS.valueTypes) payload.fail('limit-exceeded', `Too many results of the start function: ${results}, limit ${LIMITS.valueTypes}`, offset);
    for (let left = results; left > 0; left--) this.scope.add(payload, 'value', null);
    this.define({ op: 'start', func });
  }

  /** A literal: its type, and as many bytes as it says. What they encode is left to an engine; no tool writes this section. */
  readValue(payload: ByteReader): void {
    this.#features.add('component-values', payload.position);
    readValueType(payload, this.scope, { depth: 0 });
    payload.skip(payload.u32());
    this.scope.add(payload, 'value', null);
  }

  #readPreamble(): void {
    const reader = this.#reader;
    const start = reader.position;
    if (reader.left < PREAMBLE_BYTES) reader.fail('unexpected-end', 'Unexpected end: the preamble is cut short');
    for (const byte of [0x00, 0x61, 0x73, 0x6d]) if (reader.byte() !== byte) reader.fail('bad-magic', 'Magic bytes of Wasm not found', start);
    const version = reader.byte() + 256 * reader.byte();
    this.version = version;
    const layer = reader.byte() + 256 * reader.byte();
    if (layer !== 1 || version > VERSION || version < OLDEST_VERSION) reader.fail('unknown-version', 'Unknown binary version: a component is needed here', start + 4);
    if (version !== VERSION && this.#around.nesting > 0) reader.fail('unknown-version', `Unknown binary version 0x${version.toString(16)} of a nested component`, start + 4);
    this.#features.add('component-model', start);
  }

  #readSection(): void {
    this.#section = null;
    const { kind, section, payload } = readSectionFrame(this.#reader, SECTIONS, { read: this.#sections.length, enter: (name) => { this.#section = name; } });
    this.budget.addItems(payload);
    this.#sections.push(section);
    kind.read(this, payload);
    demandDone(payload, kind.name);
  }

  #takeOver(part: Module | Component): void {
    this.#addProblems(part.problems);
    for (const use of part.features) this.#features.add(use.feature, use.offset, use.count);
  }

  #addProblems(problems: readonly Problem[]): void {
    if (problems.length > 0) this.problems = mostSerious([...this.problems, ...problems]);
  }

  #addAnomaly(anomaly: Anomaly): void {
    if (this.#anomalies.length < LIMITS.anomalies) this.#anomalies.push(anomaly);
  }

  #within(place: string): string {
    return this.#around.path ? `${this.#around.path}/${place}` : place;
  }
}
