import { LIMITS } from '../wasm/limits.ts';
import { isRecord } from '../is-record.ts';
import { pointerTo } from './pointer.ts';

/** A Kubernetes object and where it stands in its document. */
export interface ObjectParts {
  /** Pointer in the document. */
  readonly base: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The objects of one document, lists taken apart, and what stands in them that cannot be read. */
export interface FoundObjects {
  readonly found: readonly ObjectParts[];
  readonly wrong: readonly { readonly pointer: string; readonly message: string }[];
}

/** Lists inside lists that are taken apart. */
const LIST_DEPTH = 8;

interface Work {
  readonly value: unknown;
  readonly base: string;
  readonly depth: number;
  /** What items of a typed list leave unsaid. */
  readonly apiVersion: string;
  readonly kind: string;
}

/** Takes a document apart. A value without `apiVersion` and `kind` is no object, and no fault either. */
export function objectsIn(document: unknown): FoundObjects {
  if (isDeep(document)) return { found: [], wrong: [{ pointer: '', message: `The document is nested deeper than ${LIMITS.kubernetesDepth} levels` }] };
  const found: ObjectParts[] = [];
  const wrong: { pointer: string; message: string }[] = [];
  const work: Work[] = Array.isArray(document) ? itemsOf(document, { value: null, base: '', depth: 0, apiVersion: '', kind: '' }).reverse() : [{ value: document, base: '', depth: 0, apiVersion: '', kind: '' }];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const { value, base, depth } = next;
    if (!isRecord(value)) continue;
    const kind = text(value, 'kind') ?? next.kind;
    const apiVersion = text(value, 'apiVersion') ?? next.apiVersion;
    if (kind === '' || apiVersion === '') continue;
    const items = Object.hasOwn(value, 'items') ? value['items'] : null;
    const list = kind.endsWith('List') && Array.isArray(items);
    // A custom resource may be called List of something and be an object all the same.
    if (!list || Object.hasOwn(value, 'spec')) found.push({ base, apiVersion, kind, value });
    if (!list) continue;
    if (depth < LIST_DEPTH) work.push(...itemsOf(items, { value, base: pointerTo(base, 'items'), depth, apiVersion: kind === 'List' ? '' : apiVersion, kind: kind.slice(0, -4) }).reverse());
    else wrong.push({ pointer: base, message: `Lists stand in each other more than ${LIST_DEPTH} times` });
  }
  return { found, wrong };
}

function itemsOf(items: readonly unknown[], { base, depth, apiVersion, kind }: Work): Work[] {
  return items.map((value, index) => ({ value, base: pointerTo(base, index), depth: depth + 1, apiVersion, kind }));
}

function text(value: Readonly<Record<string, unknown>>, key: string): string | null {
  const found = Object.hasOwn(value, key) ? value[key] : null;
  return typeof found === 'string' && found !== '' ? found : null;
}

/** Level by level, each value once a level, so that aliases cost no more than what they name. */
function isDeep(document: unknown): boolean {
  let level = new Set<object>(typeof document === 'object' && document !== null ? [document] : []);
  for (let depth = 0; level.size > 0; depth++) {
    if (depth >= LIMITS.kubernetesDepth) return true;
    const below = [...level].map((value) => Object.values(value) as unknown[]).flat();
    level = new Set(below.filter((inside) => typeof inside === 'object' && inside !== null));
  }
  return false;
}
