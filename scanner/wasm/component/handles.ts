import type { HandleCrossing } from '../component.ts';
import { LIMITS } from '../limits.ts';
import type { Instantiated } from './instantiate.ts';
import { hostInstanceType, type LinkBudget, memberOf, type Value } from './linking-values.ts';
import type { FunctionNode } from './model.ts';
import type { ResourceLinks } from './resource-links.ts';

interface Walk {
  readonly to: HandleCrossing['to'];
  /** Host functions count: they leave here. They do not where a component inside is given what the host gives. */
  readonly hosts: boolean;
  readonly resources: ResourceLinks;
  readonly budget: LinkBudget;
  readonly seen: Set<Value>;
}

/**
 * Functions of code inside that hand resources of the host on: what leaves the component first, then what components inside
 * are given. A function that does both stands here once; at most LIMITS.compositionListed in all. Throws DecodeError beyond a limit.
 */
export function handleCrossings({ exports, handovers }: Pick<Instantiated, 'exports' | 'handovers'>, resources: ResourceLinks, budget: LinkBudget): HandleCrossing[] {
  const seen = new Set<Value>();
  const found: HandleCrossing[] = [];
  for (const [name, value] of exports) found.push(...crossingsOf(name, value, { to: 'export', hosts: true, resources, budget, seen }));
  for (const { path, args } of handovers) {
    if (found.length >= LIMITS.compositionListed) break;
    for (const [name, value] of args) found.push(...crossingsOf(`${path} ${name}`, value, { to: 'instance', hosts: false, resources, budget, seen }));
  }
  return found.slice(0, LIMITS.compositionListed);
}

function crossingsOf(name: string, value: Value, { to, hosts, resources, budget, seen }: Walk): HandleCrossing[] {
  const found: HandleCrossing[] = [];
  const cut = (text: string): string => text.slice(0, LIMITS.nestedName);
  const open: [string, Value][] = [[name, value]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [at, one] = next;
    budget.step();
    if (seen.has(one)) continue;
    seen.add(one);
    const type = functionType(one, hosts);
    for (const { resource, handle } of type ? resources.handlesOf(type, budget) : []) {
      if (found.length >= LIMITS.compositionListed) return found;
      found.push({ to, function: at, resource: cut(resource), handle });
    }
    for (const [inner, member] of membersOf(one, hosts)) open.push([cut(`${at}#${inner}`), member]);
  }
  return found;
}

function functionType(value: Value, hosts: boolean): FunctionNode | null {
  if (value.kind === 'lift') return value.type;
  return hosts && value.kind === 'host' && value.item.sort === 'func' ? value.item.type : null;
}

function* membersOf(value: Value, hosts: boolean): Generator<readonly [string, Value]> {
  if (value.kind === 'instance') yield* value.exports;
  if (!hosts || value.kind !== 'host' || value.item.sort !== 'instance') return;
  for (const name of hostInstanceType(value.item)?.exports.keys() ?? []) yield [name, memberOf(value, name)];
}
