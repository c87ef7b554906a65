import { DecodeError } from '../../wasm/error.ts';
import type { FunctionType, Module } from '../../wasm/module.ts';
import { ByteReader } from '../../wasm/reader.ts';
import { atomicEffect, EFFECTS, MISC_EFFECTS, MISC_IMMEDIATES, vectorEffect } from './effects.ts';
import { memoryOffset, skipImmediates, skipWide } from './immediates.ts';
import { copiedRuns, pairsOf, type Stored, STORE_WIDTH } from './stores.ts';
import { CONSTANT, IMAGE, type Value, Values } from './values.ts';

/** A call at the moment it is made. */
export interface CallSeen {
  /** The called function. */
  readonly target: number;
  readonly argument: (place: number) => Value;
  /** What was last put into memory at an address, since the call before and in the same stretch without branches; null: not known. */
  readonly stored: (at: Value) => Value | null;
  /** Pairs of neighbouring words put into memory since the call before: address and length of a text, maybe. */
  readonly pairs: () => readonly (readonly [Value, Value])[];
}

/** What somebody wants to see of a run. */
export interface Watch {
  /** By function index: 1 for those whose calls are shown. */
  readonly wanted: Uint8Array;
  readonly see: (call: CallSeen) => void;
  /** Bytes from a constant address that are copied elsewhere, as compilers do with short texts before they put a zero behind them. */
  readonly copied?: (address: number, length: number) => void;
}

/** Locals of one function that are followed; functions with more are left alone. */
const LOCALS = 10_000;
/** Stores remembered between two calls. */
const STORES = 64;
/** Blocks in one another. */
const DEPTH = 10_000;

/**
 * Runs over a defined function once, without deciding any branch, and shows the direct calls to functions that `wanted` marks. A value
 * is followed through the operand stack and through locals that are set at most once; others are followed up to the next
 * branch or label. Ends early, without a word, at instructions it does not know.
 */
export function runBody(module: Module, body: number, watch: Watch): void {
  try {
    new Run(module, body, watch).run();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

class Run {
  readonly #module: Module;
  readonly #reader: ByteReader;
  readonly #watch: Watch;
  readonly #stack = new Values();
  readonly #locals = new Values();
  /** 1 for each local that has more than one value in the whole body, its start aside. */
  readonly #changing: Uint8Array;
  /** Changing locals that are known for the moment. */
  #settled: number[] = [];
  readonly #frames: { readonly height: number; readonly results: number }[] = [];
  readonly #globals = new Map<number, Value>();
  readonly #results: number;
  #stores: Stored[] = [];
  /** Values below belong to the blocks around. */
  #floor = 0;
  #fresh: number;

  constructor(module: Module, body: number, watch: Watch) {
    const { bodyOffset, bodyLength } = module.code!;
    const start = bodyOffset[body]!;
    this.#module = module;
    this.#reader = new ByteReader(module.bytes, start, start + bodyLength[body]!);
    this.#watch = watch;
    const type = functionType(module, module.functionTypes[module.importedFunctions + body]!);
    const params = type?.params.length ?? 0;
    this.#results = type?.results.length ?? 0;
    this.#fresh = params;
    for (let param = 1; param <= params; param++) this.#locals.push(param, 0);
    this.#readLocals();
    this.#changing = this.#findChanging(params);
    this.#changing.forEach((changing, local) => changing === 1 && this.#settled.push(local));
  }

  run(): void {
    this.#frames.push({ height: 0, results: this.#results });
    while (!this.#reader.done && this.#frames.length > 0) this.#step(this.#reader.byte());
  }

  #readLocals(): void {
    const reader = this.#reader;
    for (let runs = reader.u32(); runs > 0; runs--) {
      const height = this.#locals.height + reader.u32();
      if (height > LOCALS) reader.fail('limit-exceeded', 'More locals than are followed');
      this.#locals.reach(height);
      const type = reader.byte();
      if (type === 0x63 || type === 0x64) reader.s33();
    }
  }

  /** A local starts as zero, which no text is at; a parameter that is set has two values. */
  #findChanging(params: number): Uint8Array {
    const sets = new Uint8Array(this.#locals.height).fill(1, 0, params);
    const { position } = this.#reader;
    while (!this.#reader.done) {
      const op = this.#reader.byte();
      if (op !== 0x21 && op !== 0x22) {
        skipImmediates(this.#reader, op);
        continue;
      }
      const local = this.#reader.u32();
      if (local < sets.length && sets[local]! < 2) sets[local]!++;
    }
    this.#reader.position = position;
    return sets.map((count) => Number(count === 2));
  }

  #step(op: number): void {
    const known = EFFECTS[op]!;
    if (op >= 0x20 && op <= 0x24) this.#variable(op);
    else if (op === 0x41) this.#stack.push(CONSTANT, this.#reader.s32());
    else if (op === 0x42) this.#stack.push(CONSTANT, Number(this.#reader.s64()));
    else if (op >= 0x28 && op <= 0x35) this.#load(op);
    else if (op >= 0x36 && op <= 0x3e) this.#store(op);
    else if (op <= 0x1f && known === 255) this.#control(op);
    else if (op >= 0x6a && op <= 0xad && this.#arithmetic(op)) return;
    else if (op >= 0xfc || known === 255) this.#prefixed(op);
    else {
      skipImmediates(this.#reader, op);
      this.#apply(known);
    }
  }

  #variable(op: number): void {
    const index = this.#reader.u32();
    if (op === 0x20) this.#stack.push(this.#locals.base[index] ?? this.#unknown(), this.#locals.offset[index] ?? 0);
    else if (op === 0x23) {
      const { base, offset } = this.#global(index);
      this.#stack.push(base, offset);
    } else {
      const value = this.#pop();
      if (op === 0x24) this.#globals.set(index, value);
      else if (index < this.#locals.height) {
        this.#locals.base[index] = value.base;
        this.#locals.offset[index] = value.offset;
        if (this.#changing[index] === 1) this.#settled.push(index);
      }
      if (op === 0x22) this.#stack.push(value.base, value.offset);
    }
  }

  #global(index: number): Value {
    const known = this.#globals.get(index);
    if (known !== undefined) return known;
    const value = this.#constantGlobal(index) ?? { base: this.#unknown(), offset: 0 };
    this.#globals.set(index, value);
    return value;
  }

  /** A global that nothing changes: the number it has, or the place that the host decides. */
  #constantGlobal(index: number): Value | null {
    const imported = importedGlobals(this.#module);
    if (index < imported.length) return imported[index] === false ? { base: -1 - index, offset: 0 } : null;
    const global = this.#module.globals[index - imported.length];
    if (global === undefined || global.type.mutable) return null;
    return global.init.kind === 'i32' || global.init.kind === 'i64' ? { base: CONSTANT, offset: Number(global.init.value) } : null;
  }

  #store(op: number): void {
    const offset = memoryOffset(this.#reader);
    if (this.#stores.length >= STORES) return this.#drop(2);
    const value = this.#pop();
    const at = this.#pop();
    if (at.base !== IMAGE) this.#stores.push({ at: { base: at.base, offset: at.offset + offset }, value, width: STORE_WIDTH[op - 0x36]! });
  }

  /** What is loaded from a constant address stays known by it. */
  #load(op: number): void {
    const offset = memoryOffset(this.#reader);
    const at = this.#pop();
    const whole = op === 0x28 || op === 0x29 || op === 0x2d || op === 0x2f || op === 0x31 || op === 0x33 || op === 0x35;
    if (whole && at.base === CONSTANT) this.#stack.push(IMAGE, at.offset + offset);
    else this.#pushUnknown();
  }

  /** Forgets what was stored, and shows what of it was copied from constant addresses first. */
  #flush(): void {
    const { copied } = this.#watch;
    if (this.#stores.length === 0) return;
    if (copied) for (const [address, length] of copiedRuns(this.#stores)) copied(address, length);
    this.#stores = [];
  }

  /** Sums, differences and changes of width, which addresses go through. False: nothing of that. */
  #arithmetic(op: number): boolean {
    if (op === 0xa7 || op === 0xac || op === 0xad) return true;
    const sign = op === 0x6a || op === 0x7c || op === 0x72 || op === 0x84 ? 1 : op === 0x6b || op === 0x7d ? -1 : 0;
    if (sign === 0) return false;
    const right = this.#pop();
    const left = this.#pop();
    const or = op === 0x72 || op === 0x84;
    // Frames are aligned, so that compilers write "or" for "add" there; of two constants it is neither.
    if (left.base === IMAGE || right.base === IMAGE) this.#pushUnknown();
    else if (or && (right.base !== CONSTANT || left.base === CONSTANT)) this.#pushUnknown();
    else if (right.base === CONSTANT) this.#stack.push(left.base, left.offset + sign * right.offset);
    else if (left.base === CONSTANT && sign === 1) this.#stack.push(right.base, left.offset + right.offset);
    else this.#pushUnknown();
    return true;
  }

  #control(op: number): void {
    const reader = this.#reader;
    if (op >= 0x10 && op <= 0x13) return this.#call(op);
    if (op === 0x1b || op === 0x1c) return this.#select(op);
    switch (op) {
      case 0x02: case 0x03: case 0x04: case 0x06: return this.#open(op);
      case 0x05: case 0x19:
        return this.#otherwise();
      case 0x07:
        reader.u32();
        return this.#otherwise();
      case 0x0b:
        return this.#end();
      case 0x18:
        reader.u32();
        return this.#end();
      case 0x0d:
        reader.u32();
        this.#drop(1);
        return;
      case 0x00: case 0x0f: case 0x0a:
        return this.#forget();
      case 0x08: case 0x09: case 0x0c:
        reader.u32();
        return this.#forget();
      case 0x0e:
        for (let labels = reader.u32(); labels >= 0; labels--) reader.u32();
        return this.#forget();
      default:
        reader.fail('unknown-encoding', 'Not followed');
    }
  }

  #open(op: number): void {
    if (this.#frames.length >= DEPTH) this.#reader.fail('limit-exceeded', 'More blocks than are followed');
    if (op === 0x04) this.#drop(1);
    const type = this.#reader.s33();
    const signature = type >= 0 ? functionType(this.#module, type) : null;
    const params = signature?.params.length ?? 0;
    const results = type >= 0 ? (signature?.results.length ?? 0) : type === -0x40 ? 0 : 1;
    // A reference type in full has its heap type behind it.
    if (type === -0x1c || type === -0x1d) this.#reader.s33();
    this.#floor = Math.max(this.#floor, this.#stack.height - params);
    this.#frames.push({ height: this.#floor, results });
    if (op === 0x03) this.#merge();
  }

  #otherwise(): void {
    this.#forget();
    this.#merge();
  }

  #end(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    this.#stack.reach(frame.height);
    this.#floor = this.#frames.at(-1)?.height ?? 0;
    this.#merge();
    for (let result = 0; result < frame.results; result++) this.#pushUnknown();
  }

  /** What can come here by several ways is known only if all ways agree. */
  #merge(): void {
    for (const local of this.#settled) {
      this.#locals.base[local] = this.#unknown();
      this.#locals.offset[local] = 0;
    }
    this.#settled = [];
    this.#flush();
    this.#globals.clear();
  }

  #forget(): void {
    this.#stack.reach(Math.min(this.#stack.height, this.#floor));
    this.#flush();
  }

  #select(op: number): void {
    if (op === 0x1c) for (let types = this.#reader.u32(); types > 0; types--) this.#reader.s33();
    this.#drop(3);
    this.#pushUnknown();
  }

  #call(op: number): void {
    const index = this.#reader.u32();
    const indirect = op === 0x11 || op === 0x13;
    if (indirect) {
      this.#reader.u32();
      this.#drop(1);
    }
    const type = functionType(this.#module, indirect ? index : (this.#module.functionTypes[index] ?? -1));
    const params = type?.params.length ?? 0;
    if (!indirect && this.#watch.wanted[index] === 1) this.#show(index, params);
    this.#drop(params);
    this.#flush();
    this.#globals.clear();
    if (op === 0x12 || op === 0x13) return this.#forget();
    for (let result = 0; result < (type?.results.length ?? 0); result++) this.#pushUnknown();
  }

  #show(target: number, params: number): void {
    const first = this.#stack.height - params;
    this.#watch.see({
      target,
      argument: (place) => (place >= params || first + place < this.#floor ? { base: this.#unknown(), offset: 0 } : { base: this.#stack.base[first + place]!, offset: this.#stack.offset[first + place]! }),
      stored: ({ base, offset }) => this.#stores.findLast(({ at }) => at.base === base && at.offset === offset)?.value ?? null,
      pairs: () => pairsOf(this.#stores),
    });
  }

  #prefixed(op: number): void {
    if (op === 0xd0) {
      this.#reader.s33();
      return this.#pushUnknown();
    }
    const sub = op >= 0xfc ? this.#reader.u32() : -1;
    if (op === 0xfc && sub < MISC_EFFECTS.length) {
      for (let left = MISC_IMMEDIATES[sub]!; left > 0; left--) this.#reader.u32();
      return this.#apply(MISC_EFFECTS[sub]!);
    }
    if (op === 0xfd || op === 0xfe) {
      skipWide(this.#reader, op, sub);
      const known = op === 0xfe ? atomicEffect(sub) : vectorEffect(sub);
      return known === null ? this.#forget() : this.#apply(known);
    }
    this.#reader.fail('unknown-encoding', 'Not followed');
  }

  #apply(effect: number): void {
    this.#drop(effect >> 2);
    for (let left = effect & 3; left > 0; left--) this.#pushUnknown();
  }

  #drop(values: number): void {
    this.#stack.height = Math.max(Math.min(this.#floor, this.#stack.height), this.#stack.height - values);
  }

  #pop(): Value {
    const { height } = this.#stack;
    if (height <= this.#floor) return { base: this.#unknown(), offset: 0 };
    this.#stack.height = height - 1;
    return { base: this.#stack.base[height - 1]!, offset: this.#stack.offset[height - 1]! };
  }

  #pushUnknown(): void {
    this.#stack.push(this.#unknown(), 0);
  }

  #unknown(): number {
    return ++this.#fresh;
  }
}

function functionType({ types }: Module, index: number): FunctionType | null {
  const type = types[index]?.type;
  return type?.kind === 'func' ? type : null;
}

const globals = new WeakMap<Module, readonly boolean[]>();

/** For each imported global whether it can change. */
function importedGlobals(module: Module): readonly boolean[] {
  const known = globals.get(module);
  if (known !== undefined) return known;
  const found = module.imports.flatMap(({ type }) => (type.kind === 'global' ? [type.mutable] : []));
  globals.set(module, found);
  return found;
}
