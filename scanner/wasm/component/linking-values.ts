import { DecodeError } from '../error.ts';
import { LIMITS } from '../limits.ts';
import type { Module } from '../module.ts';
import type { Body } from './definitions.ts';
import type { FunctionNode, InstanceType, ItemType } from './model.ts';

/** Where something comes from, found out by following definitions instead of running them. */
export type Value =
  /** From outside: a function, instance, component or module that the host gives. `path` is `import` or `import#export`. */
  | { readonly kind: 'host'; readonly path: string; readonly item: ItemType }
  | { readonly kind: 'lift'; readonly func: Value; readonly type: FunctionNode }
  | { readonly kind: 'instance'; readonly exports: ReadonlyMap<string, Value> }
  | { readonly kind: 'closure'; readonly body: Body; readonly path: string; readonly outer: Frame }
  | { readonly kind: 'module'; readonly module: Module; readonly path: string }
  | { readonly kind: 'lower'; readonly func: Value }
  | { readonly kind: 'builtin'; readonly name: string }
  | ModuleInstance
  | { readonly kind: 'core-bag'; readonly exports: ReadonlyMap<string, Value> }
  /** An instance of a module that the host gives. */
  | { readonly kind: 'host-instance'; readonly path: string }
  | { readonly kind: 'core-export'; readonly instance: ModuleInstance; readonly name: string }
  | { readonly kind: 'host-core-export'; readonly path: string }
  /** A value, a type, or something that no definition gives. */
  | { readonly kind: 'none' };

export interface ModuleInstance {
  readonly kind: 'module-instance';
  /** Place in the order of instantiation. */
  readonly number: number;
  readonly module: Module;
  readonly path: string;
  readonly args: ReadonlyMap<string, Value>;
}

/** The index spaces of one component instance. A component remembers the frame it was defined in, for outer aliases. */
export interface Frame {
  readonly outer: Frame | null;
  readonly spaces: Map<string, Value[]>;
}

export const NONE: Value = { kind: 'none' };

/** Counts steps and instances of one linking. Throws DecodeError beyond a limit. */
export class LinkBudget {
  #steps = 0;
  #instances = 0;

  step(steps = 1): void {
    this.#steps += steps;
    if (this.#steps > LIMITS.linkingSteps) throw new DecodeError('limit-exceeded', `Linking takes too long: more than ${LIMITS.linkingSteps} steps`, 0);
  }

  addInstance(): void {
    if (++this.#instances > LIMITS.componentInstances) throw new DecodeError('limit-exceeded', `Too many instances: more than ${LIMITS.componentInstances}`, 0);
  }
}

/** What an instance exports under a name. Unknown names give `none`. */
export function memberOf(instance: Value, name: string): Value {
  switch (instance.kind) {
    case 'instance':
    case 'core-bag':
      return instance.exports.get(name) ?? NONE;
    case 'host': {
      const item = exportsOfHost(instance.item).get(name);
      return item ? { kind: 'host', path: `${instance.path}#${name}`, item } : NONE;
    }
    case 'module-instance':
      return { kind: 'core-export', instance, name };
    case 'host-instance':
      return { kind: 'host-core-export', path: `${instance.path}#${name}` };
    default:
      return NONE;
  }
}

/** The type of an instance that the host gives; also of one made from a component that the host gives. */
export function hostInstanceType(item: ItemType): InstanceType | null {
  if (item.sort === 'instance') return item.type;
  return item.sort === 'component' ? { kind: 'instance', depth: item.type.depth, exports: item.type.exports, partial: item.type.partial } : null;
}

function exportsOfHost(item: ItemType): ReadonlyMap<string, ItemType> {
  return hostInstanceType(item)?.exports ?? new Map<string, ItemType>();
}
