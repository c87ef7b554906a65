import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { policyText } from '../../test/support/policy.ts';
import { SILENT, type Log } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import type { PolicySource } from '../policy-source.ts';
import { sourceKey } from '../source-key.ts';
import { filePolicies, type FilePolicyOptions } from './from-files.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wasmgate-policies-'));
  ends.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function key(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

async function open(path: string, text: string, over: Partial<FilePolicyOptions> = {}) {
  writeFileSync(path, text);
  const metrics = createMetrics();
  const source = await filePolicies({ files: [{ policy: { kind: 'file', name: 'p.yaml', text }, file: path }], defaultLevel: 'baseline', namespaces: 'unknown', log: SILENT, metrics, interval: 5, ...over });
  ends.push(() => source.close());
  return { source, ready: async () => (await metrics.policyReady.get()).values[0]?.value };
}

function enforced(source: PolicySource, reference = 'ghcr.io/acme/app', labels: Record<string, string> | null = null) {
  return source.for({ reference, kind: 'Pod', namespace: { name: 'team', labels } }).enforce.map(({ name, level, mode }) => `${name} ${level.name} ${mode}`);
}

const SIGNED = 'signatures: { authorities: [{ name: release, key: { file: key.pem, transparencyLog: ignore } }] }';

test('levels and files hold everywhere, whatever their kind, and the default where none matches', async () => {
  const path = join(folder(), 'p.yaml');
  const text = `${policyText('match: { references: ["ghcr.io/acme/**"] }', 'WasmPolicy', 'one')}---\n${policyText('match: { references: ["ghcr.io/acme/**"] }\nlevel: restricted', 'ClusterWasmPolicy', 'two')}`;
  const { source } = await open(path, text);
  expect(source.ready).toBe(true);
  expect(enforced(source)).toEqual(['one baseline enforce', 'two restricted enforce']);
  expect(enforced(source, 'ghcr.io/other/app')).toEqual(['baseline@v1 baseline enforce']);
  expect(source.all.map(({ name }) => name)).toEqual(['one', 'two', 'baseline@v1']);
  const level = await filePolicies({ files: [{ policy: { kind: 'level', name: 'privileged' }, file: null }], defaultLevel: 'baseline', namespaces: 'unknown', log: SILENT, metrics: createMetrics() });
  ends.push(() => level.close());
  expect(enforced(level)).toEqual(['privileged@v1 privileged enforce']);
});

test('labels count only where namespaces are looked up', async () => {
  const path = join(folder(), 'p.yaml');
  const labels = { 'wasmgate.dev/enforce': 'restricted' };
  const { source: unknown } = await open(path, policyText('{}'));
  expect(unknown.for({ reference: 'x', kind: 'Pod', namespace: { name: 'n', labels: null } })).toMatchObject({ faults: [] });
  expect(enforced(unknown)).toEqual(['test baseline enforce']);
  const { source: known } = await open(path, policyText('{}'), { namespaces: 'known' });
  expect(enforced(known, 'x', labels)).toEqual(['test baseline enforce', 'test at restricted@v1 restricted enforce']);
  expect(enforced(known, 'x', null)).toEqual(['test baseline enforce', 'test at restricted@v1 restricted enforce']);
});

describe('files that change', () => {
  test('are read again, and those who listen hear of it once', async () => {
    const path = join(folder(), 'p.yaml');
    const { source } = await open(path, policyText('level: baseline'));
    const heard = vi.fn<() => void>();
    source.onChange(heard);
    const before = source.revision;
    writeFileSync(path, policyText('level: restricted'));
    await vi.waitFor(() => expect(enforced(source)).toEqual(['test restricted enforce']));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(source.revision).toBe(before + 1);
  });

  test.each([['a mistake', 'level: strict'], ['no YAML', ']']])('to %s stay in force as they were, which is said once', async (_what, broken) => {
    const path = join(folder(), 'p.yaml');
    const warn = vi.fn<Log['warn']>();
    const { source, ready } = await open(path, policyText('level: restricted'), { log: { ...SILENT, warn } });
    expect(await ready()).toBe(1);
    writeFileSync(path, broken === ']' ? broken : policyText(broken));
    await vi.waitFor(async () => expect(await ready()).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(enforced(source)).toEqual(['test restricted enforce']);
    expect(warn).toHaveBeenCalledTimes(1);
    writeFileSync(path, policyText('level: privileged'));
    await vi.waitFor(() => expect(enforced(source)).toEqual(['test privileged enforce']));
    expect(await ready()).toBe(1);
  });

  test('to nothing stay in force as they were', async () => {
    const path = join(folder(), 'p.yaml');
    const { source, ready } = await open(path, policyText('level: restricted'));
    rmSync(path);
    await vi.waitFor(async () => expect(await ready()).toBe(0));
    expect(enforced(source)).toEqual(['test restricted enforce']);
  });
});

describe('keys that a policy names', () => {
  test('are read beside the policy, go to the threads, and are read again', async () => {
    const path = folder();
    const [first, second] = [key(), key()];
    writeFileSync(join(path, 'key.pem'), first);
    const { source, ready } = await open(join(path, 'p.yaml'), policyText(SIGNED));
    const material = () => source.all[0]!.material!;
    const given = () => Buffer.from(material().sources[sourceKey({ from: 'file', path: 'key.pem' })]!).toString();
    const { id } = material();
    expect(given()).toBe(first);
    writeFileSync(join(path, 'key.pem'), second);
    await vi.waitFor(() => expect(given()).toBe(second));
    expect(material().id).not.toBe(id);
    writeFileSync(join(path, 'key.pem'), 'no key');
    await vi.waitFor(async () => expect(await ready()).toBe(0));
    expect(given()).toBe(second);
  });

  test('keep the webhook from starting where they cannot be read', async () => {
    const path = folder();
    await expect(open(join(path, 'p.yaml'), policyText(SIGNED))).rejects.toThrow(/Policy test: Authority release: file key\.pem: ENOENT/);
    writeFileSync(join(path, 'key.pem'), 'no key');
    await expect(open(join(path, 'p.yaml'), policyText(SIGNED))).rejects.toThrow(/PUBLIC KEY/);
    await expect(open(join(path, 'p.yaml'), policyText('signatures: { authorities: [{ name: release, key: { secretRef: { name: x } } }] }'))).rejects.toThrow(/no cluster here/);
  });
});

test('a mistake at the start is told with its place', async () => {
  await expect(open(join(folder(), 'p.yaml'), policyText('level: strict'))).rejects.toThrow(/p\.yaml:5:10: Unknown level strict/);
});
