import { describe, expect, test } from 'vitest';
import { SETTING_IDS, type SettingId } from '../../scanner/grant.ts';
import { findingsOf, findingsUnopened } from '../../test/support/findings.ts';
import { carrierOf, packagingOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const bytes = watToWasm('(module)');
const place = { file: 'plugin.yaml', document: 2, pointer: '/spec/failStrategy', line: 12, column: 3 };
const settings = (id: SettingId): { id: SettingId; text: string; meaning: string; place: typeof place }[] => [{ id, text: 'field: value', meaning: 'something follows from it', place }];

const RULE_OF: Readonly<Record<SettingId, string>> = {
  'fail-open': 'k8s-wasm-fail-open', 'host-environment': 'k8s-wasm-host-env', 'no-effect': 'k8s-verification-key-noop', 'precompiled-allowed': 'k8s-native-code',
  'native-runtime': 'k8s-native-code', 'native-plug-in': 'k8s-native-code', 'insecure-transport': 'k8s-insecure-transport', 'remote-code': 'k8s-remote-code-annotation',
  'broad-scope': 'k8s-wasm-broad-scope', 'missing-limits': 'k8s-wasm-missing-limits', 'host-path': 'k8s-host-path', 'mixed-pod': 'k8s-mixed-pod',
  'hash-disagrees': 'k8s-hash-mismatch', 'unsupported-scheme': 'k8s-unsupported-scheme',
};

describe.each(SETTING_IDS.map((id) => [id, RULE_OF[id]] as const))('setting %s', (id, rule) => {
  const found = { message: 'Something follows from it (field: value)', subject: 'field: value', location: { path: 'WasmPlugin/auth /spec/failStrategy', offset: 0, length: 0, source: place } };

  test(`is said by ${rule} and by no other`, async () => {
    const about = (await findingsOf(bytes, { carrier: carrierOf({ settings: settings(id) }) })).filter(({ location }) => location.source !== undefined);
    expect(about.map(({ rule: by }) => by)).toEqual([rule]);
    expect(about[0]).toMatchObject(found);
  });

  test('is said where the bytes could not be had', async () => {
    expect((await findingsUnopened({ carrier: carrierOf({ settings: settings(id) }) })).map(({ rule: by }) => by)).toEqual([rule]);
  });

  test('is said of a package as well', async () => {
    expect((await findingsOf(bytes, { rules: [rule], packaging: packagingOf({ settings: [{ id }] }) })).map(({ location }) => location.path)).toEqual(['package']);
  });

  test('is not said of an image that shows no sign of Wasm and could not be looked into', async () => {
    expect(await findingsUnopened({ carrier: carrierOf({ certain: false, settings: settings(id) }) })).toEqual([]);
  });
});

test('a mixed pod is never an error, whatever a policy says', async () => {
  const text = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: strict }\nspec: { rules: { k8s-mixed-pod: error } }\n';
  const found = await findingsOf(bytes, { rules: ['k8s-mixed-pod'], policy: { kind: 'file', name: 'policy.yaml', text }, carrier: carrierOf({ settings: settings('mixed-pod') }) });
  expect(found.map(({ severity }) => severity)).toEqual(['warning']);
});

describe('native code', () => {
  const rules = ['k8s-native-code'];
  test.each([['privileged', 'warning'], ['baseline', 'warning'], ['restricted', 'error']])('at %s is at least a warning', async (name, severity) => {
    expect((await findingsUnopened({ rules, carrier: carrierOf({ role: 'native', certain: false }), policy: { kind: 'level', name } })).map((finding) => finding.severity)).toEqual([severity]);
  });

  test('is said once', async () => {
    expect(await findingsOf(bytes, { rules, carrier: carrierOf({ role: 'native', settings: settings('native-plug-in') }) })).toHaveLength(1);
  });

  test.each(['module', 'host', 'runner'] as const)('role %s is none', async (role) => {
    expect(await findingsOf(bytes, { rules, carrier: carrierOf({ role }) })).toEqual([]);
  });
});

describe('transport', () => {
  const rules = ['k8s-insecure-transport'];
  const http = { scheme: 'http', reference: 'HTTP://files.example/auth.wasm' } as const;
  test('a hash keeps the bytes, so it is less sure', async () => {
    expect((await findingsOf(bytes, { rules, carrier: carrierOf({ ...http, pinned: false }) })).map(({ severity }) => severity)).toEqual(['error']);
    expect((await findingsOf(bytes, { rules, carrier: carrierOf({ ...http, pinned: true }) })).map(({ severity }) => severity)).toEqual(['warning']);
  });

  test('is spoken of once where the reader of the manifest said it too', async () => {
    expect(await findingsOf(bytes, { rules, carrier: carrierOf({ ...http, settings: [{ id: 'insecure-transport', place: { ...place, pointer: '/spec/url' } }] }) })).toHaveLength(1);
    expect(await findingsOf(bytes, { rules, carrier: carrierOf({ ...http, settings: settings('insecure-transport') }) })).toHaveLength(2);
  });
});

describe('hashes', () => {
  const rules = ['k8s-hash-mismatch'];
  const own = 'sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476';
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string, string];
  const packaging = packagingOf({ rootDigest: a, manifestDigest: b });
  test.each([
    ['bytes', own, 0], ['bytes', b, 1], ['bytes', c, 0], ['manifest', a, 0], ['manifest', b, 0], ['manifest', own, 1], ['either', own, 0], ['either', b, 0], ['either', `sha256:${'d'.repeat(64)}`, 1],
    ['bytes', own.toUpperCase(), 1], ['either', 'none', 1],
  ] as const)('of %s: %s', async (hashOf, hash, count) => {
    expect(await findingsOf(bytes, { rules, packaging, carrier: carrierOf({ hash, hashOf }) })).toHaveLength(count);
  });

  test.each(['privileged', 'baseline', 'restricted'])('one that does not fit is an error at %s', async (name) => {
    expect((await findingsOf(bytes, { rules, carrier: carrierOf({ hash: a, hashOf: 'bytes' }), policy: { kind: 'level', name } })).map(({ severity }) => severity)).toEqual(['error']);
  });

  test('without bytes or manifest there is nothing to compare', async () => {
    expect(await findingsUnopened({ rules, carrier: carrierOf({ hash: a, hashOf: 'either' }) })).toEqual([]);
    expect(await findingsOf(bytes, { rules, carrier: carrierOf({ hash: a, hashOf: 'manifest' }) })).toEqual([]);
  });

  test('a file out of an archive is not what the hash is of', async () => {
    expect(await findingsOf(bytes, { rules, packaging: packagingOf({ form: 'archive', path: 'plugin.wasm', layer: null, rootDigest: null, manifestDigest: null }), carrier: carrierOf({ hash: a, hashOf: 'bytes' }) })).toEqual([]);
  });
});
