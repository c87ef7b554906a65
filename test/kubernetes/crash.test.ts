import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Tally } from './load.ts';
import { canRunKubernetes } from './namespace.ts';
import { pod } from './objects.ts';
import { startWorld, type World } from './world.ts';

const REVIEWS = 10_000;
const PODS = '/api/v1/namespaces/shop/pods';

describe.skipIf(!canRunKubernetes())('replicas that are killed at any moment', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ values: { audit: { intervalSeconds: 0 }, workers: 1 } });
  });
  afterAll(() => world?.stop());

  test('let nothing through that should be refused, in ten thousand reviews', async () => {
    // What has been judged before, and what nobody has seen: both sides of every cache.
    const fresh = { spawn: Array.from({ length: 300 }, () => world.artifacts.fresh('spawn')), pure: Array.from({ length: 300 }, () => world.artifacts.fresh('pure')) };
    let done = false;
    const killing = kill(world, () => done);
    const tally: Tally = await load(world.plane, {
      count: REVIEWS,
      concurrency: 12,
      next: (number) => {
        const kind = number % 2 === 0 ? 'spawn' : 'pure';
        const image = number % 5 === 0 ? fresh[kind][(number / 2 | 0) % 300]! : world.artifacts.pinned(kind);
        return { path: PODS, object: pod(`pod-${number}`, 'shop', image), expected: kind === 'spawn' ? 'deny' : 'allow' };
      },
    });
    done = true;
    const kills = await killing;
    expect(tally.wronglyAllowed).toEqual([]);
    expect(tally.wronglyDenied).toEqual([]);
    expect(tally.unanswered).toEqual([]);
    expect(tally.right + tally.failed.length).toBe(REVIEWS);
    // Many are answered, and the kills were there to be felt.
    expect(tally.right).toBeGreaterThan(REVIEWS / 2);
    expect(tally.failed.length).toBeGreaterThan(0);
    expect(kills).toBeGreaterThan(3);
    console.log(`${tally.right} reviews answered rightly, ${tally.failed.length} unanswered, in ${kills} kills`);
  }, 1_200_000);
});

/** Kills one replica after another at random moments and starts a new one for each; now and then all of them. Gives how many were killed. */
async function kill({ gate }: World, done: () => boolean): Promise<number> {
  let kills = 0;
  while (!done()) {
    await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 3_000));
    const victims = Math.random() < 0.2 ? [...gate.replicas] : [...gate.replicas].slice(0, 1);
    for (const victim of victims) await gate.drop(victim);
    kills += victims.length;
    // Its endpoint is still there for a while, as that of a node that died.
    for (const _ of victims) await gate.startReplica();
    await gate.route();
  }
  return kills;
}
