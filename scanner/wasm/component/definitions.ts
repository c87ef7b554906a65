import type { ComponentSort } from '../component.ts';
import type { Module } from '../module.ts';
import type { FunctionNode, ItemType } from './model.ts';

/** A name with the sort and index of what it stands for. */
export interface NamedItem { readonly name: string; readonly sort: ComponentSort; readonly index: number }

/**
 * What a component's body does, in order, with everything left out that cannot carry a function. Symbolic
 * instantiation runs these. Each definition but `calls`, `table-calls` and `start` appends to the index space of its sort.
 */
export type Definition =
  /** `path`: place of the module, such as `component[1]/module[0]`. */
  | { readonly op: 'module'; readonly module: Module; readonly path: string }
  | { readonly op: 'component'; readonly body: Body; readonly path: string }
  | { readonly op: 'import'; readonly name: string; readonly item: ItemType }
  | { readonly op: 'export'; readonly name: string; readonly sort: ComponentSort; readonly index: number }
  | { readonly op: 'core-instantiate'; readonly module: number; readonly args: readonly NamedItem[] }
  | { readonly op: 'core-bag'; readonly exports: readonly NamedItem[] }
  | { readonly op: 'instantiate'; readonly component: number; readonly args: readonly NamedItem[] }
  | { readonly op: 'bag'; readonly exports: readonly NamedItem[] }
  | { readonly op: 'alias-export' | 'alias-core-export'; readonly sort: ComponentSort; readonly instance: number; readonly name: string }
  | { readonly op: 'alias-outer'; readonly sort: ComponentSort; readonly count: number; readonly index: number }
  | { readonly op: 'lift'; readonly func: number; readonly type: FunctionNode }
  | { readonly op: 'lower'; readonly func: number }
  | { readonly op: 'builtin'; readonly name: string }
  /** Tables whose functions the canonical ABI calls on its own: those of threads. */
  | { readonly op: 'table-calls'; readonly table: number }
  /** Core functions that the canonical ABI calls on its own: realloc, post-return, callback, destructor. */
  | { readonly op: 'calls'; readonly functions: readonly number[] }
  | { readonly op: 'start'; readonly func: number };

/** The definitions of one component. */
export interface Body { readonly definitions: readonly Definition[] }
