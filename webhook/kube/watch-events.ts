import { KUBE_LIMITS } from '../limits.ts';
import { KubeError, type KubeObject } from './api.ts';
import { statusError } from './call.ts';
import { tidied } from './pages.ts';

/** One word of a watch. A bookmark says that everything up to its version has been told. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly version: string };

/**
 * Reads the events of a watch, one JSON object a line, until the body ends; `onBytes` hears of every piece that arrives. Throws KubeError for the server's ERROR event, and
 * with reason `Malformed` for anything that is no event or only half of one: what it said is unknown, so the watch must begin again.
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>, onBytes: () => void): AsyncGenerator<WatchEvent> {
  for await (const line of readLines(body, onBytes)) {
    const event = readEvent(line);
    if (event) yield event;
  }
}

async function* readLines(body: AsyncIterable<Uint8Array>, onBytes: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of body) {
    onBytes();
    const [first = '', ...more] = decoder.decode(chunk, { stream: true }).split('\n');
    parts.push(first);
    length += first.length;
    for (const next of more) {
      yield parts.join('');
      parts = [next];
      length = next.length;
    }
    if (length > KUBE_LIMITS.event) throw malformed(`holds an event of more than ${KUBE_LIMITS.event} characters`);
  }
  if (parts.join('').trim() !== '') throw malformed('ends within an event');
}

function readEvent(line: string): WatchEvent | null {
  if (line.trim() === '') return null;
  const { type, object } = parseLine(line);
  if (type === 'ERROR') throw statusError(object, { status: 0, retryAfter: null });
  if (type === 'BOOKMARK') return { type, version: versionOf(object) };
  const tidy = type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' ? tidied(object) : null;
  if (!tidy) throw malformed('holds a line that is no event');
  return { type: type as 'ADDED' | 'MODIFIED' | 'DELETED', object: tidy };
}

function parseLine(line: string): { readonly type?: unknown; readonly object?: unknown } {
  try {
    const value = JSON.parse(line) as unknown;
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw malformed('holds a line that is no JSON object');
}

function versionOf(object: unknown): string {
  const version = (object as { metadata?: { resourceVersion?: unknown } } | null)?.metadata?.resourceVersion;
  if (typeof version !== 'string') throw malformed('holds a bookmark without a version');
  return version;
}

function malformed(what: string): KubeError {
  return new KubeError(`Watch of the Kubernetes API ${what}`, { status: 0, reason: 'Malformed' });
}
