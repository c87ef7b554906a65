import { isRecord } from '../is-record.ts';
import { CUSTOM_ROWS } from './custom-rows.ts';
import { child, expand, type Node, rootNode, textOf } from './grants-node.ts';
import type { ManifestObject } from './object.ts';
import type { CustomRow } from './rows-row.ts';
import { codeAnnotations } from './settings-yoke.ts';
import { hashAt, schemeOf, type ShapeFind, shapeFind, type Tree } from './texts-find.ts';
import type { ReferenceRow } from './table-row.ts';

const ROWS = new Map<string, readonly CustomRow[]>();
for (const row of CUSTOM_ROWS) ROWS.set(`${row.group}/${row.kind}`, [...(ROWS.get(`${row.group}/${row.kind}`) ?? []), row]);

/** References of a Kubernetes object that stands at this map, inside a text or another object. Nodes that belong to no known kind give nothing. */
export function* objectsAt(tree: Tree, node: Node): Iterable<ShapeFind> {
  const object = objectOf(node);
  if (object === null) return;
  for (const row of ROWS.get(`${groupOf(object.apiVersion)}/${object.kind}`) ?? []) {
    for (const reference of row.references) yield* referenceFinds(tree, node, { object, row, reference });
  }
  yield* podFinds(tree, node);
}

/** The annotation of any object that chooses the code of a controller. */
export function annotationFinds(tree: Tree, node: Node): readonly ShapeFind[] {
  return codeAnnotations(node.value).filter(({ isModule }) => isModule).map(({ reference, settings }) => {
    const at = child(node, 'metadata', 'annotations', reference.key);
    return shapeFind(tree, at, { scheme: schemeOf(textOf(at) ?? '', 'oci'), host: { profile: 'wazero', sure: false }, signals: [`annotation ${reference.key}`], concerns: settings.map((one) => ({ ...one, at })) });
  });
}

interface Applied {
  readonly object: ManifestObject;
  readonly row: CustomRow;
  readonly reference: ReferenceRow;
}

function* referenceFinds(tree: Tree, node: Node, { object, row, reference }: Applied): Iterable<ShapeFind> {
  for (const at of expand(node, reference.path)) {
    const text = textOf(at);
    const parent = at.up?.value;
    if (text === null || (reference.when && !(isRecord(parent) && reference.when(object, parent)))) continue;
    yield shapeFind(tree, at, {
      scheme: reference.reads === 'path' ? 'file' : reference.reads === 'volume' ? 'volume' : schemeOf(text, reference.reads === 'url' ? (reference.otherwise ?? 'oci') : 'oci'),
      hash: reference.hash && at.up ? hashAt(child(at.up, ...reference.hash.path.split('.')), reference.hash.of) : null,
      role: reference.role ?? 'module',
      certain: reference.certain ?? true,
      host: reference.host ?? row.host,
      signals: [`kind: ${object.kind}`],
      // Of the node's own tree, so that what is found stands where the text has it.
      concerns: row.concerns?.(node, at, object.namespace) ?? [],
    });
  }
}

const RUNTIME = /wasm|wasi|wamr|wws|spin|slight|lunatic/i;
const ANNOTATIONS = ['module.wasm.image/variant', 'run.oci.handler'];

/** Images of a pod or pod template at this map that says it is Wasm. */
function* podFinds(tree: Tree, node: Node): Iterable<ShapeFind> {
  for (const template of [node, child(node, 'spec', 'template'), child(node, 'spec', 'jobTemplate', 'spec', 'template')]) {
    const runtime = child(template, 'spec', 'runtimeClassName');
    const annotation = ANNOTATIONS.map((key) => child(template, 'metadata', 'annotations', key)).find((one) => textOf(one) !== null);
    const signals = [...(RUNTIME.test(textOf(runtime) ?? '') ? [`runtimeClassName: ${textOf(runtime)}`] : []), ...(annotation ? [`annotation ${annotation.key}: ${textOf(annotation)}`] : [])];
    if (signals.length === 0) continue;
    const images = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => expand(child(template, 'spec'), `${list}[].image`));
    for (const at of images) yield shapeFind(tree, at, { scheme: 'oci', signals });
  }
}

function objectOf(node: Node): ManifestObject | null {
  const [apiVersion, kind] = [child(node, 'apiVersion').value, child(node, 'kind').value];
  if (!isRecord(node.value) || typeof apiVersion !== 'string' || typeof kind !== 'string') return null;
  const text = (key: string): string | null => textOf(child(rootNode(node.value), 'metadata', key));
  return { file: '', document: 0, base: '', apiVersion, kind, name: text('name') ?? '', namespace: text('namespace'), value: node.value, positionOf: () => ({ line: 1, column: 1 }) };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
