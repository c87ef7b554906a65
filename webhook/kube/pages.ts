import { KUBE_LIMITS } from '../limits.ts';
import { KubeError, type KubeObject, type KubeResource, type ListOptions } from './api.ts';
import type { Caller } from './call.ts';
import { kubePath } from './paths.ts';

/** One page of a list. */
export interface KubePage {
  readonly objects: readonly KubeObject[];
  /** Version that the list stands for; watching goes on from here. */
  readonly version: string;
  /** What the next page is asked for with; '' : this is the last. */
  readonly next: string;
}

const TOO_LARGE = Symbol('too large');

/**
 * Pages of one list until the end. A page that is too large is asked for again in smaller ones. Throws KubeError; status 410 where the pages
 * expired while they were read.
 */
export async function* listPages(caller: Caller, resource: KubeResource, options: ListOptions): AsyncGenerator<KubePage> {
  let limit = options.limit ?? KUBE_LIMITS.page;
  let next = '';
  for (;;) {
    const page = await caller.call({ method: 'GET', path: collectionPath(resource, options, { limit: String(limit), continue: next }), repeat: 'always', signal: options.signal }).catch((error: unknown) => {
      if (!(error instanceof KubeError) || error.reason !== 'TooLarge' || limit <= 1) throw error;
      return TOO_LARGE;
    });
    if (page === TOO_LARGE) {
      limit = Math.ceil(limit / 4);
      continue;
    }
    const read = readPage(page, resource);
    // A server that never comes to the end is not followed for ever.
    if (read.next !== '' && read.next === next) throw malformed(resource, 'continues with the page it has just given');
    next = read.next;
    yield read;
    if (next === '') return;
  }
}

/** Path of a collection with its selectors and further parameters; empty ones are left out. */
export function collectionPath(resource: KubeResource, { namespace, labelSelector = '', fieldSelector = '' }: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries({ labelSelector, fieldSelector, ...parameters }).filter(([, value]) => value !== ''));
  return `${kubePath({ resource, namespace })}?${query.toString()}`;
}

/** An object as it is kept: with kind and apiVersion, without managedFields, which nobody reads and which are often the half of it. */
export function tidied(value: unknown, fallback: { readonly kind?: unknown; readonly apiVersion?: unknown } = {}): KubeObject | null {
  if (!isRecord(value) || !isRecord(value['metadata']) || typeof value['metadata']['name'] !== 'string') return null;
  const { managedFields: _, ...metadata } = value['metadata'];
  const { kind = fallback.kind, apiVersion = fallback.apiVersion, ...rest } = value;
  return { ...(typeof kind === 'string' ? { kind } : {}), ...(typeof apiVersion === 'string' ? { apiVersion } : {}), ...rest, metadata: metadata as unknown as KubeObject['metadata'] };
}

function readPage(page: unknown, resource: KubeResource): KubePage {
  if (!isRecord(page) || !isRecord(page['metadata'])) throw malformed(resource, 'has no metadata');
  const { metadata, kind, apiVersion } = page;
  // No objects at all are written null by some servers.
  const items = page['items'] === null ? [] : page['items'];
  if (!Array.isArray(items)) throw malformed(resource, 'has no items');
  const common = { apiVersion, ...(typeof kind === 'string' && /.List$/.test(kind) ? { kind: kind.slice(0, -'List'.length) } : {}) };
  const objects = items.map((item) => tidied(item, common));
  if (objects.includes(null)) throw malformed(resource, 'holds something without a name');
  return { objects: objects as readonly KubeObject[], version: textOf(metadata['resourceVersion']), next: textOf(metadata['continue']) };
}

function malformed({ resource }: KubeResource, what: string): KubeError {
  return new KubeError(`List of ${resource} from the Kubernetes API ${what}`, { status: 0, reason: 'Malformed' });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
