import { randomUUID } from 'node:crypto';
import { KUBE_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import { KubeError, type KubeClient, type KubeObject, type KubeResource } from './api.ts';
import { microTime } from './micro-time.ts';
import { startDeadline } from './wait.ts';

/** Something to tell those who look at an object. */
export interface KubeEvent {
  /** The object it is about. */
  readonly regarding: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;
  readonly type: 'Normal' | 'Warning';
  /** Why, in one word: `PolicyViolated`. */
  readonly reason: string;
  /** What was done, in one word: `Audit`. */
  readonly action: string;
  /** For people; what is longer than the API takes is cut. */
  readonly note: string;
}

/** Tells Events. What cannot be told is counted and left. */
export interface EventTeller {
  /** Returns at once and never throws. */
  tell(event: KubeEvent): void;
  /** Resolves when everything accepted so far has been sent or given up. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface EventTiming {
  /** Milliseconds in which the same event again is counted up, not sent anew. */
  readonly window: number;
  /** Milliseconds between two countings-up of one event. */
  readonly repeat: number;
  /** Events that may be sent in a row, and milliseconds until there may be one more. */
  readonly burst: number;
  readonly refill: number;
  readonly clock: () => number;
}

const TIMING: EventTiming = { window: 600_000, repeat: 60_000, burst: 50, refill: 2_000, clock: Date.now };
const EVENTS: KubeResource = { group: 'events.k8s.io', version: 'v1', resource: 'events' };
/** Milliseconds for one event, tries included. */
const SENDING = 10_000;

export interface EventOptions {
  readonly client: Pick<KubeClient, 'create' | 'jsonPatch'>;
  /** Name of the pod; may be any text. */
  readonly instance: string;
  readonly log: Log;
  readonly timing?: Partial<EventTiming>;
}

/** An event that was told and may come again. */
interface Told {
  readonly name: string;
  readonly namespace: string;
  readonly since: number;
  count: number;
  /** When its count was last sent, by the clock. */
  sentAt: number;
}

/** Tells events of events.k8s.io/v1, one after the other, sparingly: equal ones are counted, and what comes too fast is dropped. */
export function openEvents({ client, instance, log, timing: given = {} }: EventOptions): EventTeller {
  const timing = { ...TIMING, ...given };
  const told = new Map<string, Told>();
  const sender = createSender(log, timing);
  const countUp = (key: string, known: Told): void => {
    const now = timing.clock();
    known.count++;
    if (now - known.sentAt < timing.repeat) return;
    known.sentAt = now;
    const series = { count: known.count, lastObservedTime: microTime(now) };
    sender.send((signal) => client.jsonPatch(EVENTS, known, [{ op: 'add', path: '/series', value: series }], signal).catch((error: unknown) => {
      // Events live for an hour; the next of the kind is a new one.
      if (!(error instanceof KubeError) || error.status !== 404) throw error;
      told.delete(key);
    }));
  };
  const tell = (event: KubeEvent): void => {
    const key = keyOf(event);
    const now = timing.clock();
    const known = told.get(key);
    if (known && now - known.since < timing.window) return countUp(key, known);
    const object = eventObject(event, { instance, now });
    remember(told, key, { name: object.metadata.name, namespace: object.metadata.namespace ?? '', since: now, count: 1, sentAt: now });
    sender.send((signal) => client.create(EVENTS, object, signal));
  };
  return {
    tell(event) {
      try {
        if (!sender.stopped) tell(event);
      } catch (error) {
        log.error({ error: error instanceof Error ? error.message : 'unknown' }, 'Event could not be made');
      }
    },
    idle: () => sender.idle(),
    stop: () => sender.stop(),
  };
}

/** Sends one after the other; what comes too fast, or finds too many waiting, is dropped. */
function createSender(log: Log, timing: EventTiming) {
  const bucket = createBucket(timing);
  const stopping = new AbortController();
  let waiting = 0;
  let dropped = 0;
  let chain = Promise.resolve();
  const run = async (work: (signal: AbortSignal) => Promise<unknown>) => {
    const deadline = startDeadline(SENDING, stopping.signal);
    try {
      if (!stopping.signal.aborted) await work(deadline.signal);
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ error: error instanceof Error ? error.message : 'unknown', dropped }, 'Event could not be told');
    } finally {
      deadline.end();
      waiting--;
    }
  };
  return {
    get stopped(): boolean {
      return stopping.signal.aborted;
    },
    send(work: (signal: AbortSignal) => Promise<unknown>): void {
      if (waiting >= KUBE_LIMITS.events || !bucket.take()) {
        if (dropped++ % 1_000 === 0) log.warn({ dropped }, 'Events come too fast, and some are dropped');
        return;
      }
      waiting++;
      chain = chain.then(() => run(work));
    },
    idle: () => chain,
    async stop(): Promise<void> {
      stopping.abort();
      await chain;
    },
  };
}

/** Keeps the newest, in bounds. */
function remember(told: Map<string, Told>, key: string, entry: Told): void {
  told.delete(key);
  told.set(key, entry);
  const [oldest] = told.keys();
  if (told.size > KUBE_LIMITS.events && oldest !== undefined) told.delete(oldest);
}

function createBucket({ burst, refill, clock }: EventTiming) {
  let tokens = burst;
  let filledAt = clock();
  return {
    take(): boolean {
      const now = clock();
      // A clock that is set back must not empty it.
      tokens = Math.min(burst, tokens + Math.max(0, now - filledAt) / refill);
      filledAt = now;
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}

function eventObject({ regarding, type, reason, action, note }: KubeEvent, { instance, now }: { readonly instance: string; readonly now: number }): KubeObject {
  const { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } } = regarding;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // Events of what belongs to no namespace stand in this one.
    metadata: { name: `wasmgate-${randomUUID()}`, namespace: namespace ?? 'default' },
    eventTime: microTime(now),
    reportingController: 'wasmgate.dev/wasmgate',
    reportingInstance: cutBytes(instance || 'wasmgate', 128),
    action: cutBytes(action, 128),
    reason: cutBytes(reason, 128),
    type,
    note: cutBytes(note, KUBE_LIMITS.note),
    regarding: Object.fromEntries(Object.entries({ apiVersion, kind, name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined)),
  };
}

function keyOf({ regarding, type, reason, action, note }: KubeEvent): string {
  const { apiVersion, kind, metadata: { namespace, name, uid } } = regarding;
  return JSON.stringify([apiVersion, kind, namespace, name, uid, type, reason, action, cutBytes(note, KUBE_LIMITS.note)]);
}

/** At most so many bytes of UTF-8, ending with whole characters. */
function cutBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text, 'utf8');
  if (encoded.length <= bytes) return text;
  const mark = '...';
  let end = bytes - mark.length;
  // A byte 10xxxxxx goes on with a character.
  while (end > 0 && ((encoded.at(end) ?? 0) & 0xc0) === 0x80) end--;
  return encoded.subarray(0, end).toString('utf8') + mark;
}
