import { describe, expect, test } from 'vitest';
import { findingsOf, findingsUnopened } from '../../test/support/findings.ts';
import { carrierOf, packagingOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['oci-mutable-reference'];
const bytes = watToWasm('(module)');
const byTag = carrierOf({ pinned: false, reference: 'oci://registry.example/auth:v1' });
const root = `sha256:${'b'.repeat(64)}`;

describe('severity', () => {
  test.each([['privileged', []], ['baseline', ['warning']], ['restricted', ['error']]])('%s', async (name, severities) => {
    expect((await findingsOf(bytes, { rules, carrier: byTag, policy: { kind: 'level', name } })).map(({ severity }) => severity)).toEqual(severities);
  });
});

test('the fix is the reference to write, and the place the line to mend', async () => {
  const [finding] = await findingsOf(bytes, { rules, carrier: byTag, packaging: packagingOf() });
  expect(finding).toMatchObject({
    message: 'Named by the tag v1, so other bytes can run than those judged: oci://registry.example/auth:v1',
    subject: 'oci://registry.example/auth',
    fix: `Pin what was looked at: oci://registry.example/auth@${root}`,
    location: { path: 'WasmPlugin/auth /spec/url', offset: 0, length: 0, source: { file: 'plugin.yaml', document: 0, pointer: '/spec/url', line: 7, column: 8 } },
  });
});

test.each([
  ['registry.example:5000/auth', 'no tag, which means latest'],
  ['registry.example:5000/auth:latest', 'the tag latest, which is made to move'],
])('%s is named by %s', async (reference, said) => {
  expect((await findingsOf(bytes, { rules, carrier: carrierOf({ pinned: false, reference }) }))[0]!.message).toContain(`Named by ${said}`);
});

test('a URL asks for the hash of the bytes that it served', async () => {
  const carrier = carrierOf({ pinned: false, scheme: 'http', reference: 'https://files.example/auth.wasm' });
  expect((await findingsOf(bytes, { rules, carrier }))[0]!.fix).toBe('Write the hash beside the URL: sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476');
});

test.each(['file', 'volume', 'configmap', 'secret', 'inline', 'builtin'] as const)('scheme %s has no reference to pin', async (scheme) => {
  expect(await findingsOf(bytes, { rules, carrier: carrierOf({ pinned: false, scheme }) })).toEqual([]);
});

describe('a reference of the command line', () => {
  const packaging = packagingOf();
  test.each([
    ['oci://registry.example/auth:v1', 1],
    [`oci://registry.example/auth@${root}`, 0],
    [`oci://registry.example/auth:v1@${root}`, 0],
    // A digest that is not of what was fetched pins nothing.
    [`oci://registry.example/auth:v1@sha256:${'d'.repeat(64)}`, 1],
  ])('%s', async (reference, count) => {
    // The name goes on with a path inside, which is written by whoever fills the image.
    const found = await findingsOf(bytes, { rules, name: `${reference} app.wasm@${root}`, reference, packaging });
    expect(found).toHaveLength(count);
    for (const { fix } of found) expect(fix).toContain(`registry.example/auth`);
  });

  test('a file, a layout or an archive has none', async () => {
    expect(await findingsOf(bytes, { rules })).toEqual([]);
    expect(await findingsOf(bytes, { rules, name: 'image.tar', packaging: packagingOf({ repository: null }) })).toEqual([]);
  });
});

test('an image that nobody could look into counts only where something says that it is Wasm', async () => {
  const carrier = { ...byTag, kind: 'Pod', certain: false };
  expect(await findingsUnopened({ rules, carrier })).toEqual([]);
  expect(await findingsUnopened({ rules, carrier: { ...carrier, signals: ['runtimeClassName: wasmtime'] } })).toHaveLength(1);
  expect(await findingsUnopened({ rules, carrier: { ...carrier, certain: true } })).toHaveLength(1);
});
