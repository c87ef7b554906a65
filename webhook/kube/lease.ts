import { randomUUID } from 'node:crypto';
import type { Leadership } from '../leadership.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { KubeError, type KubeClient, type KubeObject, type KubeResource } from './api.ts';
import { createLeadingWork } from './leading-work.ts';
import { microTime } from './micro-time.ts';
import { startDeadline, wait } from './wait.ts';

/** Milliseconds. */
export interface LeaseTiming {
  /** After the last change that was seen, others may take the lease. */
  readonly duration: number;
  /** Between two tries to get or renew it. */
  readonly renew: number;
  /** Without a renewal for so long, the holder gives up by himself; well below `duration`, so that there are never two. */
  readonly deadline: number;
  /** What the written times say; decides nothing. */
  readonly clock: () => number;
}

const TIMING: LeaseTiming = { duration: 15_000, renew: 2_000, deadline: 10_000, clock: Date.now };
/** The longest that somebody else's lease is honoured, whatever it says. */
const LONGEST = 60_000;
/** Stopping waits so long for work to end, and then so long for the lease to be given back. */
const STOP = { work: 3_000, release: 2_000 };
const LEASES: KubeResource = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };

export interface LeadershipOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** Name of the pod; a text of chance is added, because a container that starts again keeps its name. */
  readonly identity: string;
  readonly metrics: Pick<Metrics, 'leader'>;
  readonly log: Log;
  readonly timing?: Partial<LeaseTiming>;
}

/** A record as it was last seen to change, by the clock of this process alone. */
interface Observed {
  readonly text: string;
  readonly at: number;
}

/**
 * Seeks the lease until stopped (coordination.k8s.io/v1 Lease). Every write is made only over the version that was read, and whether a lease has run
 * out is told by how long its record has not changed, never by comparing clocks of two machines. Never throws.
 */
export function openLeadership(options: LeadershipOptions): Leadership {
  const timing = { ...TIMING, ...options.timing };
  const work = createLeadingWork(options.log);
  const stopping = new AbortController();
  const candidate = createCandidate(options, timing);
  const term = createTerm(options, { begin: () => work.begin(), end: () => work.end() });
  const say = failureTeller(options);
  const running = seek({ candidate, term, timing, say, signal: stopping.signal });
  const stop = async () => {
    stopping.abort();
    term.end('Lease is given back');
    await running;
    // Whoever leads next must not find our work under way; the lease then runs out by itself.
    if (!(await work.settled(STOP.work))) return say(new Error('Work of the leader did not end in time, so the lease is not given back'));
    const deadline = startDeadline(STOP.release);
    await candidate.release(deadline.signal).catch(say);
    deadline.end();
  };
  let stopped: Promise<void> | null = null;
  return {
    get leading() {
      return term.holds;
    },
    whileLeading: (name, piece) => work.add(name, piece),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

interface Seeking {
  readonly candidate: ReturnType<typeof createCandidate>;
  readonly term: ReturnType<typeof createTerm>;
  readonly timing: LeaseTiming;
  readonly say: (error: unknown) => void;
  readonly signal: AbortSignal;
}

async function seek({ candidate, term, timing, say, signal }: Seeking): Promise<void> {
  while (!signal.aborted) {
    const deadline = startDeadline(timing.deadline / 2, signal);
    try {
      const until = await candidate.attempt(deadline.signal);
      if (signal.aborted) return;
      if (until === null) term.end('Lease is held by another process');
      else term.extend(until);
      say(null);
    } catch (error) {
      // Nothing is known: a term that runs goes on until its own end.
      if (!signal.aborted) say(error);
    } finally {
      deadline.end();
    }
    await wait(timing.renew * (0.9 + Math.random() / 5), signal);
  }
}

/** Gets, renews and gives back the lease. */
function createCandidate({ client, namespace, name, identity }: LeadershipOptions, timing: LeaseTiming) {
  const own = `${identity}_${randomUUID()}`;
  let held: KubeObject | null = null;
  let seen: Observed | null = null;

  const mayTake = (lease: KubeObject | null): boolean => {
    // One that was deleted under its holder is waited for as well.
    if (lease === null) return seen === null || runOut(seen, timing.duration);
    const { holder, duration } = recordOf(lease);
    if (holder === '' || holder === own) return true;
    const text = JSON.stringify([lease.metadata.uid, lease['spec']]);
    if (seen?.text !== text) seen = { text, at: performance.now() };
    return runOut(seen, Math.max(timing.duration, Math.min(duration, LONGEST)));
  };
  const write = async (lease: KubeObject | null, signal: AbortSignal): Promise<KubeObject> => {
    const now = microTime(timing.clock());
    const { spec, holder, transitions } = recordOf(lease);
    const renewed = { ...spec, holderIdentity: own, leaseDurationSeconds: Math.ceil(timing.duration / 1000), renewTime: now };
    const acquired = holder === own ? {} : { acquireTime: now, leaseTransitions: lease === null ? 0 : transitions + 1 };
    if (lease === null) return client.create(LEASES, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec: { ...renewed, ...acquired } }, signal);
    return client.replace(LEASES, { ...lease, spec: { ...renewed, ...acquired } }, signal);
  };
  return {
    identity: own,
    /** Milliseconds of performance.now until which nobody else can hold it; null: it is somebody else's. Throws where that is not known. */
    async attempt(signal: AbortSignal): Promise<number | null> {
      const begun = performance.now();
      for (let tries = 0; tries < 2; tries++) {
        const lease = held ?? (await client.get(LEASES, { namespace, name }, signal));
        held = null;
        if (!mayTake(lease)) return null;
        try {
          held = await write(lease, signal);
          return begun + timing.deadline;
        } catch (error) {
          // Somebody was faster; or an earlier write of our own was done whose answer was lost, so look once more.
          if (!isOutdated(error, lease)) throw error;
        }
      }
      return null;
    },
    async release(signal: AbortSignal): Promise<void> {
      const lease = await client.get(LEASES, { namespace, name }, signal);
      const { spec, holder } = recordOf(lease);
      if (lease === null || holder !== own) return;
      const { holderIdentity: _, ...rest } = spec;
      await client.replace(LEASES, { ...lease, spec: { ...rest, leaseDurationSeconds: 1, renewTime: microTime(timing.clock()) } }, signal);
    },
  };
}

/** A stretch of time in which this process leads. It ends by itself where it is not extended, even if no answer ever comes. */
function createTerm({ metrics, log, name }: LeadershipOptions, { begin, end }: { readonly begin: () => void; readonly end: () => void }) {
  let until: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  const term = {
    /** By the clock, not by the timer, which is late where the process stood still. */
    get holds(): boolean {
      return until !== null && performance.now() < until;
    },
    extend(to: number): void {
      clearTimeout(timer);
      const begins = until === null;
      until = to;
      timer = setTimeout(() => term.end('Lease could not be renewed in time'), Math.max(0, to - performance.now()));
      if (!begins) return;
      metrics.leader.set(1);
      log.info({ lease: name }, 'This process leads');
      begin();
    },
    end(why: string): void {
      clearTimeout(timer);
      if (until === null) return;
      until = null;
      metrics.leader.set(0);
      log.warn({ lease: name }, `This process no longer leads: ${why}`);
      end();
    },
  };
  metrics.leader.set(0);
  return term;
}

/** Says each failure once, however often it comes in a row; null: it is over. */
function failureTeller({ log, name }: LeadershipOptions): (error: unknown) => void {
  let last = '';
  return (error) => {
    const message = error instanceof Error ? error.message : error === null ? '' : 'unknown';
    if (message !== '' && message !== last) log.warn({ lease: name, error: message }, 'Lease could not be read or written');
    last = message;
  };
}

/** What a Lease says; anybody may have written it. */
function recordOf(lease: KubeObject | null): { readonly spec: Readonly<Record<string, unknown>>; readonly holder: string; readonly duration: number; readonly transitions: number } {
  const value = lease?.['spec'];
  const spec = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = spec;
  return {
    spec,
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    duration: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds * 1000 : 0,
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
  };
}

function runOut({ at }: Observed, duration: number): boolean {
  return performance.now() - at >= duration;
}

/** Whether a write failed because `lease` is no longer what is there. A creation that finds no place (404) is another matter. */
function isOutdated(error: unknown, lease: KubeObject | null): boolean {
  return error instanceof KubeError && (error.status === 409 || (error.status === 404 && lease !== null));
}
