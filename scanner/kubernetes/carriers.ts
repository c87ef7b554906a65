import type { Carrier } from '../carrier.ts';
import { LIMITS } from '../wasm/limits.ts';
import { isRecord } from '../is-record.ts';
import { fromFind } from './carriers-find.ts';
import { makeCarrier, placeOf } from './carriers-make.ts';
import { type CarrierContext, type CarrierTools, manifestSet, storeFields, type StoreKind } from './carriers-set.ts';
import { searchEnvoy } from './envoy.ts';
import { child, expand, expandWithMissing, type Node, pathOf, rootNode, textOf } from './grants-node.ts';
import { inlineCarrier } from './inline-bytes.ts';
import type { ManifestFault, ManifestObject } from './object.ts';
import { podCarriers } from './pods.ts';
import { codeAnnotations } from './settings-yoke.ts';
import type { CarrierRow, ReferenceRow } from './table-row.ts';
import { rowsOf } from './table.ts';
import { type Find, schemeOf } from './texts-find.ts';
import { type Budget, newBudget } from './texts-walk.ts';
import { searchTexts, searchValues } from './texts.ts';

/** What objects carry, in their order, and what of them could not be read. */
export interface FoundCarriers {
  readonly carriers: readonly Carrier[];
  readonly faults: readonly ManifestFault[];
}

/** Everything by which one object brings Wasm into a cluster; references to other objects stay unread. Never throws. */
export function carriersOf(object: ManifestObject, tools: CarrierTools): FoundCarriers {
  return carriersIn([object], tools);
}

/** The same for a set: what pods mount is read from the ConfigMaps and Secrets of the set, and runtime classes name their handlers. */
export function carriersIn(objects: readonly ManifestObject[], tools: CarrierTools): FoundCarriers {
  const context: CarrierContext = { tools, set: manifestSet(objects), faults: [] };
  const carriers: Carrier[] = [];
  const perFile = new Map<string, number>();
  for (const object of objects) {
    const count = perFile.get(object.file) ?? 0;
    if (count > LIMITS.carriers) continue;
    const found = bounded(objectCarriers(object, context), LIMITS.carriers - count);
    perFile.set(object.file, count + found.kept.length + (found.more ? 1 : 0));
    carriers.push(...found.kept);
    if (found.more) context.faults.push(faultOf(object, `The file carries more than ${LIMITS.carriers} images and modules`));
  }
  return { carriers, faults: context.faults };
}

function bounded(found: Iterable<Carrier>, limit: number): { readonly kept: readonly Carrier[]; readonly more: boolean } {
  const kept: Carrier[] = [];
  for (const carrier of found) {
    if (kept.length >= limit) return { kept, more: true };
    kept.push(carrier);
  }
  return { kept, more: false };
}

function* objectCarriers(object: ManifestObject, context: CarrierContext): Iterable<Carrier> {
  const seen = new Set<string>();
  for (const carrier of allCarriers(object, context)) {
    const key = `${carrier.pointer}\n${carrier.scheme}\n${carrier.reference}`;
    if (seen.has(key)) continue;
    seen.add(key);
    yield carrier;
  }
}

function* allCarriers(object: ManifestObject, context: CarrierContext): Iterable<Carrier> {
  const budget = newBudget();
  for (const row of rowsOf(object.apiVersion, object.kind)) {
    for (const reference of row.references) yield* referenceCarriers(object, row, reference);
    yield* podCarriers(object, row, context);
    if (row.search === 'envoy') for (const find of searchEnvoy(object.value, object.base, budget)) yield* foundCarrier(object, find, row, context);
    if (row.search === 'texts') yield* textCarriers(object, row, { context, budget });
  }
  yield* annotationCarriers(object);
  if (budget.exceeded) context.faults.push(faultOf(object, 'The object holds more values or texts inside texts than are searched, so that it was not analysed whole'));
}

function* referenceCarriers(object: ManifestObject, row: CarrierRow, reference: ReferenceRow): Iterable<Carrier> {
  const root = rootNode(object.value);
  for (const at of reference.required === true ? expandWithMissing(root, reference.path) : expand(root, reference.path)) {
    const text = referenceText(at, reference);
    const parent = at.up?.value;
    if (text === null || !isRecord(parent) || reference.when?.(object, parent) === false) continue;
    const pointer = object.base + pathOf(at);
    const surroundings = row.surroundings?.(object, pointer) ?? { grants: [], settings: [] };
    yield makeCarrier(object, {
      pointer, reference: text, scheme: schemeIn(text, reference), onDeny: row.onDeny, ...surroundings,
      hash: hashBeside(at, reference), role: reference.role ?? 'module', certain: reference.certain ?? true,
      host: reference.host === undefined ? row.host : reference.host,
      signals: [`kind: ${object.kind}`], pullSecrets: pullSecretsOf(root, at),
    });
  }
}

/** The text of a reference; of a certain module also an empty one, which stands for bytes that nobody can see. null: no carrier. */
function referenceText(at: Node, { role = 'module', certain = true }: ReferenceRow): string | null {
  const text = textOf(at) ?? '';
  return text !== '' || (role === 'module' && certain) ? text : null;
}

function schemeIn(text: string, { reads, otherwise }: ReferenceRow): Carrier['scheme'] {
  if (reads === 'image') return 'oci';
  if (reads === 'url') return schemeOf(text, otherwise ?? 'oci');
  return reads === 'path' ? 'file' : 'volume';
}

function hashBeside(at: Node, { hash }: ReferenceRow): { readonly text: string; readonly of: 'bytes' | 'manifest' | 'either' } | null {
  const text = hash && at.up ? textOf(child(at.up, ...hash.path.split('.'))) : null;
  return text === null ? null : { text, of: hash!.of };
}

/** Names of pull secrets in the spellings that custom resources use, beside the reference or in the spec. */
function pullSecretsOf(root: Node, at: Node): readonly string[] {
  const holders = [at.up, at.up?.up, child(root, 'spec')].filter((node) => node !== null && node !== undefined);
  return [...new Set(holders.flatMap(secretsIn))];
}

/** Pull secrets kept of one place: real ones name a few, and each of its references has them all. */
const PULL_SECRETS = 100;
const SECRETS = new WeakMap<object, readonly string[]>();

/** Read once per place, however many references share it. */
function secretsIn(holder: Node): readonly string[] {
  if (!isRecord(holder.value)) return [];
  const known = SECRETS.get(holder.value);
  if (known !== undefined) return known;
  const paths = ['imagePullSecrets[].name', 'imagePullSecrets[]', 'imagePullSecret', 'imagePullSecret.name', 'pullSecretRef.name'];
  const names = paths.flatMap((path) => expand(holder, path)).map(({ value }) => value).filter((value) => typeof value === 'string' && value !== '') as string[];
  const kept = [...new Set(names)].slice(0, PULL_SECRETS);
  SECRETS.set(holder.value, kept);
  return kept;
}

interface Search {
  readonly context: CarrierContext;
  readonly budget: Budget;
}

function* textCarriers(object: ManifestObject, row: CarrierRow, search: Search): Iterable<Carrier> {
  if (row.group !== '') {
    for (const find of searchValues(object.value, object.base, '', search.budget)) yield* foundCarrier(object, find, row, search.context);
    return;
  }
  for (const node of storeFields(object.value)) yield* storedCarriers(object, row, { ...search, node });
}

function* storedCarriers(object: ManifestObject, row: CarrierRow, { node, context, budget }: Search & { readonly node: Node }): Iterable<Carrier> {
  const { carrier, fault, text } = inlineCarrier(node, object.kind as StoreKind, context);
  const pointer = object.base + pathOf(node);
  if (fault !== null) context.faults.push(faultOf(object, fault, pointer));
  if (carrier !== null) yield makeCarrier(object, { pointer, ...carrier, onDeny: row.onDeny });
  // Places inside a text are those of the value as written, which an encoded one is not.
  if (text !== null && text !== '') for (const find of searchTexts(text, pointer, node.key, budget)) yield* foundCarrier(object, text === node.value ? find : { ...find, offset: null }, row, context);
}

/** What a search has found; inline bytes are named by their hash. */
function* foundCarrier(object: ManifestObject, find: Find, row: CarrierRow, { tools, faults }: CarrierContext): Iterable<Carrier> {
  if (find.scheme === 'inline' && find.bytes === undefined) {
    faults.push(faultOf(object, 'The module in this text cannot be read: its bytes are no base64', find.pointer));
    return;
  }
  yield fromFind(object, find.bytes === undefined ? find : { ...find, reference: `sha256:${tools.hash(find.bytes)}` }, row);
}

/** Annotations that choose the code of a controller, on whatever object. */
function* annotationCarriers(object: ManifestObject): Iterable<Carrier> {
  for (const { reference, isModule, settings } of codeAnnotations(object.value)) {
    const text = textOf(reference);
    if (!isModule || text === null || text === '') continue;
    const pointer = object.base + pathOf(reference);
    yield makeCarrier(object, {
      pointer, reference: text, scheme: schemeOf(text, 'oci'), onDeny: 'deny', host: { profile: 'wazero', sure: false }, signals: [`annotation ${reference.key}`],
      settings: settings.map(({ at, ...rest }) => ({ ...rest, place: placeOf(object, object.base + pathOf(at)) })),
    });
  }
}

function faultOf(object: ManifestObject, message: string, pointer: string = object.base): ManifestFault {
  const { file, document, line, column } = placeOf(object, pointer);
  return { file, document, line, column, message };
}
