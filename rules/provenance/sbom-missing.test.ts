import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['sbom-missing'];

test('a list that cargo auditable wrote is enough', async () => {
  const list = deflateSync(JSON.stringify({ packages: [{ name: 'app', version: '0.1.0', source: 'local', kind: 'runtime', root: true }, { name: 'regex', version: '1.11.0', source: 'crates.io', kind: 'runtime' }] }));
  const text = [...list].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  expect(await findingsOf(watToWasm(`(module (@custom ".dep-v0" "${text}"))`), { rules })).toEqual([]);
});

test('a damaged list is none', async () => {
  expect((await findingsOf(watToWasm('(module (@custom ".dep-v0" "nothing"))'), { rules })).map(({ subject }) => subject)).toEqual(['sbom']);
});

test('native code is not asked for one', async () => {
  expect(await findingsOf(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), { rules })).toEqual([]);
});
