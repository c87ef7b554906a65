import { expect, test } from 'vitest';
import { ODDITY_IDS, type Packaging } from '../../scanner/packaging.ts';
import { findingsOf, findingsUnopened } from '../../test/support/findings.ts';
import { packagingOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const baseline = { kind: 'level', name: 'baseline' } as const;
const module = watToWasm('(module)');
const component = watToWasm('(component)');
const severities = async (rule: string, bytes: Uint8Array, over: Partial<Packaging>): Promise<string[]> =>
  (await findingsOf(bytes, { rules: [rule], policy: baseline, packaging: packagingOf(over) })).map(({ severity }) => severity);

test.each<[string, Uint8Array, Partial<Packaging>, string[]]>([
  ['a module as one', module, { form: 'image', platform: 'wasip1/wasm' }, []],
  ['a component as a module', component, { form: 'image', platform: 'wasip1/wasm' }, ['warning']],
  ['a module as a component', module, { form: 'image', platform: 'WASIP2/wasm' }, ['warning']],
  ['a form that always says wasip1', component, { form: 'spin-application', platform: 'Wasip1/wasm' }, ['note']],
  ['Wasm for a processor', module, { form: 'image', platform: 'wasip1/amd64' }, ['warning']],
  ['Linux that starts Wasm', module, { form: 'image', platform: 'linux/amd64', entryPoint: true }, ['note']],
  ['Linux with Wasm inside', module, { form: 'image', platform: 'linux/amd64', entryPoint: false }, []],
  ['no platform', module, { form: 'image', platform: null, entryPoint: true }, []],
])('platform: %s', async (_name, bytes, over, expected) => {
  expect(await severities('oci-platform-mismatch', bytes, over)).toEqual(expected);
});

test('what the config of the layout says is left to its own rule', async () => {
  const claims = { mediaType: 'application/vnd.wasm.config.v0+json', os: 'wasip2', architecture: 'wasm', layerDigests: null, imports: null, exports: null, target: null };
  expect(await severities('oci-platform-mismatch', module, { platform: 'wasip2/wasm', claims })).toEqual([]);
  expect(await severities('oci-config-mismatch', module, { platform: 'wasip2/wasm', claims })).toEqual(['warning']);
});

const natives = [{ path: 'bin/helper', title: 'ELF executable or library' }];
test.each<[string, Partial<Packaging>, string[]]>([
  ['an image for Wasm', { form: 'image', platform: 'wasi/wasm', natives }, ['error']],
  ['a plug-in package', { form: 'helm-plug-in', natives }, ['error']],
  ['a provider', { form: 'wasmcloud-provider', natives }, ['warning']],
  ['an ordinary image', { form: 'image', platform: 'linux/amd64', natives }, []],
  ['an image without platform', { form: 'image', natives }, []],
  ['nothing native', { form: 'helm-plug-in' }, []],
])('native code: %s', async (_name, over, expected) => {
  expect(await severities('oci-native-payload', module, over)).toEqual(expected);
});

test('oddities are graded by whether a careless build explains them', async () => {
  const oddities = (['digest-disagrees', 'lying-size', 'path-trick', 'several-modules', 'decompression-bomb', 'several-layers', 'wrong-layer-type', 'platform-disagrees'] as const satisfies typeof ODDITY_IDS[number][]).map((id) => ({ id, message: `Oddity ${id}` }));
  const of = async (rule: string): Promise<string[]> => (await findingsOf(module, { rules: [rule], policy: baseline, packaging: packagingOf({ oddities }) })).map(({ subject, severity }) => `${subject} ${severity}`).sort();
  expect(await of('oci-package-oddity')).toEqual(['digest-disagrees error', 'lying-size error', 'path-trick warning', 'several-modules warning']);
  expect(await of('oci-decompression-bomb')).toEqual(['decompression-bomb error']);
  expect(oddities.map(({ id }) => id).sort()).toEqual([...ODDITY_IDS].sort());
  expect(await of('oci-platform-mismatch')).toEqual(['platform-disagrees warning']);
  expect(await of('oci-config-mismatch')).toEqual(['several-layers error', 'wrong-layer-type error']);
});

test('they are found where the bytes could not be had', async () => {
  const packaging = packagingOf({ form: 'image', oddities: [{ id: 'decompression-bomb', message: 'Layer 1 grows beyond its bounds' }, { id: 'lying-size', message: 'Layer 2 is longer than it says' }] });
  expect((await findingsUnopened({ packaging })).map(({ rule }) => rule)).toEqual(expect.arrayContaining(['oci-decompression-bomb', 'oci-package-oddity']));
});
