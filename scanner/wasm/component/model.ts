import type { ComponentSort } from '../component.ts';
import type { ExternKind } from '../module.ts';

/** Types as far as a scanner needs them. Nodes are shared, never copied, so a type costs what its bytes cost. */
export type TypeNode = ValueType | FunctionNode | InstanceType | ComponentType | ResourceType | UnknownType;

/** A defined value type; `code` is its opcode: 0x66 is a stream, 0x65 a future, 0x69 an own and 0x68 a borrowed handle. */
export interface ValueType { readonly kind: 'value'; readonly depth: number; readonly code: number; readonly holders: Holders }
export interface FunctionNode { readonly kind: 'func'; readonly depth: number; readonly async: boolean; readonly holders: Holders }
/** Types in it that hold a handle somewhere inside; of a handle the resource. */
export type Holders = readonly (ValueType | ResourceType)[];
export interface ResourceType { readonly kind: 'resource'; readonly depth: number }
/** From a part that could not be decoded: fits everywhere, so that one problem does not cause others. */
export interface UnknownType { readonly kind: 'unknown'; readonly depth: number }

export interface InstanceType {
  readonly kind: 'instance';
  readonly depth: number;
  readonly exports: ReadonlyMap<string, ItemType>;
  /** Something is missing because of a problem. */
  readonly partial: boolean;
}

export interface ComponentType {
  readonly kind: 'component';
  readonly depth: number;
  readonly imports: ReadonlyMap<string, ItemType>;
  readonly exports: ReadonlyMap<string, ItemType>;
  readonly partial: boolean;
}

/** What a core module takes and gives. */
export interface ModuleShape {
  readonly imports: Iterable<{ readonly module: string; readonly name: string; readonly kind: ExternKind }>;
  readonly exports: ReadonlyMap<string, ExternKind>;
  readonly partial: boolean;
}

/** Exports of a core instance: kinds of a module's exports, or sorts of a bag of items. */
export interface CoreInstanceShape { readonly exports: { get(name: string): ComponentSort | undefined }; readonly partial: boolean }

/** The type of an import, export or argument. */
export type ItemType =
  | { readonly sort: 'core-module'; readonly type: ModuleShape }
  | { readonly sort: 'func'; readonly type: FunctionNode }
  | { readonly sort: 'value'; readonly type: null }
  | { readonly sort: 'type'; readonly type: TypeNode }
  | { readonly sort: 'component'; readonly type: ComponentType }
  | { readonly sort: 'instance'; readonly type: InstanceType };

/** What each index space keeps of its items. */
export interface Spaces {
  'core-func': null;
  'core-table': null;
  'core-memory': null;
  'core-global': null;
  'core-tag': null;
  /** null: a plain core type. */
  'core-type': ModuleShape | null;
  'core-module': ModuleShape;
  'core-instance': CoreInstanceShape;
  func: FunctionNode;
  value: null;
  type: TypeNode;
  component: ComponentType;
  instance: InstanceType;
}

export const UNKNOWN_TYPE: UnknownType = { kind: 'unknown', depth: 0 };
const UNKNOWN_INSTANCE: InstanceType = { kind: 'instance', depth: 0, exports: new Map(), partial: true };
const UNKNOWN_COMPONENT: ComponentType = { kind: 'component', depth: 0, imports: new Map(), exports: new Map(), partial: true };
const UNKNOWN_MODULE: ModuleShape = { imports: [], exports: new Map(), partial: true };
const UNKNOWN_ITEMS: readonly ItemType[] = [
  { sort: 'core-module', type: UNKNOWN_MODULE },
  { sort: 'func', type: { kind: 'func', depth: 0, async: false, holders: [] } },
  { sort: 'value', type: null },
  { sort: 'type', type: UNKNOWN_TYPE },
  { sort: 'component', type: UNKNOWN_COMPONENT },
  { sort: 'instance', type: UNKNOWN_INSTANCE },
];

/** Stands for an item of a part that could not be decoded. */
export function unknownItem(sort: ComponentSort): ItemType | null {
  return UNKNOWN_ITEMS.find((item) => item.sort === sort) ?? null;
}

/** Core sorts by the kind of a core export. */
export const SORT_OF_KIND: Readonly<Record<ExternKind, ComponentSort>> = {
  func: 'core-func', table: 'core-table', memory: 'core-memory', global: 'core-global', tag: 'core-tag',
};
