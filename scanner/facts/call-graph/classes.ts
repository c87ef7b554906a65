import { LIMITS } from '../../wasm/limits.ts';
import { ANY_SLOT, type Module } from '../../wasm/module.ts';
import type { Exported } from './exported.ts';
import { indicesOf, mark, type References } from './references.ts';
import { slotsOf, type TableSpace } from './tables.ts';
import type { TypeIds } from './type-ids.ts';

/** Where the targets of indirect calls are looked for, and how functions are told apart by type. */
export interface ClassSource {
  readonly module: Module;
  readonly exported: Exported;
  readonly references: References;
  readonly tables: readonly TableSpace[];
  readonly types: TypeIds;
}

const NO_FUNCTIONS = new Uint32Array();
const NO_CLASSES: readonly number[] = [];
/** A class takes some hundred bytes, as many as twenty edges. */
const CLASS_COST = 20;

/**
 * Target classes of indirect calls. A class stands for "functions of one type in one space", a space being a table or all functions
 * whose reference exists; its members are functions of exactly this type, and other classes: of the types declared below, of tables
 * that are copied from. So their size together stays linear, however deep the types are nested.
 */
export class Classes {
  /** For each class its member functions. */
  readonly functions: Uint32Array[] = [];
  /** For each class the classes it includes. */
  readonly includes: (readonly number[])[] = [];
  readonly #source: ClassSource;
  readonly #typeCount: number;
  /** The space of all functions whose reference exists. */
  readonly #taken: number;
  readonly #classes = new Map<number, number>();
  readonly #ranged = new Map<string, number>();
  readonly #members = new Map<number, ReadonlyMap<number, Uint32Array>>();
  readonly #slots = new Map<number, Int32Array | null>();
  #work = 0;
  #everything = -1;

  constructor(source: ClassSource) {
    this.#source = source;
    this.#typeCount = source.module.types.length;
    this.#taken = source.tables.length;
  }

  /** The class of a call on a table, or by reference where there is no table of that number. `first` and `last` are the slots it can choose. */
  of(table: number, type: number, slots: { readonly first: number; readonly last: number }): number {
    const space = table < this.#taken ? table : this.#taken;
    const called = this.#functionType(type);
    if (space < this.#taken && slots.last !== ANY_SLOT && this.#source.tables[space]!.closed) {
      const ranged = this.#range(space, called, slots);
      if (ranged >= 0) return ranged;
    }
    return this.#class(space, called);
  }

  /** Classes made so far. */
  get count(): number {
    return this.functions.length;
  }

  /** The type that is called: a continuation's is that of its function. */
  #functionType(type: number): number {
    const composite = this.#source.module.types[type]?.type;
    return this.#same(composite?.kind === 'cont' ? composite.type : type);
  }

  #same(type: number): number {
    return this.#source.types.same[type] ?? type;
  }

  /** A class and all those it includes that are new, without recursion. */
  #class(space: number, type: number): number {
    const open: (readonly [space: number, type: number, place: number])[] = [];
    const request = (from: number, called: number): number => {
      const of = this.#source.tables[from]?.open === true ? this.#taken : from;
      const key = of * this.#typeCount + called;
      const known = this.#classes.get(key);
      if (known !== undefined) return known;
      if (this.#work > LIMITS.callGraphWork) return this.#all();
      const place = this.#add(NO_FUNCTIONS, NO_CLASSES);
      this.#classes.set(key, place);
      open.push([of, called, place]);
      return place;
    };
    const first = request(space, type);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [of, called, place] = next;
      this.functions[place] = this.#membersOf(of).get(called) ?? this.functions[place]!;
      const includes = [...this.#source.types.below(called).map((below) => request(of, below)), ...(this.#source.tables[of]?.copies ?? []).map((other) => request(other, called))];
      if (includes.length > 0) this.includes[place] = includes;
      this.#work += includes.length;
    }
    return first;
  }

  /** Functions of a space by type; counted as work, because many tables can share one segment. */
  #membersOf(space: number): ReadonlyMap<number, Uint32Array> {
    const known = this.#members.get(space);
    if (known) return known;
    const members = this.#byType(space < this.#taken ? this.#held(this.#source.tables[space]!) : this.#available());
    this.#members.set(space, members);
    return members;
  }

  #held({ segments, initial }: TableSpace): Uint32Array {
    const marks = new Uint8Array(this.#source.module.functionTypes.length);
    this.#work += marks.length;
    for (const { functions } of segments) {
      this.#work += functions.length;
      if (this.#work > LIMITS.callGraphWork) return this.#available();
      mark(marks, functions);
    }
    mark(marks, [initial]);
    return indicesOf(marks);
  }

  /** Whoever is outside can bring exported functions, where references pass. */
  #available(): Uint32Array {
    const { references, exported, tables } = this.#source;
    const brought = references.exchanged || tables.some(({ visible }) => visible);
    if (!brought) return references.taken;
    const marks = new Uint8Array(this.#source.module.functionTypes.length);
    mark(marks, references.taken);
    mark(marks, exported.func);
    return indicesOf(marks);
  }

  #byType(functions: Uint32Array): ReadonlyMap<number, Uint32Array> {
    const { functionTypes } = this.#source.module;
    const sizes = new Map<number, number>();
    for (const index of functions) {
      const type = this.#same(functionTypes[index]!);
      sizes.set(type, (sizes.get(type) ?? 0) + 1);
    }
    const lists = new Map(Array.from(sizes, ([type, size]) => [type, { list: new Uint32Array(size), length: 0 }]));
    for (const index of functions) {
      const of = lists.get(this.#same(functionTypes[index]!))!;
      of.list[of.length++] = index;
    }
    return new Map(Array.from(lists, ([type, { list }]) => [type, list]));
  }

  /** The class of a call that chooses among some slots of a closed table; -1: take the whole table. */
  #range(space: number, type: number, { first, last }: { readonly first: number; readonly last: number }): number {
    const key = `${space} ${type} ${first} ${last}`;
    const known = this.#ranged.get(key);
    if (known !== undefined) return known;
    const slots = this.#slotsOf(space);
    const end = Math.min(last + 1, slots?.length ?? 0);
    if (slots === null || end - first > LIMITS.callSlots || this.#work > LIMITS.callGraphWork) return -1;
    const members = new Set<number>();
    for (let slot = first; slot < end; slot++) if (slots[slot]! >= 0 && this.#isBelow(this.#source.module.functionTypes[slots[slot]!]!, type)) members.add(slots[slot]!);
    this.#work += Math.max(1, end - first);
    const place = this.#add(Uint32Array.from(members), NO_CLASSES);
    this.#ranged.set(key, place);
    return place;
  }

  #slotsOf(space: number): Int32Array | null {
    const known = this.#slots.get(space);
    if (known !== undefined) return known;
    const slots = slotsOf(this.#source.tables[space]!);
    this.#slots.set(space, slots);
    return slots;
  }

  /** Whether one type is another or declared below it. Beyond the limit of work everything counts as below. */
  #isBelow(type: number, above: number): boolean {
    const { types } = this.#source.module;
    const first = this.#same(type);
    if (first === above) return true;
    if ((types[first]?.supertypes.length ?? 0) === 0) return false;
    const open = [first];
    const seen = new Set(open);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === above || this.#work > LIMITS.callGraphWork) return true;
      for (const supertype of types[next]?.supertypes ?? []) {
        this.#work++;
        const same = this.#same(supertype);
        if (!seen.has(same)) open.push(same);
        seen.add(same);
      }
    }
    return false;
  }

  /** Everything that any indirect call can reach: where finer classes would cost too much. */
  #all(): number {
    if (this.#everything < 0) this.#everything = this.#add(this.#available(), NO_CLASSES);
    return this.#everything;
  }

  #add(functions: Uint32Array, includes: readonly number[]): number {
    this.#work += CLASS_COST;
    this.functions.push(functions);
    this.includes.push(includes);
    return this.functions.length - 1;
  }
}
