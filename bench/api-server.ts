// Pods created through a real API server, with the chart installed and without it, on loopback: what a user of the cluster waits longer.
// npm run bench:api-server [-- --seconds N]   Needs: npm run build, and the programs of test/kubernetes/build-tools.sh.
import { parseArgs } from 'node:util';
import type { Artifacts } from '../test/kubernetes/artifacts.ts';
import type { ControlPlane } from '../test/kubernetes/control-plane.ts';
import { pod } from '../test/kubernetes/objects.ts';
import { startWorld } from '../test/kubernetes/world.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const CLIENTS = [1, 20, 50];

console.log('| pods created as dry runs | clients | pods/s | p50 ms | p99 ms | failed |\n|---|---:|---:|---:|---:|---:|');
const world = await startWorld({
  values: { audit: { intervalSeconds: 0 }, workers: 2 },
  before: async (plane, artifacts) => {
    await measure(plane, artifacts, 'no webhook', 4);
    for (const clients of CLIENTS) row('no webhook', clients, await measure(plane, artifacts, 'no webhook', clients));
  },
});
try {
  await measure(world.plane, world.artifacts, 'warm', 20);
  for (const clients of CLIENTS) row('wasmgate, known digest', clients, await measure(world.plane, world.artifacts, 'wasmgate', clients));
} finally {
  await world.stop();
}

interface Measured { readonly times: readonly number[]; readonly failed: number; readonly seconds: number }

async function measure({ api }: ControlPlane, artifacts: Artifacts, name: string, clients: number): Promise<Measured> {
  const image = artifacts.pinned('pure');
  const times: number[] = [];
  let failed = 0;
  const began = performance.now();
  const until = began + Number(values.seconds) * 1_000;
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    for (let number = 0; performance.now() < until; number++) {
      const sent = performance.now();
      const { status } = await api.post('/api/v1/namespaces/shop/pods?dryRun=All', pod(`${name.replaceAll(/\W/g, '-')}-${client}-${number}`, 'shop', image));
      times.push(performance.now() - sent);
      if (status !== 201) failed++;
    }
  }));
  return { times: times.toSorted((a, b) => a - b), failed, seconds: (performance.now() - began) / 1_000 };
}

function row(name: string, clients: number, { times, failed, seconds }: Measured): void {
  const at = (share: number): string => times[Math.floor((times.length - 1) * share)]!.toFixed(1);
  console.log(`| ${name} | ${clients} | ${(times.length / seconds).toFixed(0)} | ${at(0.5)} | ${at(0.99)} | ${failed} |`);
}
