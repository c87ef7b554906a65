import type { KubeClient } from '../kube/api.ts';
import type { Log } from '../log.ts';
import type { ServingPair } from '../serving-pair.ts';
import { type Authority, createAuthority, issueServing } from './authority.ts';
import { type Bundles, readBundles, writeBundles } from './ca-bundle.ts';
import { type Certificate, isIssuedBy, readAuthority, readServing } from './certificate.ts';
import { nextStep, type RotationTiming, type Step } from './rotation.ts';
import { type CertificateState, type ReadState, readState, type SecretPlace, writeState } from './secret.ts';

/** Two clocks: the wall's dates certificates, the other one measures waits and never jumps. Milliseconds. */
export interface CertificateClock {
  readonly now: () => number;
  readonly monotonic: () => number;
}

export interface KeeperOptions {
  readonly client: KubeClient;
  readonly secret: SecretPlace;
  /** Name of the webhook configurations. */
  readonly webhookConfiguration: string;
  /** DNS names of the serving pair. */
  readonly names: readonly string[];
  readonly timing: RotationTiming;
  readonly clock: CertificateClock;
  readonly log: Log;
  /** Called with every pair taken up. */
  onPair(pair: ServingPair, certificate: Certificate): void;
}

/** One replica's share of the work, a step at a time. */
export interface Keeper {
  /** The pair being served; null: none yet. */
  readonly serving: ServingPair | null;
  /** Reads what is stored, takes up a new pair where that is safe and, given a signal, goes one step further as the leader. `moved`: there may be more to do at once. Throws KubeError. */
  tick(leading: AbortSignal | null): Promise<'moved' | 'lost-a-race' | 'still'>;
}

interface Served {
  readonly pair: ServingPair;
  readonly certificate: Certificate;
}

/** A keeper that has seen nothing yet. */
export function createKeeper(options: KeeperOptions): Keeper {
  const { client, clock } = options;
  const trusted = createStopwatch(clock);
  const signing = createStopwatch(clock);
  let served: Served | null = null;
  return {
    get serving() {
      return served?.pair ?? null;
    },
    tick: async (leading) => {
      const signal = leading ?? undefined;
      // Bundles first: a step is then taken only if they still are as they were before the state was read.
      const bundles = await readBundles(client, options.webhookConfiguration, signal);
      const state = await readState(client, options.secret, signal);
      trusted.see(bundles.trusted);
      const offered = offeredPair(state, options.names);
      signing.see(offered === null ? [] : [offered.authority.fingerprint]);
      if (offered !== null && offered.pair.certificate !== served?.pair.certificate && mayServe(offered, { served, bundles, trustedFor: trusted.elapsed, options })) {
        served = offered;
        options.onPair(served.pair, served.certificate);
      }
      if (leading === null || leading.aborted) return 'still';
      const step = nextStep({ bundles, state, now: clock.now(), trustedFor: trusted.elapsed, servedFor: signing.elapsed }, options);
      return step === null ? 'still' : await take(step, { options, state, bundles, signal: leading }) ? 'moved' : 'lost-a-race';
    },
  };
}

/** A pair that its authority in the same Secret has signed; anything else there is never served. */
function offeredPair({ authority, pair }: ReadState, names: readonly string[]): Served & { readonly authority: Certificate } | null {
  if (authority === null || pair === null) return null;
  const issuer = readAuthority(authority);
  const certificate = readServing(pair, names);
  return issuer !== null && certificate !== null && isIssuedBy(certificate, issuer) ? { pair, certificate, authority: issuer } : null;
}

/**
 * Whether a pair takes the place of the one being served: only what the bundles trust, so that not even a Secret brought back
 * from a backup makes the API server refuse us. What is trusted no longer, or has run out, is worth no wait.
 */
function mayServe({ authority }: { readonly authority: Certificate }, { served, bundles, trustedFor, options }: { readonly served: Served | null; readonly bundles: Bundles; readonly trustedFor: (fingerprint: string) => number; readonly options: KeeperOptions }): boolean {
  if (served === null || !bundles.exist || trustedFor(authority.fingerprint) >= options.timing.propagation) return true;
  const worthless = served.certificate.notAfter <= options.clock.now() || !bundles.all.some((issuer) => bundles.trusted.has(issuer.fingerprint) && isIssuedBy(served.certificate, issuer));
  return worthless && bundles.trusted.has(authority.fingerprint);
}

async function take(step: Step, { options, state, bundles, signal }: { readonly options: KeeperOptions; readonly state: ReadState; readonly bundles: Bundles; readonly signal: AbortSignal }): Promise<boolean> {
  const { client, log, secret } = options;
  const done = step.kind === 'bundle'
    ? await writeBundles(client, bundles, { ...step, signal })
    : await writeState(client, secret, { read: state, state: await stateAfter(step.kind, state, options), signal });
  if (done) log.info({ step: step.kind }, 'A step of looking after the certificates is done');
  return done;
}

async function stateAfter(kind: Exclude<Step['kind'], 'bundle'>, { authority, next, previous, pair }: CertificateState, { names, clock }: KeeperOptions): Promise<CertificateState> {
  const now = clock.now();
  if (kind === 'new-authority') return { authority, next: await createAuthority(now), previous, pair };
  if (kind === 'new-pair') return { authority, next, previous, pair: await issueServing(authority!, names, now) };
  if (kind === 'switch') return { authority: next, next: null, previous: withOld(authority, previous), pair: await issueServing(next!, names, now) };
  return { authority, next, previous: [], pair };
}

function withOld(authority: Authority | null, previous: readonly Certificate[]): readonly Certificate[] {
  const old = authority === null ? null : readAuthority(authority);
  return old === null ? previous : [old, ...previous];
}

interface Stopwatch {
  readonly see: (present: Iterable<string>) => void;
  /** Milliseconds since a name was first seen without having been missed; 0: it is not there. */
  readonly elapsed: (name: string) => number;
}

function createStopwatch({ monotonic }: CertificateClock): Stopwatch {
  let since = new Map<string, number>();
  return {
    see: (present) => {
      since = new Map([...present].map((name) => [name, since.get(name) ?? monotonic()]));
    },
    elapsed: (name) => monotonic() - (since.get(name) ?? monotonic()),
  };
}
