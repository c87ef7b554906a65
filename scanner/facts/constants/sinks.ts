import type { Module } from '../../wasm/module.ts';
import type { Interest, TextArgument } from './model.ts';
import type { Value } from './values.ts';

/** An import of interest. */
export interface ImportSink {
  /** As people and policies write it. */
  readonly import: string;
  readonly interest: Interest;
}

/** A parameter of a function that ends up at an import: the import itself, or a function that hands on what it is given. */
export interface Sink extends ImportSink {
  /** The parameters as this function takes them. */
  readonly here: { readonly pointer: number; readonly length: number | null };
  /** Functions between this one and the import. */
  readonly depth: number;
}

/** Functions that only hand on, at most so many in a row. */
export const WRAPPERS = 3;
/** Calls between a function and an import that still count as near. */
export const NEAR = 6;

/** What functions do with their parameters, as far as it was found out. */
export class Sinks {
  readonly #byFunction = new Map<number, Sink[]>();

  /** Sinks of one function. */
  of(index: number): readonly Sink[] {
    return this.#byFunction.get(index) ?? [];
  }

  /** Functions that have some. */
  functions(): Iterable<number> {
    return this.#byFunction.keys();
  }

  /** False: it was known. */
  add(index: number, sink: Sink): boolean {
    const known = this.#byFunction.get(index) ?? [];
    if (known.length >= PER_FUNCTION || known.some(({ here, interest }) => here.pointer === sink.here.pointer && here.length === sink.here.length && interest.role === sink.interest.role)) return false;
    known.push(sink);
    this.#byFunction.set(index, known);
    return true;
  }
}

/** Parameters of one function that are followed. */
const PER_FUNCTION = 8;

/** The sink that a function is whose own parameters arrive at another sink; null: they do not. */
export function handedOn(sink: Sink, params: number, { pointer, length }: { readonly pointer: Value; readonly length: Value | null }): Sink | null {
  const at = parameterOf(pointer, params);
  if (at === null || sink.depth >= WRAPPERS) return null;
  if (sink.interest.role === 'amount') return { ...sink, here: { pointer: at, length: null }, depth: sink.depth + 1 };
  if (length === null) return { ...sink, here: { pointer: at, length: null }, depth: sink.depth + 1 };
  // A length that was counted from the text itself: the text ends with a zero byte.
  const counted = parameterOf(length, params);
  const interest = { ...sink.interest, form: counted === null ? 'ended' : 'counted' } as TextArgument;
  return { ...sink, interest, here: { pointer: at, length: counted }, depth: sink.depth + 1 };
}

function parameterOf({ base, offset }: Value, params: number): number | null {
  return offset === 0 && base >= 1 && base <= params ? base - 1 : null;
}

/** The functions that call each function directly. */
export class Callers {
  readonly #first: Uint32Array;
  readonly #order: Uint32Array;

  constructor({ code, functionTypes }: Module) {
    const edges = code?.callEdges ?? new Uint32Array();
    const first = new Uint32Array(functionTypes.length + 1);
    for (let at = 1; at < edges.length; at += 2) first[edges[at]! + 1]!++;
    for (let index = 0; index < functionTypes.length; index++) first[index + 1]! += first[index]!;
    const order = new Uint32Array(edges.length / 2);
    const next = first.slice();
    for (let at = 1; at < edges.length; at += 2) order[next[edges[at]!]!++] = edges[at - 1]!;
    [this.#first, this.#order] = [first, order];
  }

  /** With repetitions. */
  of(index: number): Uint32Array {
    return this.#order.subarray(this.#first[index], this.#first[index + 1]);
  }
}
