import { randomUUID } from 'node:crypto';
import type { KubeName, KubeObject, KubeResource } from '../../webhook/kube/api.ts';

/** One change, as a watch tells it. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly place: string;
  readonly object: KubeObject;
  /** What the object was before; null: it was not there. */
  readonly before: KubeObject | null;
}

/** What a list or a watch asks for. */
export interface StoreQuery {
  readonly namespace: string | null;
  readonly labelSelector: string;
  readonly fieldSelector: string;
}

/** A write that the store refuses, as the API server would say it. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** Objects in memory under one counter of versions, with every change since the last compaction. */
export function createStore() {
  const places = new Map<string, Map<string, KubeObject>>();
  const listeners = new Set<(event: StoreEvent) => void>();
  let history: StoreEvent[] = [];
  let version = 1;
  let compacted = 0;

  const objectsOf = (resource: KubeResource) => {
    const place = placeOf(resource);
    const found = places.get(place) ?? new Map<string, KubeObject>();
    places.set(place, found);
    return found;
  };
  const tell = (event: StoreEvent) => {
    history.push(event);
    for (const listener of listeners) listener(event);
  };
  const write = (resource: KubeResource, object: KubeObject, before: KubeObject | null): KubeObject => {
    version++;
    const changed = before === null || !same(contentOf(before), contentOf(object));
    const stored: KubeObject = {
      ...object,
      apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version,
      metadata: {
        ...object.metadata,
        uid: before?.metadata.uid ?? object.metadata.uid ?? randomUUID(),
        creationTimestamp: before?.metadata.creationTimestamp ?? object.metadata.creationTimestamp ?? new Date().toISOString().replace(/\.\d+/, ''),
        generation: (before?.metadata.generation ?? 0) + (changed ? 1 : 0),
        resourceVersion: String(version),
      },
    };
    objectsOf(resource).set(keyOf(stored.metadata), stored);
    tell({ type: before ? 'MODIFIED' : 'ADDED', version, place: placeOf(resource), object: stored, before });
    return stored;
  };

  return {
    get version() {
      return version;
    },
    get compacted() {
      return compacted;
    },
    get(resource: KubeResource, name: KubeName): KubeObject | null {
      return objectsOf(resource).get(keyOf(name)) ?? null;
    },
    list(resource: KubeResource, query: StoreQuery): readonly KubeObject[] {
      return [...objectsOf(resource).values()].filter((object) => matches(object, query)).toSorted((a, b) => (keyOf(a.metadata) < keyOf(b.metadata) ? -1 : 1));
    },
    put(resource: KubeResource, object: KubeObject): KubeObject {
      return write(resource, object, objectsOf(resource).get(keyOf(object.metadata)) ?? null);
    },
    create(resource: KubeResource, object: KubeObject): KubeObject {
      if (objectsOf(resource).has(keyOf(object.metadata))) throw new Refusal(409, 'AlreadyExists', `${resource.resource} "${object.metadata.name}" already exists`);
      const { status: _, ...rest } = object;
      return write(resource, rest, null);
    },
    /** With a version: only where it is still the same. */
    replace(resource: KubeResource, object: KubeObject, subresource: string): KubeObject {
      const before = objectsOf(resource).get(keyOf(object.metadata));
      if (!before) throw new Refusal(404, 'NotFound', `${resource.resource} "${object.metadata.name}" not found`);
      const asked = object.metadata.resourceVersion;
      if (asked !== undefined && asked !== before.metadata.resourceVersion) throw new Refusal(409, 'Conflict', `Operation cannot be fulfilled on ${resource.resource} "${object.metadata.name}": the object has been modified`);
      if (subresource === 'status') return write(resource, { ...before, status: object['status'] }, before);
      return write(resource, { ...object, ...('status' in before ? { status: before['status'] } : {}) }, before);
    },
    remove(resource: KubeResource, name: KubeName): KubeObject | null {
      const before = objectsOf(resource).get(keyOf(name));
      if (!before) return null;
      version++;
      objectsOf(resource).delete(keyOf(name));
      tell({ type: 'DELETED', version, place: placeOf(resource), object: { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } }, before });
      return before;
    },
    /** Forgets every change so far: a watch from an older version gets 410. */
    compact(): void {
      version++;
      compacted = version;
      history = [];
    },
    /** Changes after a version, then every later one. Gives what ends it. */
    follow(after: number, listener: (event: StoreEvent) => void): () => void {
      for (const event of history.filter((one) => one.version > after)) listener(event);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function placeOf({ group, resource }: Pick<KubeResource, 'group' | 'resource'>): string {
  return `${group}/${resource}`;
}

/** A change as a watch with this query sees it: an object that no longer matches is deleted for it. */
export function seenAs(event: StoreEvent, query: StoreQuery): StoreEvent['type'] | null {
  const now = event.type !== 'DELETED' && matches(event.object, query);
  const before = event.before !== null && matches(event.before, query);
  if (now) return before ? 'MODIFIED' : 'ADDED';
  return before ? 'DELETED' : null;
}

/** Objects merged key by key; everything else, lists too, is replaced; null removes. */
export function merge(into: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(into) ? { ...into } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

/** JSON Patch, RFC 6902: add, replace, remove and test. */
export function jsonPatched(object: unknown, operations: readonly { readonly op: string; readonly path: string; readonly value?: unknown }[]): unknown {
  const root = { value: structuredClone(object) };
  for (const operation of operations) patchOne(root, operation);
  return root.value;
}

function patchOne(root: { value: unknown }, { op, path, value }: { readonly op: string; readonly path: string; readonly value?: unknown }): void {
  const steps = ['value', ...path.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))];
  const last = steps.pop() as string;
  const parent = steps.reduce<unknown>((at, step) => (isRecord(at) || Array.isArray(at) ? (at as Record<string, unknown>)[step] : undefined), root) as Record<string, unknown> | unknown[] | undefined;
  if (typeof parent !== 'object' || parent === null) throw new Refusal(422, 'Invalid', `the server rejected our request: no such path ${path}`);
  const old = (parent as Record<string, unknown>)[last];
  if (op === 'test') {
    if (!same(old, value)) throw new Refusal(422, 'Invalid', `testing path ${path} value failed`);
  } else if (op === 'add' && Array.isArray(parent)) parent.splice(last === '-' ? parent.length : Number(last), 0, value);
  else if (op === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (op === 'remove' && old !== undefined) delete (parent as Record<string, unknown>)[last];
  else if (op === 'add' || (op === 'replace' && old !== undefined)) (parent as Record<string, unknown>)[last] = value;
  else throw new Refusal(422, 'Invalid', `the server rejected our request: ${op} ${path}`);
}

function matches(object: KubeObject, { namespace, labelSelector, fieldSelector }: StoreQuery): boolean {
  if (namespace !== null && object.metadata.namespace !== namespace) return false;
  const labels = object.metadata.labels ?? {};
  return terms(labelSelector).every((term) => termHolds(term, (key) => labels[key])) && terms(fieldSelector).every((term) => termHolds(term, (key) => fieldOf(object, key)));
}

function fieldOf(object: KubeObject, path: string): string {
  const value = path.split('.').reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), object);
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

function terms(selector: string): readonly string[] {
  return selector.split(/,(?![^(]*\))/).map((term) => term.trim()).filter((term) => term !== '');
}

function termHolds(term: string, value: (key: string) => string | undefined): boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
  if (set) return set[3]!.split(',').map((one) => one.trim()).includes(value(set[1]!) ?? '') === (set[2] === 'in');
  const compared = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(term);
  if (compared) return (value(compared[1]!) === compared[3]) === (compared[2] !== '!=');
  return term.startsWith('!') ? value(term.slice(1)) === undefined : value(term) !== undefined;
}

function keyOf({ namespace, name }: KubeName): string {
  return `${namespace ?? ''}/${name}`;
}

function contentOf(object: KubeObject): unknown {
  return { ...object, metadata: undefined, status: undefined };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
