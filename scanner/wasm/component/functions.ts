import type { ByteReader } from '../reader.ts';
import type { InstanceType } from './model.ts';
import type { Budget } from './scope.ts';

/** What an instance type lists, as far as capabilities care. */
export interface InstanceSummary {
  /** In order; those of a nested instance as `instance#function`. */
  readonly functions: readonly string[];
  /** Nothing but types, at any depth. */
  readonly typeOnly: boolean;
  /** Some function has the async effect. */
  readonly async: boolean;
}

/** A function listed through a nested instance costs a text of its own. */
const NESTED_COST = 4;

/** By the map of exports, which instances of one component share. */
const known = new WeakMap<InstanceType['exports'], InstanceSummary>();

/**
 * Summarises an instance type, once. Nested instances can double at each level, so what they list is paid
 * from the budget. Types are at most LIMITS.typeDepth deep, which bounds the recursion. Throws DecodeError.
 */
export function summarise(reader: ByteReader, type: InstanceType, budget: Budget): InstanceSummary {
  const before = known.get(type.exports);
  if (before) return before;
  const functions: string[] = [];
  let typeOnly = true;
  let isAsync = false;
  for (const [name, { sort, type: item }] of type.exports) {
    if (sort === 'func') {
      functions.push(name);
      isAsync ||= item.async;
    }
    const inner = sort === 'instance' ? summarise(reader, item, budget) : null;
    for (const nested of inner?.functions ?? []) {
      budget.spend(reader, NESTED_COST + ((name.length + nested.length) >> 4));
      functions.push(`${name}#${nested}`);
    }
    isAsync ||= inner?.async ?? false;
    typeOnly &&= sort === 'type' || (inner?.typeOnly ?? false);
  }
  const summary = { functions, typeOnly, async: isAsync };
  known.set(type.exports, summary);
  return summary;
}
