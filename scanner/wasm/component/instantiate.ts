import { DecodeError } from '../error.ts';
import { LIMITS } from '../limits.ts';
import type { Body, Definition, NamedItem } from './definitions.ts';
import { type Frame, type LinkBudget, memberOf, type ModuleInstance, NONE, type Value } from './linking-values.ts';

/** What was met while instantiating. */
export interface Instantiated {
  readonly exports: ReadonlyMap<string, Value>;
  /** Every instance of a core module, in the order of instantiation. */
  readonly modules: readonly ModuleInstance[];
  /** What leaves for code nobody can see, or is called by the canonical ABI or at start. */
  readonly escapes: readonly Value[];
  /** What components inside were given. */
  readonly handovers: readonly Handover[];
}

/** The arguments of one instantiation of a component that stands inside, at `path`. */
export interface Handover { readonly path: string; readonly args: ReadonlyMap<string, Value> }

/** Instantiates a component symbolically: the host gives each import. Throws DecodeError beyond a limit. */
export function instantiate(body: Body, budget: LinkBudget): Instantiated {
  const machine = new Machine(budget);
  const exports = machine.run(body, { outer: null, args: null, level: 0 });
  return { exports, modules: machine.modules, escapes: [...machine.escapes, ...exports.values()], handovers: machine.handovers };
}

interface Call {
  readonly outer: Frame | null;
  /** null: everything comes from the host. */
  readonly args: ReadonlyMap<string, Value> | null;
  /** Instantiations around this one. */
  readonly level: number;
}

class Machine {
  readonly modules: ModuleInstance[] = [];
  readonly escapes: Value[] = [];
  readonly handovers: Handover[] = [];
  readonly #budget: LinkBudget;

  constructor(budget: LinkBudget) {
    this.#budget = budget;
  }

  run(body: Body, call: Call): ReadonlyMap<string, Value> {
    if (call.level > LIMITS.componentDepth) throw new DecodeError('limit-exceeded', `Instances nested too deep: limit ${LIMITS.componentDepth}`, 0);
    const frame: Frame = { outer: call.outer, spaces: new Map() };
    const exports = new Map<string, Value>();
    for (const definition of body.definitions) {
      this.#budget.step();
      this.#define(definition, { frame, call, exports });
    }
    return exports;
  }

  #define(definition: Definition, { frame, call, exports }: { frame: Frame; call: Call; exports: Map<string, Value> }): void {
    switch (definition.op) {
      case 'import': {
        const { name, item } = definition;
        return push(frame, item.sort, call.args ? (call.args.get(name) ?? NONE) : { kind: 'host', path: name, item });
      }
      case 'export': {
        const value = at(frame, definition.sort, definition.index);
        exports.set(definition.name, value);
        return push(frame, definition.sort, value);
      }
      case 'module':
        return push(frame, 'core-module', { kind: 'module', module: definition.module, path: definition.path });
      case 'component':
        return push(frame, 'component', { kind: 'closure', body: definition.body, path: definition.path, outer: frame });
      case 'core-instantiate':
        return push(frame, 'core-instance', this.#instantiateModule(at(frame, 'core-module', definition.module), this.#named(frame, definition.args)));
      case 'core-bag':
        return push(frame, 'core-instance', { kind: 'core-bag', exports: this.#named(frame, definition.exports) });
      case 'instantiate':
        return push(frame, 'instance', this.#instantiateComponent(at(frame, 'component', definition.component), { args: this.#named(frame, definition.args), level: call.level + 1 }));
      case 'bag':
        return push(frame, 'instance', { kind: 'instance', exports: this.#named(frame, definition.exports) });
      case 'alias-export':
        return push(frame, definition.sort, memberOf(at(frame, 'instance', definition.instance), definition.name));
      case 'alias-core-export':
        return push(frame, definition.sort, memberOf(at(frame, 'core-instance', definition.instance), definition.name));
      case 'alias-outer':
        return push(frame, definition.sort, outerValue(frame, definition));
      case 'lift':
        return push(frame, 'func', { kind: 'lift', func: at(frame, 'core-func', definition.func), type: definition.type });
      case 'lower':
        return push(frame, 'core-func', { kind: 'lower', func: at(frame, 'func', definition.func) });
      case 'builtin':
        return push(frame, 'core-func', { kind: 'builtin', name: definition.name });
      case 'calls':
        for (const func of definition.functions) this.escapes.push(at(frame, 'core-func', func));
        return;
      case 'table-calls':
        return void this.escapes.push(at(frame, 'core-table', definition.table));
      case 'start':
        this.escapes.push(at(frame, 'func', definition.func));
    }
  }

  #named(frame: Frame, items: readonly NamedItem[]): ReadonlyMap<string, Value> {
    this.#budget.step(items.length);
    return new Map(items.map(({ name, sort, index }) => [name, at(frame, sort, index)]));
  }

  #instantiateModule(module: Value, args: ReadonlyMap<string, Value>): Value {
    this.#budget.addInstance();
    if (module.kind === 'module') {
      const instance: ModuleInstance = { kind: 'module-instance', number: this.modules.length, module: module.module, path: module.path, args };
      this.modules.push(instance);
      return instance;
    }
    if (module.kind !== 'host') return NONE;
    this.escapes.push(...args.values());
    return { kind: 'host-instance', path: module.path };
  }

  #instantiateComponent(component: Value, { args, level }: { args: ReadonlyMap<string, Value>; level: number }): Value {
    this.#budget.addInstance();
    if (component.kind === 'closure') {
      this.handovers.push({ path: component.path, args });
      return { kind: 'instance', exports: this.run(component.body, { outer: component.outer, args, level }) };
    }
    if (component.kind !== 'host') return NONE;
    this.escapes.push(...args.values());
    return component;
  }
}

function outerValue(frame: Frame, { sort, count, index }: Extract<Definition, { op: 'alias-outer' }>): Value {
  let outer: Frame | null = frame;
  for (let left = count; left > 0 && outer; left--) outer = outer.outer;
  return outer ? at(outer, sort, index) : NONE;
}

/** Types and values are not followed: they carry no function. */
const UNTRACKED = new Set(['type', 'core-type', 'value']);

function at(frame: Frame, sort: string, index: number): Value {
  return (UNTRACKED.has(sort) ? null : frame.spaces.get(sort)?.[index]) ?? NONE;
}

function push(frame: Frame, sort: string, value: Value): void {
  if (UNTRACKED.has(sort)) return;
  const space = frame.spaces.get(sort);
  if (space) space.push(value);
  else frame.spaces.set(sort, [value]);
}
