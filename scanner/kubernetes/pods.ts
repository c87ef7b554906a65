import type { Carrier } from '../carrier.ts';
import { isRecord } from '../is-record.ts';
import { type CarrierParts, makeCarrier, placeOf } from './carriers-make.ts';
import type { CarrierContext } from './carriers-set.ts';
import { fromFind } from './carriers-find.ts';
import { child, expand, fields, items, type Node, pathOf, rootNode, textOf } from './grants-node.ts';
import type { ManifestObject } from './object.ts';
import { containerSignals, podSignals, type PodParts, type Signals } from './pod-signals.ts';
import { containerSettings, hostPathsOf, isMixed, mountsOf, startsNative } from './pods-settings.ts';
import { runnerArguments } from './runner-arguments.ts';
import type { CarrierRow } from './table-row.ts';
import { documentTree } from './texts-walk.ts';
import { volumeCarriers } from './volumes.ts';

/** The lists of a pod spec that hold containers. */
export const CONTAINER_LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;

interface Pod extends PodParts {
  readonly object: ManifestObject;
  readonly row: CarrierRow;
  readonly context: CarrierContext;
  readonly pullSecrets: readonly string[];
}

interface Member {
  readonly container: Node;
  readonly own: Signals;
}

/** Everything that a pod spec brings: the images of its containers, modules that their arguments name, and its volumes. */
export function* podCarriers(object: ManifestObject, row: CarrierRow, context: CarrierContext): Iterable<Carrier> {
  for (const { path, is } of row.pods ?? []) {
    for (const node of expand(rootNode(object.value), path)) {
      if (!isRecord(node.value)) continue;
      const around = is === 'template' ? node : node.up!;
      const spec = is === 'template' ? child(node, 'spec') : node;
      const metadata = child(around, 'metadata');
      yield* carriersOfPod({
        object, row, context, spec,
        annotations: [child(metadata, 'annotations'), ...(is === 'pod' && around.up ? [child(around, 'annotations')] : [])],
        labels: child(metadata, 'labels'), namespace: object.namespace,
        pullSecrets: [...new Set(expand(spec, 'imagePullSecrets[].name').map(textOf).filter((name) => name !== null))],
      });
    }
  }
}

function* carriersOfPod(pod: Pod): Iterable<Carrier> {
  const signals = podSignals(pod, pod.context);
  const members = CONTAINER_LISTS.flatMap((list) => [...items(child(pod.spec, list))]).filter(({ value }) => isRecord(value))
    .map((container): Member => ({ container, own: containerSignals(container, signals, pod, pod.context) }));
  const mixed = signals.signals.length > 0 && isMixed(members.map(({ container }) => container));
  const around: Around = { signals, mixed, hostPaths: hostPathsOf(pod.spec) };
  for (const member of members) yield* containerCarriers(pod, member, around);
  yield* volumesOf(pod, members, signals);
  for (const map of pod.annotations) for (const node of fields(map)) yield* annotationCarriers(pod, node);
}

interface Around {
  readonly signals: Signals;
  readonly hostPaths: ReadonlyMap<string, Node>;
  readonly mixed: boolean;
}

function* containerCarriers(pod: Pod, { container, own }: Member, { signals, hostPaths, mixed }: Around): Iterable<Carrier> {
  const { object, row, spec } = pod;
  const finds = runnerArguments(container, documentTree(object.value, object.base));
  const all = [...signals.signals, ...own.signals];
  const image = child(container, 'image');
  const profile = signals.profile ?? own.profile;
  const native = own.signals.length === 0 && startsNative(container);
  const reference = textOf(image) ?? '';
  // A template may leave the image to others; where the pod says Wasm, what will run is a module that nobody can see.
  if (reference !== '' || (all.length > 0 && row.references.length === 0 && !native)) {
    yield carrier(pod, {
      pointer: object.base + pathOf(image), reference, scheme: 'oci', signals: all,
      certain: all.length > 0 && finds.length === 0 && !native, role: finds.length > 0 ? 'runner' : 'module',
      host: row.host ?? (profile === null ? null : { profile, sure: false }),
      settings: all.length === 0 || native ? [] : containerSettings({ object, spec, container, hostPaths, mixed }),
      process: { command: textsOf(child(container, 'command')), args: textsOf(child(container, 'args')) },
    });
  }
  for (const find of finds) yield fromFind(object, { ...find, signals: [...find.signals, ...all] }, { ...row, pullSecrets: pod.pullSecrets });
}

function* volumesOf(pod: Pod, members: readonly Member[], { signals, profile }: Signals): Iterable<Carrier> {
  const { object, context, namespace } = pod;
  const users = new Map<string, Set<string>>();
  for (const { container, own } of members) {
    for (const name of mountsOf(container)) {
      const signs = users.get(name) ?? new Set();
      users.set(name, signs);
      own.signals.forEach((signal) => signs.add(signal));
    }
  }
  const annotated = annotatedMounts(pod.annotations);
  for (const volume of items(child(pod.spec, 'volumes'))) {
    const name = textOf(child(volume, 'name')) ?? '';
    const sidecar = annotated.has(name) ? [`annotation ${annotated.get(name)!}`] : [];
    const all = [...signals, ...(users.get(name) ?? []), ...sidecar];
    const reached = all.length > 0 && (users.has(name) || sidecar.length > 0);
    for (const parts of volumeCarriers({ volume, reached, namespace }, context, object.base)) {
      yield carrier(pod, { ...parts, signals: all, host: profile === null ? null : { profile, sure: false } });
    }
  }
}

/** Volumes that the Dapr sidecar mounts, by the annotation that says so: `name:/path,other:/path`. */
function annotatedMounts(annotations: readonly Node[]): ReadonlyMap<string, string> {
  const mounts = new Map<string, string>();
  for (const map of annotations) {
    for (const key of ['dapr.io/volume-mounts', 'dapr.io/volume-mounts-rw']) {
      for (const name of (textOf(child(map, key)) ?? '').slice(0, 10_000).matchAll(/(?:^|,)\s*([^:,\s]+)/g)) mounts.set(name[1]!, key);
    }
  }
  return mounts;
}

/** Images and volumes that annotations give to the sidecars which Dapr and Istio put into the pod. */
function* annotationCarriers(pod: Pod, node: Node): Iterable<Carrier> {
  const { object, namespace, context } = pod;
  const text = textOf(node);
  if (text === null || text === '') return;
  const pointer = object.base + pathOf(node);
  const signals = [`annotation ${node.key}`];
  if (node.key === 'dapr.io/sidecar-image' || node.key === 'sidecar.istio.io/proxyImage') {
    const setting = { id: 'remote-code', text: `${node.key}: ${text.slice(0, 200)}`, meaning: 'An annotation chooses the program of the sidecar', confidence: 'medium', place: placeOf(object, pointer) } as const;
    yield carrier(pod, { pointer, reference: text, scheme: 'oci', certain: false, role: 'host', settings: [setting] });
  } else if (node.key === 'sidecar.istio.io/bootstrapOverride') {
    for (const parts of volumeCarriers({ volume: rootNode({ configMap: { name: text } }), reached: true, namespace }, context, '')) yield carrier(pod, { ...parts, pointer, signals });
  } else if (node.key === 'sidecar.istio.io/userVolume') {
    const volumes = parsedVolumes(text);
    if (volumes === null) context.faults.push({ ...faultPlace(object, pointer), message: `Annotation ${node.key} is no JSON list of volumes` });
    for (const volume of volumes ?? []) {
      for (const parts of volumeCarriers({ volume: rootNode(volume), reached: true, namespace }, context, '')) yield carrier(pod, { ...parts, pointer, signals, host: { profile: 'proxy-wasm', sure: false } });
    }
  }
}

function faultPlace(object: ManifestObject, pointer: string): { file: string; document: number; line: number; column: number } {
  const { file, document, line, column } = placeOf(object, pointer);
  return { file, document, line, column };
}

/** A list of volumes, or a map of them by name, as both are written. */
function parsedVolumes(text: string): readonly unknown[] | null {
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? value as unknown[] : isRecord(value) ? Object.values(value) : null;
  } catch {
    return null;
  }
}

function carrier({ object, row, pullSecrets }: Pod, parts: Omit<CarrierParts, 'onDeny'>): Carrier {
  return makeCarrier(object, { ...parts, onDeny: row.onDeny, ...(parts.scheme === 'oci' && { pullSecrets }) });
}

function textsOf(list: Node): readonly string[] | null {
  return Array.isArray(list.value) && list.value.length > 0 ? [...items(list)].map((node) => textOf(node) ?? '') : null;
}
