import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryKube, type MemoryKube } from '../../test/support/memory-kube.ts';
import { KubeError, type KubeObject, type KubeResource } from '../kube/api.ts';
import { SILENT } from '../log.ts';
import type { ServingPair } from '../serving-pair.ts';
import { createAuthority, issueServing } from './authority.ts';
import { readBundles, writeBundles } from './ca-bundle.ts';
import { isIssuedBy, readCertificates } from './certificate.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { readState, SECRETS, writeState } from './secret.ts';
import { servingNames } from './self-managed.ts';

const GROUP = { group: 'admissionregistration.k8s.io', version: 'v1' };
const VALIDATING: KubeResource = { ...GROUP, resource: 'validatingwebhookconfigurations' };
const MUTATING: KubeResource = { ...GROUP, resource: 'mutatingwebhookconfigurations' };
const SECRET = { namespace: 'gate', name: 'wasmgate-certificates' };
const NAMES = servingNames('wasmgate', 'gate');
const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const TIMING = { propagation: 30 * SECOND, settle: 600 * SECOND };
/** A bundle reaches some API servers this much later than others. */
const LAG = 25 * SECOND;
const LEADING = new AbortController().signal;

interface World {
  readonly kube: MemoryKube;
  readonly clock: { time: number };
  readonly keepers: readonly Keeper[];
  /** Every bundle that was ever in force, and until when. */
  readonly bundles: { readonly webhook: string; readonly text: string; until: number }[];
  readonly pairs: ServingPair[];
}

function createWorld(replicas: number): World {
  const kube = createMemoryKube();
  const clock = { time: Date.parse('2026-12-01T00:00:00Z') };
  const pairs: ServingPair[] = [];
  const world: World = { kube, clock, pairs, bundles: [], keepers: Array.from({ length: replicas }, () => newKeeper(kube, clock, pairs)) };
  for (const resource of [VALIDATING, MUTATING]) {
    kube.store.follow(kube.store.version, ({ place, object }) => place.endsWith(resource.resource) && note(world, resource, object));
    kube.store.put(resource, configuration('wasmgate'));
  }
  return world;
}

function newKeeper(client: MemoryKube, clock: { time: number }, pairs: ServingPair[]): Keeper {
  return createKeeper({
    client, secret: SECRET, webhookConfiguration: 'wasmgate', names: NAMES, timing: TIMING, log: SILENT,
    clock: { now: () => clock.time, monotonic: () => clock.time },
    onPair: (pair) => void pairs.push(pair),
  });
}

function configuration(name: string): KubeObject {
  const webhooks = ['pods', 'custom'].map((part) => ({ name: `${part}.wasmgate.dev`, clientConfig: { service: { name: 'wasmgate', namespace: 'gate' } } }));
  return { kind: 'Configuration', metadata: { name }, webhooks };
}

function note({ bundles, clock }: World, { resource }: KubeResource, object: KubeObject): void {
  for (const { name, clientConfig } of object['webhooks'] as readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[]) {
    const webhook = `${resource} ${name}`;
    const text = Buffer.from(clientConfig.caBundle ?? '', 'base64').toString();
    const last = bundles.findLast((one) => one.webhook === webhook);
    if (last?.text === text) continue;
    if (last) last.until = clock.time;
    bundles.push({ webhook, text, until: Infinity });
  }
}

/** Whoever trusts a bundle that is in force, or was until a moment ago, accepts what is served; a bundle with nobody in it accepts nothing anyway. */
function expectAccepted({ keepers, bundles, clock }: World): void {
  for (const { serving } of keepers) {
    if (serving === null) continue;
    for (const { webhook, text, until } of bundles) {
      if (text === '' || until < clock.time - LAG) continue;
      expect(accepts(text, serving.certificate), `${webhook} at ${clock.time}`).toBe(true);
    }
  }
}

const accepted = new Map<string, boolean>();

function accepts(bundle: string, certificate: string): boolean {
  const key = bundle + certificate;
  const answer = accepted.get(key) ?? readCertificates(bundle).some((authority) => isIssuedBy(readCertificates(certificate)[0]!, authority));
  accepted.set(key, answer);
  return answer;
}

async function run(world: World, duration: number, { step = 10 * SECOND, leader = 0 } = {}): Promise<void> {
  for (const end = world.clock.time + duration; world.clock.time < end; world.clock.time += step) {
    for (const [index, keeper] of world.keepers.entries()) {
      for (let more = true; more;) {
        more = await keeper.tick(index === leader ? LEADING : null) === 'moved';
        expectAccepted(world);
      }
    }
  }
}

function inForce({ kube }: World, resource = VALIDATING, index = 0): readonly string[] {
  const webhooks = kube.store.get(resource, { name: 'wasmgate' })!['webhooks'] as readonly { readonly clientConfig: { readonly caBundle?: string } }[];
  return readCertificates(Buffer.from(webhooks[index]!.clientConfig.caBundle ?? '', 'base64').toString()).map(({ parsed }) => parsed.subject);
}

function secretKeys({ kube }: World): readonly string[] {
  return Object.keys(kube.store.get(SECRETS, SECRET)?.['data'] as object).sort();
}

function setSecret({ kube }: World, change: (data: Record<string, string>) => Record<string, string>): void {
  const object = kube.store.get(SECRETS, SECRET)!;
  kube.store.put(SECRETS, { ...object, data: change(object['data'] as Record<string, string>) });
}

describe('an installation', () => {
  test('needs no wait: one pair, trusted by every webhook of both configurations', async () => {
    const world = createWorld(3);
    await run(world, 20 * SECOND);
    expect(new Set(world.keepers.map(({ serving }) => serving?.certificate)).size).toBe(1);
    expect(world.keepers[0]!.serving).not.toBeNull();
    for (const resource of [VALIDATING, MUTATING]) for (const index of [0, 1]) expect(inForce(world, resource, index)).toHaveLength(1);
    expect(secretKeys(world)).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
  });

  test('writes nothing once it is done', async () => {
    const world = createWorld(2);
    await run(world, 60 * SECOND);
    const { version } = world.kube.store;
    await run(world, 3_600 * SECOND, { step: 60 * SECOND });
    expect(world.kube.store.version).toBe(version);
  });

  test('fills a Secret that is there empty, and keeps what others wrote on it', async () => {
    const world = createWorld(1);
    world.kube.store.put(SECRETS, { kind: 'Secret', metadata: { ...SECRET, labels: { team: 'one' } }, type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } });
    await run(world, 20 * SECOND);
    expect(world.keepers[0]!.serving).not.toBeNull();
    expect(world.kube.store.get(SECRETS, SECRET)).toMatchObject({ type: 'kubernetes.io/tls', metadata: { labels: { team: 'one' } } });
  });

  test('goes on where no configuration exists yet, and never makes one', async () => {
    const world = createWorld(1);
    for (const resource of [VALIDATING, MUTATING]) world.kube.store.remove(resource, { name: 'wasmgate' });
    await run(world, 20 * SECOND);
    expect(world.keepers[0]!.serving).not.toBeNull();
    expect(world.kube.store.get(VALIDATING, { name: 'wasmgate' })).toBeNull();
    world.kube.store.put(VALIDATING, configuration('wasmgate'));
    await run(world, 20 * SECOND);
    expect(inForce(world)).toHaveLength(1);
  });
});

describe('a rotation', () => {
  test('of the pair comes in the last third of its life, by the same authority', async () => {
    const world = createWorld(2);
    await run(world, 20 * SECOND);
    const [authority] = inForce(world);
    await run(world, 19 * DAY, { step: DAY });
    expect(world.pairs).toHaveLength(2);
    await run(world, 3 * DAY, { step: 0.5 * DAY });
    expect(world.pairs).toHaveLength(4);
    expect(inForce(world)).toEqual([authority]);
  });

  test('of the authority trusts the new one, waits, switches, waits, and drops the old one', async () => {
    const world = createWorld(2);
    await run(world, 20 * SECOND);
    const [old] = inForce(world);
    world.clock.time += 250 * DAY;
    const seen: { time: number; names: number; keys: string; servedByOld: boolean }[] = [];
    const start = world.clock.time;
    for (let round = 0; round < 90; round++) {
      await run(world, 10 * SECOND);
      const servedByOld = readCertificates(world.keepers[1]!.serving!.certificate)[0]!.parsed.issuer === old;
      const now = { time: (world.clock.time - start) / SECOND, names: inForce(world).length, keys: secretKeys(world).filter((key) => /next|previous/.test(key)).join(), servedByOld };
      if (JSON.stringify({ ...now, time: 0 }) !== JSON.stringify({ ...seen.at(-1), time: 0 })) seen.push(now);
    }
    expect(seen.map(({ names, keys, servedByOld }) => ({ names, keys, servedByOld }))).toEqual([
      { names: 2, keys: 'next-ca.crt,next-ca.key', servedByOld: true },
      { names: 2, keys: 'previous-ca.crt', servedByOld: false },
      { names: 1, keys: '', servedByOld: false },
    ]);
    expect(seen[1]!.time - seen[0]!.time).toBeGreaterThanOrEqual(30);
    expect(seen[2]!.time - seen[1]!.time).toBeGreaterThanOrEqual(590);
    expect(inForce(world)).not.toContain(old);
  });

  test('leaves the old authority to renew pairs while the bundles cannot be written', async () => {
    const world = createWorld(1);
    await run(world, 20 * SECOND);
    world.clock.time += 250 * DAY;
    world.kube.before = ({ verb }) => {
      if (verb === 'jsonPatch') throw new KubeError('Forbidden', { status: 403, reason: 'Forbidden' });
    };
    for (let round = 0; round < 3; round++) await world.keepers[0]!.tick(LEADING).catch(() => {});
    const [leaf] = readCertificates(world.keepers[0]!.serving!.certificate);
    expect(leaf!.notAfter).toBeGreaterThan(world.clock.time + 20 * DAY);
    expectAccepted(world);
  });
});

describe('what others do', () => {
  test('an overwritten bundle is put right at the next look', async () => {
    const world = createWorld(2);
    await run(world, 20 * SECOND);
    const before = inForce(world);
    world.kube.store.put(VALIDATING, configuration('wasmgate'));
    await run(world, 10 * SECOND);
    expect(inForce(world)).toEqual(before);
    expect(world.pairs).toHaveLength(2);
  });

  test('a webhook that an upgrade adds or moves gets its bundle by its name', async () => {
    const world = createWorld(1);
    await run(world, 20 * SECOND);
    const object = world.kube.store.get(VALIDATING, { name: 'wasmgate' })!;
    world.kube.store.put(VALIDATING, { ...object, webhooks: [{ name: 'new.wasmgate.dev', clientConfig: {} }, ...(object['webhooks'] as readonly unknown[])] });
    await run(world, 10 * SECOND);
    expect(inForce(world, VALIDATING, 0)).toHaveLength(1);
    expect(inForce(world, VALIDATING, 2)).toHaveLength(1);
  });

  test('a bundle overwritten in the midst of a rotation gets the old authority back too', async () => {
    const world = createWorld(2);
    await run(world, 20 * SECOND);
    const [old] = inForce(world);
    world.clock.time += 250 * DAY;
    await run(world, 20 * SECOND);
    for (const step of ['next-ca.crt', 'previous-ca.crt']) {
      while (!secretKeys(world).includes(step)) await run(world, 10 * SECOND);
      world.kube.store.put(VALIDATING, configuration('wasmgate'));
      await run(world, 10 * SECOND);
      expect(inForce(world)).toHaveLength(2);
      expect(inForce(world)).toContain(old);
    }
  });

  test('an authority that somebody added is trusted no longer than the wait', async () => {
    const world = createWorld(1);
    await run(world, 20 * SECOND);
    const own = inForce(world);
    const foreign = await createAuthority(world.clock.time);
    const object = world.kube.store.get(VALIDATING, { name: 'wasmgate' })!;
    const webhooks = (object['webhooks'] as readonly { readonly clientConfig: { readonly caBundle: string } }[]).map((webhook) => ({ ...webhook, clientConfig: { caBundle: Buffer.from(Buffer.from(webhook.clientConfig.caBundle, 'base64').toString() + foreign.certificate).toString('base64') } }));
    world.kube.store.put(VALIDATING, { ...object, webhooks });
    await run(world, 700 * SECOND);
    expect(inForce(world)).toEqual(own);
  });

  test('a deleted Secret is made anew in the safe order, while everybody serves on', async () => {
    const world = createWorld(3);
    await run(world, 20 * SECOND);
    const [old] = inForce(world);
    world.kube.store.remove(SECRETS, SECRET);
    await run(world, 20 * SECOND, { leader: 1 });
    expect(inForce(world)).toHaveLength(2);
    expect(world.pairs).toHaveLength(3);
    await run(world, 900 * SECOND, { leader: 1, step: 25 * SECOND });
    expect(inForce(world)).toHaveLength(1);
    expect(inForce(world)).not.toContain(old);
    expect(new Set(world.keepers.map(({ serving }) => serving?.certificate)).size).toBe(1);
  });

  test.each(['ca.crt', 'ca.key', 'tls.crt', 'tls.key'])('a damaged %s is replaced without anybody being refused', async (key) => {
    for (const damage of ['', 'AAAA', Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----').toString('base64')]) {
      const world = createWorld(2);
      await run(world, 20 * SECOND);
      setSecret(world, (data) => ({ ...data, [key]: damage }));
      await run(world, 900 * SECOND, { step: 25 * SECOND });
      expect(secretKeys(world)).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
      expect(inForce(world)).toHaveLength(1);
      expect(world.pairs.length).toBeGreaterThanOrEqual(4);
    }
  });

  test('a pair of another authority in the Secret is never served', async () => {
    const world = createWorld(2);
    await run(world, 20 * SECOND);
    const foreign = await issueServing(await createAuthority(world.clock.time), NAMES, world.clock.time);
    setSecret(world, (data) => ({ ...data, 'tls.crt': Buffer.from(foreign.certificate).toString('base64'), 'tls.key': Buffer.from(foreign.key).toString('base64') }));
    await run(world, 60 * SECOND);
    expect(world.pairs.map(({ certificate }) => certificate)).not.toContain(foreign.certificate);
  });

  test('a Secret brought back from a backup is trusted before it is served', async () => {
    const world = createWorld(2);
    await run(world, 20 * SECOND);
    const backup = world.kube.store.get(SECRETS, SECRET)!['data'];
    world.kube.store.remove(SECRETS, SECRET);
    await run(world, 900 * SECOND, { step: 25 * SECOND });
    setSecret(world, () => backup as Record<string, string>);
    await run(world, 900 * SECOND, { step: 25 * SECOND });
    expect(inForce(world)).toHaveLength(1);
    expect(Buffer.from((backup as Record<string, string>)['tls.crt']!, 'base64').toString()).toBe(world.keepers[1]!.serving!.certificate);
  });

  test('of two leaders at once one wins, and nothing is mixed', async () => {
    const world = createWorld(2);
    for (let round = 0; round < 12; round++) {
      await Promise.all(world.keepers.map((keeper) => keeper.tick(LEADING)));
      expectAccepted(world);
      world.clock.time += 10 * SECOND;
    }
    expect(new Set(world.keepers.map(({ serving }) => serving?.certificate)).size).toBe(1);
    expect(inForce(world)).toHaveLength(1);
  });
});

describe('a write that comes too late', () => {
  test('leaves a bundle that has changed as it is', async () => {
    const world = createWorld(1);
    await run(world, 20 * SECOND);
    const [wanted] = readCertificates((await createAuthority(world.clock.time)).certificate);
    const bundles = await readBundles(world.kube, 'wasmgate');
    world.kube.store.put(VALIDATING, { ...world.kube.store.get(VALIDATING, { name: 'wasmgate' })!, other: 'change' });
    const before = inForce(world);
    expect(await writeBundles(world.kube, bundles, { wanted: [wanted!], others: 'dropped' })).toBe(false);
    expect(inForce(world)).toEqual(before);
    expect(inForce(world, MUTATING)).toEqual([wanted!.parsed.subject]);
  });

  test('leaves a Secret that has changed as it is', async () => {
    const { kube, clock } = createWorld(1);
    const first = await readState(kube, SECRET);
    const state = { ...first, next: await createAuthority(clock.time) };
    expect(await writeState(kube, SECRET, { read: first, state })).toBe(true);
    expect(await writeState(kube, SECRET, { read: first, state })).toBe(false);
    const second = await readState(kube, SECRET);
    expect(await writeState(kube, SECRET, { read: second, state: { ...second, authority: await createAuthority(clock.time) } })).toBe(true);
    const stored = kube.store.get(SECRETS, SECRET);
    expect(await writeState(kube, SECRET, { read: second, state })).toBe(false);
    expect(kube.store.get(SECRETS, SECRET)).toEqual(stored);
    kube.store.remove(SECRETS, SECRET);
    expect(await writeState(kube, SECRET, { read: second, state })).toBe(false);
  });
});

/** What may happen next in a cluster that nobody but us edits. */
type Event = { readonly kind: 'wait'; readonly seconds: number } | { readonly kind: 'tick'; readonly who: number; readonly leads: boolean; readonly dies: number } | { readonly kind: 'both' } | { readonly kind: 'delete' } | { readonly kind: 'restart'; readonly who: number };

const EVENTS: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('tick' as const), who: fc.nat(2), leads: fc.boolean(), dies: fc.oneof(fc.constant(Infinity), fc.nat(8)) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'both' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'delete' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), who: fc.nat(2) }) },
);

describe('in any order of events', () => {
  test('no client that trusts a bundle in force is ever shown a pair it refuses', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.array(EVENTS, { minLength: 20, maxLength: 80 }), async (events) => {
      const world = createWorld(3) as World & { keepers: Keeper[] };
      await run(world, 20 * SECOND);
      for (const event of events) await happen(world, event);
      world.kube.before = () => {};
      await run(world, 1_500 * SECOND, { step: 60 * SECOND });
      expect(inForce(world)).toHaveLength(1);
      expect(secretKeys(world)).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
      expect(new Set(world.keepers.map(({ serving }) => serving?.certificate)).size).toBe(1);
    }), { numRuns: 12 });
  });
});

async function happen(world: World & { keepers: Keeper[] }, event: Event): Promise<void> {
  const { kube, clock, keepers } = world;
  kube.before = () => {};
  if (event.kind === 'wait') clock.time += event.seconds * SECOND;
  else if (event.kind === 'delete') kube.store.remove(SECRETS, SECRET);
  else if (event.kind === 'both') await Promise.all(keepers.map((keeper) => keeper.tick(LEADING)));
  else if (event.kind === 'restart') keepers[event.who] = newKeeper(kube, clock, world.pairs);
  else {
    let left = event.dies;
    kube.before = () => {
      if (left-- <= 0) throw new KubeError('The connection was cut', { status: 0, reason: '' });
    };
    await keepers[event.who]!.tick(event.leads ? LEADING : null).catch(() => {});
  }
  // Replicas look every few seconds, whatever else happens.
  kube.before = () => {};
  if (event.kind === 'wait') for (const keeper of keepers) await keeper.tick(null);
  expectAccepted(world);
}
