import { words } from '../../scanner/words.ts';
import type { Log } from '../log.ts';
import { KubeError, type KubeInformer, type KubeName, type KubeObject, type KubeResource, type ListOptions } from './api.ts';
import { asKubeError, type Caller, openAnswer } from './call.ts';
import type { ApiAccess } from './config.ts';
import { collectionPath, listPages } from './pages.ts';
import { backOff, startDeadline, wait } from './wait.ts';
import { readEvents, type WatchEvent } from './watch-events.ts';

/** Milliseconds. */
export interface WatchTiming {
  /** After which the server is asked to end a watch; up to twice as long, at random. */
  readonly length: number;
  /** Without a byte: bookmarks come about once a minute, so longer is a connection that has died without a word. */
  readonly silence: number;
  /** A watch that lasted as long was sound: what fails after it is the first failure in a row. */
  readonly steady: number;
  /** Pause after the first failure in a row, and the longest. */
  readonly first: number;
  readonly last: number;
}

const TIMING: WatchTiming = { length: 300_000, silence: 150_000, steady: 10_000, first: 500, last: 30_000 };
/** Failures in a row after which the version to go on from is given up and everything is listed anew. */
const FAILURES_TO_LIST = 4;
/** A watch that ended well but sooner counts as a failure: otherwise a server that ends each at once would be asked without a pause. */
const SHORT = 1_000;

export interface InformerOptions {
  readonly access: ApiAccess;
  readonly caller: Caller;
  readonly resource: KubeResource;
  readonly options: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>;
  readonly log: Log;
  readonly timing: Partial<WatchTiming>;
}

interface InformerState {
  objects: Map<string, KubeObject>;
  /** Where watching goes on; null: list first. */
  version: string | null;
  heardAt: number;
  isSynced: boolean;
  /** In a row, since the last watch of some length. */
  failures: number;
  readonly listeners: Set<() => void>;
}

/** Lists a resource and follows it until it is stopped; whatever fails in between is tried again with growing pauses. Never rejects. `synced` stays open where it is stopped before. */
export function openInformer(options: InformerOptions): KubeInformer {
  const stopping = new AbortController();
  const state: InformerState = { objects: new Map(), version: null, heardAt: 0, isSynced: false, failures: 0, listeners: new Set() };
  let onSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    onSynced = resolve;
  });
  const timing = { ...TIMING, ...options.timing };
  const running = follow(state, { ...options, timing, onSynced, signal: stopping.signal });
  return {
    synced,
    get isSynced() {
      return state.isSynced;
    },
    get heardAt() {
      return state.heardAt;
    },
    get: (name) => state.objects.get(keyOf(name)) ?? null,
    list: () => [...state.objects.values()],
    onChange: (listener) => void state.listeners.add(listener),
    async stop() {
      state.listeners.clear();
      stopping.abort();
      await running;
    },
  };
}

interface Following extends InformerOptions {
  readonly timing: WatchTiming;
  readonly onSynced: () => void;
  readonly signal: AbortSignal;
}

async function follow(state: InformerState, following: Following): Promise<void> {
  const { signal } = following;
  while (!signal.aborted) {
    const error = await oneRound(state, following);
    if (signal.aborted) return;
    if (error) await wait(pauseAfter(state, error, following), signal);
  }
}

/** Lists where that is needed, and watches until the watch ends; null: it ended well. */
async function oneRound(state: InformerState, following: Following): Promise<KubeError | null> {
  try {
    if (state.version === null) await listAnew(state, following);
    await watchOnce(state, following);
    return null;
  } catch (error) {
    return asKubeError(error);
  }
}

/**
 * Milliseconds. An expired version is no fault of anybody, so listing follows at once, if it is not one of many in a row. What stood in a line
 * that could not be read is unknown, so everything is listed anew then too.
 */
function pauseAfter(state: InformerState, error: KubeError, { resource, timing, log }: Following): number {
  state.failures++;
  const expired = error.status === 410;
  if (expired || error.reason === 'Malformed' || state.failures % FAILURES_TO_LIST === 0) state.version = null;
  if (expired && state.failures === 1) return 0;
  const pause = Math.max(backOff(state.failures, timing), Math.min((error.retryAfter ?? 0) * 1000, 2 * timing.last));
  log.warn({ resource: resource.resource, status: error.status, reason: error.reason, error: error.message, failures: state.failures, pause: Math.round(pause) }, 'Watch of the Kubernetes API begins again');
  return pause;
}

/** The copy stays as it was until the whole list is there. */
async function listAnew(state: InformerState, following: Following): Promise<void> {
  const { caller, resource, options, signal, onSynced } = following;
  const objects = new Map<string, KubeObject>();
  let version = '';
  for await (const page of listPages(caller, resource, { ...options, signal })) {
    state.heardAt = Date.now();
    for (const object of page.objects) objects.set(keyOf(object.metadata), object);
    version = page.version;
  }
  if (signal.aborted) return;
  state.objects = objects;
  state.version = version;
  state.isSynced = true;
  onSynced();
  tell(state, following);
}

async function watchOnce(state: InformerState, following: Following): Promise<void> {
  const { access, resource, options, timing, signal } = following;
  const begun = performance.now();
  const silence = startDeadline(timing.silence, signal);
  const seconds = Math.ceil((timing.length * (1 + Math.random())) / 1000);
  const path = collectionPath(resource, options, { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: state.version ?? '', timeoutSeconds: String(seconds) });
  const onBytes = () => {
    state.heardAt = Date.now();
    silence.extend();
  };
  try {
    const { body } = await openAnswer(access, path, silence.signal);
    onBytes();
    try {
      for await (const event of readEvents(body, onBytes)) take(event, state, following);
    } finally {
      body.destroy();
    }
    if (performance.now() - begun < SHORT) throw new KubeError('Watch of the Kubernetes API ended at once', { status: 0, reason: 'Timeout' });
    state.failures = 0;
  } catch (error) {
    if (performance.now() - begun >= timing.steady) state.failures = 0;
    // Going on where it stopped loses nothing: the version is that of the last word heard.
    throw silence.expired ? new KubeError('Watch of the Kubernetes API fell silent', { status: 0, reason: 'Timeout' }) : error;
  } finally {
    silence.end();
  }
}

function take(event: WatchEvent, state: InformerState, following: Following): void {
  if (event.type === 'BOOKMARK') {
    state.version = event.version;
    return;
  }
  const { object, type } = event;
  if (type === 'DELETED') state.objects.delete(keyOf(object.metadata));
  else state.objects.set(keyOf(object.metadata), object);
  state.version = object.metadata.resourceVersion ?? state.version;
  tell(state, following);
}

/** What a listener throws is its own fault and must not make this copy deaf. */
function tell({ listeners }: InformerState, { resource, log }: Following): void {
  for (const listener of listeners) {
    try {
      listener();
    } catch (error) {
      log.error({ resource: resource.resource, error: words(error) }, 'Listener of a watch failed');
    }
  }
}

function keyOf({ namespace, name }: KubeName): string {
  return `${namespace ?? ''}/${name}`;
}
