import { LIMITS } from '../limits.ts';
import type { ByteReader } from '../reader.ts';
import type { LinkBudget } from './linking-values.ts';
import type { FunctionNode, InstanceType, ItemType, ResourceType, ValueType } from './model.ts';

/** A handle among the parameters and results of a function, to a resource of the host. */
export interface HostHandle { readonly resource: string; readonly handle: 'own' | 'borrow' }

const OWN = 0x69;

/** Pays for what is looked up while a component is read. */
interface Spending { spend(reader: ByteReader): void }

/**
 * Which resource types stand for which others. A component names the resources it imports anew; where it is instantiated
 * they become those of the arguments. One that is instantiated several times stands for the resources of all its
 * arguments together: the flow of handles is coarse on purpose.
 */
export class ResourceLinks {
  readonly #standsFor = new Map<ResourceType, Set<ResourceType>>();
  readonly #hosts = new Map<ResourceType, string>();
  readonly #paths = new Map<ResourceType, readonly string[]>();
  readonly #handles = new Map<FunctionNode, readonly HostHandle[]>();

  /** Notes that what was declared is what was given: two resources, or those of two instances. Throws DecodeError. */
  pair(reader: ByteReader, budget: Spending, declared: ItemType, given: ItemType): void {
    const open: [ItemType, ItemType][] = [[declared, given]];
    const seen = new Map<InstanceType['exports'], Set<InstanceType['exports']>>();
    for (let next = open.pop(); next; next = open.pop()) {
      const [one, other] = next;
      if (one.sort === 'type' && other.sort === 'type') this.#note(one.type, other.type);
      if (one.sort !== 'instance' || other.sort !== 'instance' || one.type.exports === other.type.exports || !isNew(seen, one.type.exports, other.type.exports)) continue;
      for (const [name, item] of resourceExports(one.type)) {
        budget.spend(reader);
        const found = other.type.exports.get(name);
        if (found) open.push([item, found]);
      }
    }
  }

  /** Gives the resources that an import of the outermost component brings their names. Throws DecodeError. */
  nameHost(path: string, item: ItemType, budget: LinkBudget): void {
    const open: [string, ItemType][] = [[path, item]];
    const seen = new Set<InstanceType['exports']>();
    for (let next = open.pop(); next; next = open.pop()) {
      budget.step();
      const [at, { sort, type }] = next;
      if (sort === 'type' && type.kind === 'resource' && !this.#hosts.has(type)) this.#hosts.set(type, at);
      else if (sort === 'instance' && !seen.has(type.exports)) {
        seen.add(type.exports);
        for (const [name, inner] of resourceExports(type)) open.push([`${at}#${name}`.slice(0, LIMITS.nestedName), inner]);
      }
    }
  }

  /** Handles to resources of the host in a function's type, each once. To be asked when everything is paired and named. Throws DecodeError. */
  handlesOf(type: FunctionNode, budget: LinkBudget): readonly HostHandle[] {
    budget.step();
    let handles = this.#handles.get(type);
    if (!handles) this.#handles.set(type, (handles = this.#findHandles(type, budget)));
    return handles;
  }

  #findHandles(type: FunctionNode, budget: LinkBudget): HostHandle[] {
    const found: HostHandle[] = [];
    const open = type.holders.flatMap((holder) => (holder.kind === 'value' ? [holder] : []));
    const seen = new Set<ValueType>();
    for (let next = open.pop(); next; next = open.pop()) {
      budget.step();
      if (seen.has(next)) continue;
      seen.add(next);
      budget.step(next.holders.length);
      const handle = next.code === OWN ? 'own' : 'borrow';
      open.push(...next.holders.filter((holder) => holder.kind === 'value'));
      for (const holder of next.holders) if (holder.kind === 'resource') budget.step(this.#pathsOf(holder, budget).length);
      found.push(...next.holders.flatMap((holder) => (holder.kind === 'resource' ? this.#pathsOf(holder, budget).map((resource) => ({ resource, handle }) as const) : [])));
    }
    return [...new Map(found.map((one) => [`${one.handle} ${one.resource}`, one])).values()];
  }

  #pathsOf(resource: ResourceType, budget: LinkBudget): readonly string[] {
    const known = this.#paths.get(resource);
    if (known) return known;
    const paths = new Set<string>();
    const open = [resource];
    const seen = new Set<ResourceType>();
    for (let next = open.pop(); next; next = open.pop()) {
      budget.step();
      if (seen.has(next)) continue;
      seen.add(next);
      const path = this.#hosts.get(next);
      if (path !== undefined) paths.add(path);
      open.push(...(this.#standsFor.get(next) ?? []));
    }
    const list = [...paths];
    this.#paths.set(resource, list);
    return list;
  }

  #note(declared: { readonly kind: string }, given: { readonly kind: string }): void {
    if (declared === given || declared.kind !== 'resource' || given.kind !== 'resource') return;
    const [one, other] = [declared as ResourceType, given as ResourceType];
    const before = this.#standsFor.get(one);
    if (before) before.add(other);
    else this.#standsFor.set(one, new Set([other]));
  }
}

/** Instances inside instances can double at each level. */
function isNew<T>(seen: Map<T, Set<T>>, one: T, other: T): boolean {
  let others = seen.get(one);
  if (!others) seen.set(one, (others = new Set()));
  if (others.has(other)) return false;
  others.add(other);
  return true;
}

const known = new WeakMap<InstanceType['exports'], readonly (readonly [string, ItemType])[]>();

/** Exports that are a resource or may hold one further in. */
function resourceExports({ exports }: InstanceType): readonly (readonly [string, ItemType])[] {
  let found = known.get(exports);
  if (!found) known.set(exports, (found = [...exports].filter(([, { sort, type }]) => sort === 'instance' || (sort === 'type' && type.kind === 'resource'))));
  return found;
}
