import type { Grant, Setting } from '../grant.ts';
import { child, type ConcernsOf, grant, items, type Loose, type Node, setting, textOf } from './grants-node.ts';

/** What a SpinApp gives its application: stores, variables, volumes; and what it leaves unbounded. */
export const spinApp: ConcernsOf = function* (root) {
  const spec = child(root, 'spec');
  yield* named(child(spec, 'runtimeConfig', 'keyValueStores'), 'key-value');
  yield* named(child(spec, 'runtimeConfig', 'sqliteDatabases'), 'sql');
  const ai = child(spec, 'runtimeConfig', 'llmCompute', 'type');
  if (textOf(ai) !== null) yield grant(ai, 'ai', [textOf(ai)!], { field: 'llmCompute' });
  const secret = child(spec, 'runtimeConfig', 'loadFromSecret');
  if (textOf(secret) !== null) yield grant(secret, 'secrets', [textOf(secret)!]);
  yield* variables(child(spec, 'variables'));
  yield* volumes(spec);
  yield* limits(spec);
};

function* named(list: Node, kind: Grant['kind']): Iterable<Loose<Grant>> {
  if (Array.isArray(list.value)) yield grant(list, kind, texts(list, 'name'));
}

function* variables(list: Node): Iterable<Loose<Grant>> {
  if (!Array.isArray(list.value)) return;
  yield grant(list, 'environment', texts(list, 'name'));
  const secrets = [...items(list)].map((item) => child(item, 'valueFrom', 'secretKeyRef')).filter(({ value }) => value !== undefined);
  if (secrets.length > 0) yield grant(list, 'secrets', secrets.map((from) => `${textOf(child(from, 'name')) ?? ''}/${textOf(child(from, 'key')) ?? ''}`), { field: 'secretKeyRef' });
}

function* volumes(spec: Node): Iterable<Loose<Grant> | Loose<Setting>> {
  const mounts = child(spec, 'volumeMounts');
  if (Array.isArray(mounts.value)) yield grant(mounts, 'files', texts(mounts, 'mountPath'));
  for (const volume of items(child(spec, 'volumes'))) yield* hostPath(child(volume, 'hostPath', 'path'));
}

/** Says that a folder of the node reaches a module, where the field is there. */
export function* hostPath(path: Node): Iterable<Loose<Setting>> {
  if (path.value === undefined) return;
  yield setting(path, 'host-path', { text: `hostPath: ${textOf(path) ?? ''}`, meaning: 'A folder of the node reaches the module, which outlives it and is shared with everything else there' });
}

function* limits(spec: Node): Iterable<Loose<Setting>> {
  const memory = child(spec, 'resources', 'limits', 'memory');
  if (memory.value !== undefined) return;
  const invocations = child(spec, 'invocationLimits').value !== undefined;
  yield setting(memory, 'missing-limits', { text: 'no resources.limits.memory', meaning: 'Nothing but the node bounds what the application takes', confidence: invocations ? 'low' : 'medium' });
}

function texts(list: Node, key: string): string[] {
  return [...items(list)].map((item) => textOf(child(item, key))).filter((value) => value !== null);
}
