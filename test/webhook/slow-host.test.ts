import { afterAll, expect, test } from 'vitest';
import { dripping, on } from '../registry/faults.ts';
import { putInto } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry } from '../registry/server.ts';
import { carrierTo, level, openBench } from '../support/examiner.ts';
import { watToWasm } from '../support/wat.ts';

const slow = await startRegistry();
const good = await startRegistry();
const bench = await openBench([slow, good], { workers: 1 });
afterAll(async () => {
  await bench.close();
  await slow.close();
  await good.close();
});

test('a registry that drips keeps no other one waiting', async () => {
  for (const index of [1, 2, 3]) putInto(slow, `slow/app-${index}`, 'v1', wasmArtifact(watToWasm(`(module (func (export "s${index}")))`)));
  putInto(good, 'good/app', 'v1', wasmArtifact(watToWasm('(module (func (export "g")))')));
  slow.faults.push(on('GET', /\/blobs\//, dripping(1, 2_000)));
  const asked = [1, 2, 3].map((index) => bench.entries(carrierTo(`${slow.host}/slow/app-${index}:v1`), { policies: [level('baseline')], deadline: Date.now() + 5_000 }));
  const [entry] = await bench.entries(carrierTo(`${good.host}/good/app:v1`), { policies: [level('baseline')], deadline: Date.now() + 20_000 });
  expect([entry!.verdict, entry!.failure]).toEqual(['warn', null]);
  expect((await Promise.all(asked)).map(([one]) => one!.failure?.code)).toEqual(['deadline', 'deadline', 'deadline']);
});
