import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { provenanceOf } from '../../test/support/surroundings.ts';
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

test('a list that holds nothing is one', async () => {
  const text = [...deflateSync('{"packages":[{"name":"app","version":"0.1.0","root":true}]}')].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  expect(await findingsOf(watToWasm(`(module (@custom ".dep-v0" "${text}"))`), { rules })).toEqual([]);
  const cut = [...deflateSync('{"packages":[]}').subarray(0, 9)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  expect(await findingsOf(watToWasm(`(module (@custom ".dep-v0" "${cut}"))`), { rules })).toHaveLength(1);
});

test('a bill of materials inside, or attested by somebody trusted, is enough', async () => {
  const json = JSON.stringify({ bomFormat: 'CycloneDX', components: [{ name: 'x', version: '1' }] }).replaceAll('"', '\\"');
  expect(await findingsOf(watToWasm(`(module (@custom "sbom" "${json}"))`), { rules })).toEqual([]);
  const attested = (status: 'trusted' | 'untrusted', predicateType: string) => findingsOf(watToWasm('(module)'), { rules, provenance: provenanceOf({ signatures: [{ status, predicateType }] }) });
  expect(await attested('trusted', 'https://spdx.dev/Document')).toEqual([]);
  expect(await attested('trusted', 'https://cyclonedx.org/bom/v1.6')).toEqual([]);
  expect(await attested('untrusted', 'https://spdx.dev/Document')).toHaveLength(1);
  expect(await attested('trusted', 'https://slsa.dev/provenance/v1')).toHaveLength(1);
});

test('says how many packages could be told all the same', async () => {
  const [found] = await findingsOf(watToWasm('(module (memory 1) (data (i32.const 0) "expat_2.7.3"))'), { rules });
  expect(found?.message).toBe('No list of dependencies stands in the binary; its texts name one package');
});
