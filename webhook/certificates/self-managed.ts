import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../kube/api.ts';
import type { Leadership } from '../leadership.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { CertificateSource, ServingPair } from '../serving-pair.ts';
import { type CertificateClock, createKeeper, type Keeper } from './keeper.ts';
import type { RotationTiming } from './rotation.ts';

export interface SelfManagedOptions {
  readonly client: KubeClient;
  readonly leadership: Leadership;
  /** Where the Secret and the Service stand. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly secret: string;
  /** Name of the Service, for the names in the certificate. */
  readonly service: string;
  /** Name of the validating and, if it exists, the mutating webhook configuration. */
  readonly webhookConfiguration: string;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock?: CertificateClock;
  readonly timing?: Partial<SelfManagedTiming>;
}

/** Milliseconds. */
export interface SelfManagedTiming extends RotationTiming {
  /** Between two looks at the Secret and the configurations; well below the waits of a rotation. */
  readonly poll: number;
  /** The same while no pair is there to serve. */
  readonly start: number;
}

/** A source of certificates that says whether it has one that is in force. */
export interface SelfManagedCertificates extends CertificateSource {
  readonly ready: boolean;
}

const TIMING: SelfManagedTiming = { poll: 10_000, start: 1_000, propagation: 30_000, settle: 600_000 };
const SYSTEM_CLOCK: CertificateClock = { now: () => Date.now(), monotonic: () => performance.now() };

/**
 * Certificates that the webhook looks after itself. Every replica serves the pair of one Secret; the leader makes and renews it, and
 * keeps the authority in the bundles of the webhook configurations. Deleting the Secret makes everything anew, in the safe order too.
 */
export function selfManagedCertificates(options: SelfManagedOptions): SelfManagedCertificates {
  const { client, log, metrics, namespace, service, clock = SYSTEM_CLOCK } = options;
  const timing = { ...TIMING, ...options.timing };
  const listeners: ((pair: ServingPair) => void)[] = [];
  const stopping = new AbortController();
  const nudge = createNudge();
  let leading: AbortSignal | null = null;
  let expiry = 0;
  const keeper = createKeeper({
    client, timing, clock, log,
    secret: { namespace, name: options.secret },
    webhookConfiguration: options.webhookConfiguration,
    names: servingNames(service, namespace),
    onPair: (pair, { notAfter }) => {
      expiry = notAfter;
      metrics.certificateExpiry.set(Math.floor(notAfter / 1_000));
      log.info({ expires: new Date(notAfter).toISOString() }, 'A serving certificate was taken up');
      for (const listener of listeners) listener(pair);
    },
  });
  options.leadership.whileLeading('certificates', async (signal) => {
    const mine = AbortSignal.any([signal, stopping.signal]);
    leading = mine;
    nudge.now();
    await aborted(mine);
    if (leading === mine) leading = null;
  });
  const report = createFaultLog(log);
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const outcome = await attempt(keeper, leading, report);
      if (outcome !== 'moved') await nudge.wait(keeper.serving === null || outcome === 'lost-a-race' ? timing.start : timing.poll, stopping.signal);
    }
  })();
  return {
    get ready() {
      return keeper.serving !== null && expiry > clock.now();
    },
    current: () => keeper.serving,
    onChange: (listener) => void listeners.push(listener),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** What a client may call the Service; the API server uses the name ending in `.svc`. The subject comes first and has at most 63 characters. */
export function servingNames(service: string, namespace: string): readonly string[] {
  return [service, `${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`, 'localhost'];
}

async function attempt(keeper: Keeper, leading: AbortSignal | null, report: (error: unknown) => void): Promise<'moved' | 'lost-a-race' | 'still' | 'failed'> {
  try {
    const outcome = await keeper.tick(leading);
    report(null);
    return outcome;
  } catch (error) {
    // A look that was ended because somebody else leads now is no fault.
    if (leading?.aborted !== true) report(error);
    return 'failed';
  }
}

/** Says a fault when it begins or changes, not at every attempt. */
function createFaultLog(log: Log): (error: unknown) => void {
  let last: string | null = null;
  return (error) => {
    const message = error === null ? null : error instanceof Error ? error.message : 'Something was thrown that is no error';
    if (message !== null && message !== last) log.warn({ error: message }, 'Certificates cannot be looked after now; the ones in use stay');
    last = message;
  };
}

/** A sleep that can be cut short. */
function createNudge(): { now(): void; wait(milliseconds: number, signal: AbortSignal): Promise<void> } {
  let current = new AbortController();
  return {
    now: () => current.abort(),
    wait: async (milliseconds, signal) => {
      await sleep(milliseconds, undefined, { signal: AbortSignal.any([current.signal, signal]), ref: false }).catch(() => {});
      if (current.signal.aborted) current = new AbortController();
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => void signal.addEventListener('abort', () => resolve(), { once: true }));
}
