import { describe, expect, test } from 'vitest';
import type { ConfigClaims } from '../../scanner/packaging.ts';
import { findingsOf } from '../../test/support/findings.ts';
import { packagingOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['oci-config-mismatch'];
const layer = `sha256:${'c'.repeat(64)}`;
const module = watToWasm('(module)');
const component = watToWasm(`(component
  (import "store" (implements "wasi:keyvalue/store@0.2.0") (instance (export "open" (func))))
  (import "wasi:io/poll@0.2.6" (instance (export "poll" (func))))
  (import "f" (func $f)) (instance $i (export "run" (func $f))) (export "wasi:cli/run@0.2.6" (instance $i)))`);

const whole: ConfigClaims = {
  mediaType: 'application/vnd.wasm.config.v0+json', os: 'wasip2', architecture: 'wasm', layerDigests: [layer],
  imports: ['wasi:keyvalue/store@0.2.0', 'wasi:io/poll@0.2.0', 'f'], exports: ['wasi:cli/run@0.2.0'], target: 'wasi:cli/command@0.2.0',
};

async function subjects(bytes: Uint8Array, over: Partial<ConfigClaims>): Promise<unknown[]> {
  const found = await findingsOf(bytes, { rules, packaging: packagingOf({ claims: { ...whole, ...over } }), policy: { kind: 'level', name: 'baseline' } });
  return found.map(({ subject, severity }) => `${subject} ${severity}`).sort();
}

test('what the config says of itself holds', async () => {
  expect(await subjects(component, {})).toEqual([]);
  expect(await subjects(module, { os: 'wasip1', imports: null, exports: null, target: null })).toEqual([]);
});

describe('each claim is compared', () => {
  test.each<[string, Partial<ConfigClaims>, string[]]>([
    ['another kind', { os: 'wasip1' }, ['os warning']],
    ['another architecture', { architecture: 'amd64' }, ['architecture warning']],
    ['another layer', { layerDigests: [`sha256:${'e'.repeat(64)}`] }, ['layer-digest error']],
    ['one layer too many', { layerDigests: [layer, layer] }, ['layer-count error']],
    ['an import left out', { imports: ['wasi:keyvalue/store', 'f'] }, ['imports warning']],
    ['an import of another version', { imports: ['wasi:keyvalue/store@0.2.0', 'wasi:io/poll@0.3.0', 'f'] }, ['imports warning', 'imports-listed note']],
    ['an import by its plain name', { imports: ['store', 'wasi:io/poll', 'f'] }, []],
    ['an import that is not there', { imports: [...whole.imports!, 'wasi:http/types@0.2.0'] }, ['imports-listed note']],
    ['an export left out', { exports: [] }, ['exports warning']],
    ['another world', { target: 'wasi:http/proxy@0.2.0' }, ['target warning']],
    ['a world that nobody here knows', { target: 'acme:shop/plugin' }, []],
    ['nothing of the component', { imports: null, exports: null }, ['component note']],
  ])('%s', async (_name, over, expected) => {
    expect(await subjects(component, over)).toEqual(expected);
  });

  test('a module that is described as a component', async () => {
    expect(await subjects(module, { os: 'wasip1' })).toEqual(['component warning']);
    expect(await subjects(module, { imports: null, exports: null })).toEqual(['os warning']);
  });

  test('configs of other forms claim nothing', async () => {
    expect(await subjects(module, { mediaType: 'application/vnd.oci.image.config.v1+json' })).toEqual([]);
  });
});

test('imports that bring nothing but types may be left out, and may be listed', async () => {
  const bytes = watToWasm('(component (import "wasi:io/error@0.2.0" (instance (export "error" (type (sub resource))))))');
  for (const imports of [[], ['wasi:io/error@0.2.0']]) expect(await subjects(bytes, { imports, exports: [], target: null })).toEqual([]);
});

test('the message names what is hidden', async () => {
  const [finding] = await findingsOf(component, { rules, packaging: packagingOf({ claims: { ...whole, imports: ['f'] } }) });
  expect(finding!.message).toBe('The config leaves out imports that the component has: store, wasi:io/poll@0.2.6');
});

test('long lists on both sides are looked up and not compared each with each', async () => {
  const many = Array.from({ length: 200_000 }, (_, at) => `acme:p${at}/i@1.0.${at}`);
  expect(await subjects(component, { imports: [...many, ...whole.imports!] })).toEqual(['imports-listed note']);
});
