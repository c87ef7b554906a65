import type { Location } from '../../location.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { Module } from '../../wasm/module.ts';
import type { PlacedModule } from '../text-sources.ts';
import { looksLike } from './forms.ts';
import { type FoundText, type Encoding, MemoryImage } from './image.ts';
import type { Budget, ConstantArgument, ConstantRole } from './model.ts';
import { type CallSeen, runBody } from './run.ts';
import { Callers, handedOn, type ImportSink, NEAR, type Sink, Sinks, WRAPPERS } from './sinks.ts';
import { CONSTANT, IMAGE, type Value } from './values.ts';

/** A core module, what of its imports is of interest by function index, and how the host reads its texts. */
export interface Searched {
  readonly placed: PlacedModule;
  readonly imports: ReadonlyMap<number, readonly ImportSink[]>;
  readonly encoding: Encoding;
  /** By role an import that takes such a text, also those that take it unseen. */
  readonly takers: ReadonlyMap<ConstantRole, string>;
  /** Shared by all modules of an artifact, and spent here. */
  readonly budget: Budget;
}

/** Whether the Go linker made a module. */
export function isGo({ customs }: Module): boolean {
  return customs.some(({ name }) => name === 'go:buildid');
}

/**
 * Constants that the code of one module gives to imports of interest. First what is handed over exactly, through functions that only
 * pass it on; then texts of a fitting form given to functions that call such an import soon. Reads a bounded amount of code, that
 * which is nearest to the imports first; what is not found proves nothing.
 */
export function codeConstants(searched: Searched): readonly ConstantArgument[] {
  if (searched.imports.size + searched.takers.size === 0 || searched.placed.module.code === null) return [];
  return new Search(searched).run();
}

/** Roles that are recognised by the form of a text. */
const FORMED = ['path', 'host', 'environment'] as const satisfies readonly ConstantRole[];

/** Bytes of a body from which on it is an interpreter's loop or a table turned into code, and reading it all would take the time of many others. */
const LARGE = 128 << 10;

class Search {
  readonly #module: Module;
  readonly #path: string;
  readonly #image: MemoryImage;
  readonly #imports: Searched['imports'];
  readonly #takers: Searched['takers'];
  readonly #callers: Callers;
  readonly #sinks = new Sinks();
  readonly #found = new Map<string, ConstantArgument>();
  readonly #budget: Budget;

  constructor({ placed, imports, encoding, takers, budget }: Searched) {
    this.#module = placed.module;
    this.#path = placed.path;
    this.#image = new MemoryImage(placed, encoding);
    this.#imports = imports;
    this.#takers = takers;
    this.#budget = budget;
    this.#callers = new Callers(placed.module);
  }

  run(): readonly ConstantArgument[] {
    this.#exact();
    for (const role of FORMED) this.#near(role);
    if (isGo(this.#module)) this.#handedAround();
    return [...this.#found.values()];
  }

  /** Call by call away from the imports, as long as functions hand on what they are given. */
  #exact(): void {
    for (const [index, sinks] of this.#imports) {
      for (const { import: name, interest } of sinks) {
        const length = interest.role !== 'amount' && interest.form === 'counted' ? interest.pointer + 1 : null;
        this.#sinks.add(index, { import: name, interest, here: { pointer: interest.pointer, length }, depth: 0 });
      }
    }
    let latest: readonly number[] = [...this.#sinks.functions()];
    for (let depth = 0; depth <= WRAPPERS && latest.length > 0; depth++) {
      const next = new Set<number>();
      this.#visit(latest, (caller, call) => this.#followed(caller, call).forEach((sink) => this.#sinks.add(caller, sink) && next.add(caller)));
      latest = [...next];
    }
  }

  /** Keeps the constants of a call to a sink; returns what the caller itself hands on. */
  #followed(caller: number, call: CallSeen): readonly Sink[] {
    const params = this.#parameters(caller);
    const own: Sink[] = [];
    for (const sink of this.#sinks.of(call.target)) {
      const given = this.#given(sink, call);
      if (given === null) continue;
      if (!this.#keepExact(sink, given, caller)) {
        const passed = handedOn(sink, params, given);
        if (passed) own.push(passed);
      }
    }
    return own;
  }

  /** Address and length that a call gives to a sink; null: left out, or not known. */
  #given(sink: Sink, call: CallSeen): { readonly pointer: Value; readonly length: Value | null } | null {
    const { here, interest } = sink;
    if (interest.role !== 'amount' && sink.depth === 0) {
      if (interest.spilled !== undefined && this.#parameters(call.target) < interest.pointer + 2) return spilled(call, interest.spilled);
      if (interest.present !== undefined && isZero(call.argument(interest.present))) return null;
    }
    return { pointer: call.argument(here.pointer), length: here.length === null ? null : call.argument(here.length) };
  }

  #keepExact(sink: Sink, { pointer, length }: { readonly pointer: Value; readonly length: Value | null }, caller: number): boolean {
    const confidence = sink.depth < WRAPPERS ? 'high' : 'medium';
    if (sink.interest.role === 'amount') {
      if (pointer.base !== CONSTANT) return false;
      if (unsigned(pointer) >= sink.interest.least) this.#keep(sink, { text: String(unsigned(pointer)), location: this.#place(caller) }, confidence);
      return true;
    }
    const found = length === null ? this.#ended(pointer) : this.#counted(pointer, length);
    if (found) this.#keep(sink, found, confidence);
    return found !== null;
  }

  /** Texts of a form given to functions that call an import of this role within some calls. */
  #near(role: (typeof FORMED)[number]): void {
    const near = this.#nearby(role);
    if (near.size === 0) return;
    const see = (_caller: number, call: CallSeen): void => {
      const sink = near.get(call.target)!;
      for (const text of this.#texts(call)) if (looksLike(role, text.text)) this.#keep(sink, text, 'medium');
    };
    const copied = (address: number, length: number): void => {
      const text = this.#image.counted(address, length, null);
      if (text && looksLike(role, text.text)) this.#keep(near.values().next().value!, text, 'medium');
    };
    this.#visit([...near.keys()], see, copied);
  }

  /**
   * Go calls the system through values that hold functions, so that no chain of direct calls leads to an import, and packs all texts
   * without an end; but it hands every text over in memory with its length. Begins with the packages linked last, the program's own.
   */
  #handedAround(): void {
    const roles = FORMED.filter((role) => this.#takers.has(role));
    const wanted = new Uint8Array(this.#module.functionTypes.length).fill(1, this.#module.importedFunctions);
    const see = (call: CallSeen): void => {
      for (const [pointer, length] of call.pairs()) {
        if (--this.#budget.texts < 0) return;
        const text = this.#counted(pointer, length);
        const role = text && roles.find((one) => looksLike(one, text.text) && (one !== 'path' || text.text.startsWith('/')));
        if (role) this.#keep({ import: this.#takers.get(role)!, interest: { role } }, text, 'low');
      }
    };
    for (let body = this.#module.code!.functions - 1; body >= 0 && this.#budget.code > 0; body--) {
      this.#budget.code -= this.#module.code!.bodyLength[body]!;
      if (this.#module.code!.bodyLength[body]! <= LARGE) runBody(this.#module, body, { wanted, see });
    }
  }

  /** Functions that are not imported, with the import that they call soon, the nearest first. */
  #nearby(role: ConstantRole): ReadonlyMap<number, ImportSink> {
    const near = new Map<number, ImportSink>();
    let latest: [number, ImportSink][] = [...this.#imports].flatMap(([index, sinks]) => {
      const sink = sinks.find(({ interest }) => interest.role === role);
      return sink === undefined ? [] : [[index, sink] as [number, ImportSink]];
    });
    for (let distance = 1; distance <= NEAR; distance++) {
      const next: [number, ImportSink][] = [];
      for (const [index, sink] of latest) {
        const more = [...new Set(this.#callers.of(index))].filter((caller) => !near.has(caller));
        for (const caller of more) near.set(caller, sink);
        next.push(...more.map((caller): [number, ImportSink] => [caller, sink]));
      }
      latest = next;
    }
    return near;
  }

  *#texts(call: CallSeen): Generator<FoundText> {
    const params = this.#parameters(call.target);
    for (let place = 0; place < params; place++) {
      const pointer = call.argument(place);
      if (--this.#budget.texts < 0) return;
      if (pointer.base > CONSTANT || pointer.base === IMAGE || isZero(pointer)) continue;
      const length = place + 1 < params ? call.argument(place + 1) : null;
      const found = (length?.base === CONSTANT ? this.#counted(pointer, length) : null) ?? (this.#image.startsAt(unsigned(pointer), baseOf(pointer)) ? this.#ended(pointer) : null);
      if (found) yield found;
    }
    for (const [pointer, length] of call.pairs()) {
      if (--this.#budget.texts < 0) return;
      const found = pointer.base <= CONSTANT && length.base === CONSTANT ? this.#counted(pointer, length) : null;
      if (found) yield found;
    }
  }

  /** Runs over every function that calls one of these, as far as there is budget; each once. */
  #visit(targets: readonly number[], see: (caller: number, call: CallSeen) => void, copied?: (address: number, length: number) => void): void {
    const wanted = new Uint8Array(this.#module.functionTypes.length);
    for (const target of targets) wanted[target] = 1;
    const seen = new Set<number>();
    for (const target of targets) {
      for (const caller of this.#callers.of(target)) {
        if (seen.has(caller)) continue;
        seen.add(caller);
        const body = caller - this.#module.importedFunctions;
        if (this.#module.code!.bodyLength[body]! > LARGE) continue;
        this.#budget.code -= this.#module.code!.bodyLength[body]!;
        if (this.#budget.code < 0) return;
        runBody(this.#module, body, { wanted, see: (call) => see(caller, call), ...(copied && { copied }) });
      }
    }
  }

  #counted(pointer: Value, length: Value): FoundText | null {
    if (length.base !== CONSTANT || pointer.base > CONSTANT || pointer.base === IMAGE) return null;
    return this.#image.counted(unsigned(pointer), unsigned(length), baseOf(pointer));
  }

  #ended(pointer: Value): FoundText | null {
    return pointer.base > CONSTANT || pointer.base === IMAGE ? null : this.#image.ended(unsigned(pointer), baseOf(pointer));
  }

  #parameters(index: number): number {
    const type = this.#module.types[this.#module.functionTypes[index]!]?.type;
    return type?.kind === 'func' ? type.params.length : 0;
  }

  #keep({ import: name, interest: { role } }: { readonly import: string; readonly interest: { readonly role: ConstantRole } }, { text, location }: FoundText, confidence: ConstantArgument['confidence']): void {
    const key = `${role} ${name} ${text}`;
    const known = this.#found.get(key);
    if (known === undefined ? this.#found.size >= LIMITS.constants : known.confidence === 'high' || confidence !== 'high') return;
    this.#found.set(key, { import: name, role, text, confidence, location });
  }

  #place(index: number): Location {
    const body = index - this.#module.importedFunctions;
    const { bodyOffset, bodyLength } = this.#module.code!;
    return { path: `${this.#path === '' ? '' : `${this.#path}/`}code[${body}]`, offset: bodyOffset[body]!, length: bodyLength[body]! };
  }
}

function spilled(call: CallSeen, at: number): { readonly pointer: Value; readonly length: Value | null } | null {
  const { base, offset } = call.argument(0);
  const pointer = call.stored({ base, offset: offset + at });
  const length = call.stored({ base, offset: offset + at + 4 });
  return pointer === null || length === null ? null : { pointer, length };
}

function isZero({ base, offset }: Value): boolean {
  return base === CONSTANT && offset === 0;
}

/** Addresses and lengths are written as signed numbers of 32 bits, or small ones of 64. */
function unsigned({ offset }: Value): number {
  return offset < 0 && offset >= -(2 ** 31) ? offset + 2 ** 32 : offset;
}

function baseOf({ base }: Value): number | null {
  return base < 0 ? -1 - base : null;
}

