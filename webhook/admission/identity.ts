import { isRecord } from '../../scanner/is-record.ts';
import { CARRIER_TABLE } from '../../scanner/kubernetes/table.ts';
import type { AdmissionRequest, WireObject } from '../review.ts';

/** One kind that an object can be read as. */
export interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What an object is. Where request and object disagree there are several kinds or namespaces, and the object is judged under all of them. */
export interface Identity {
  /** Never empty; each group and kind once. */
  readonly kinds: readonly KindName[];
  /** Never empty, that of the request first; null: cluster-scoped. */
  readonly namespaces: readonly (string | null)[];
  /** For people: `web-*` where the server has still to generate it. */
  readonly name: string;
  /** One sentence for each thing about which request and object disagree. */
  readonly disagreements: readonly string[];
}

/** What the object of a request is, by the request, by itself, and by the resource that it is a part of. */
export function identify(request: AdmissionRequest, object: WireObject): Identity {
  const asked = { apiVersion: joined(request.kind.group, request.kind.version), kind: request.kind.kind };
  const own = ownKind(object);
  const parent = parentOf(request);
  const metadata = metadataOf(object);
  const [namespace, ownNamespace] = [request.namespace === '' ? null : request.namespace, text(metadata, 'namespace')];
  const [name, ownName] = [request.name, text(metadata, 'name')];
  const disagreements = [
    ...(own !== null && (own.kind !== asked.kind || own.apiVersion !== asked.apiVersion) ? [`The request is about ${asked.apiVersion} ${asked.kind}, and its object says ${own.apiVersion} ${own.kind}`] : []),
    ...(ownNamespace !== '' && ownNamespace !== namespace ? [`The request is about ${namespace === null ? 'no namespace' : `namespace ${namespace}`}, and its object says ${ownNamespace}`] : []),
    ...(name !== '' && ownName !== '' && ownName !== name ? [`The request is about the name ${name}, and its object says ${ownName}`] : []),
  ];
  return {
    kinds: unique([...(own === null ? [] : [own]), asked, ...(parent === null ? [] : [parent])]),
    namespaces: ownNamespace !== '' && ownNamespace !== namespace ? [namespace, ownNamespace] : [namespace],
    name: name || nameOf(object),
    disagreements,
  };
}

/** The name of an object, or the beginning of the one to be generated. */
export function nameOf(object: WireObject): string {
  const metadata = metadataOf(object);
  const prefix = text(metadata, 'generateName');
  return text(metadata, 'name') || (prefix === '' ? '' : `${prefix}*`);
}

/** Whether a text may be the name of an object (RFC 1123 subdomain): whatever a user wrote is looked up only then, so that it cannot become another path of the API. */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(text);
}

/** `metadata` of an object; empty where it is none. */
export function metadataOf(object: WireObject): WireObject {
  const metadata = own(object, 'metadata');
  return isRecord(metadata) ? metadata : {};
}

/** A map of texts in metadata, without what is no text. */
export function textsOf(object: WireObject, key: 'labels' | 'annotations'): Readonly<Record<string, string>> {
  const map = own(metadataOf(object), key);
  return isRecord(map) ? (Object.fromEntries(Object.entries(map).filter(([, value]) => typeof value === 'string')) as Record<string, string>) : {};
}

/** The group of an API version; '' : core. */
export function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(apiVersion.lastIndexOf('/'), 0));
}

/** Whether this is a kind of the core group. */
export function isCore({ apiVersion, kind }: KindName, name: string): boolean {
  return kind === name && groupOf(apiVersion) === '';
}

const PARENTS = new Map(CARRIER_TABLE.map((row) => [`${row.group}/${row.resource}`, row]));

/** The kind of the resource that a subresource is a part of: an object of a kind that nobody knows is read as that. */
function parentOf({ resource: { group, version, resource } }: AdmissionRequest): KindName | null {
  const row = PARENTS.get(`${group}/${resource}`);
  return row === undefined ? null : { apiVersion: joined(group, version), kind: row.kind };
}

function ownKind(object: WireObject): KindName | null {
  const [apiVersion, kind] = [text(object, 'apiVersion'), text(object, 'kind')];
  return apiVersion === '' || kind === '' ? null : { apiVersion, kind };
}

function unique(kinds: readonly KindName[]): readonly KindName[] {
  return kinds.filter(({ apiVersion, kind }, index) => kinds.findIndex((other) => other.kind === kind && groupOf(other.apiVersion) === groupOf(apiVersion)) === index);
}

function joined(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

function text(value: WireObject, key: string): string {
  const found = own(value, key);
  return typeof found === 'string' ? found : '';
}

function own(value: WireObject, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
