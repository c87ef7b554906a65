import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Opened } from '../artifact.ts';
import { findTargets } from './open.ts';
import { openAll } from './target.ts';

const WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const SPIN = 'spin_manifest_version = 2\n[component.a]\nsource = "target/a.wasm"\nallowed_outbound_hosts = ["https://x.example"]\n[component.b]\nsource = { url = "https://x.example/b.wasm", digest = "sha256:00" }\n[component.c]\nsource = "gone.wasm"\n';
const HELM = 'apiVersion: v1\ntype: cli/v1\nruntime: extism/v1\nruntimeConfig:\n  allowedHosts: ["api.example"]\n';
const EXTISM = JSON.stringify({ wasm: [{ path: 'a.wasm', hash: '0'.repeat(64) }, { data: Buffer.from(WASM).toString('base64'), name: 'in' }], allowed_hosts: ['y.example'] });

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function opened(target: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<Opened[]> {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-beside-'));
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const [found] = await findTargets([target], { cwd: folder, exclude: [], stdin: async function* () {}, stdinName: 'stdin', registry: null, platform: null });
  const all: Opened[] = [];
  for (const one of found!.found) for await (const each of openAll(one)) all.push(each);
  return all;
}

/** Name, form, hosts with the line that gives them, and what went wrong. */
function brief(one: Opened): string {
  const grants = (one.packaging?.grants ?? []).map(({ field, values, place }) => `${field}=${values.join(',')} ${place === null ? 'nowhere' : `${place.file}:${place.line}`}`);
  return [one.name, one.packaging?.form ?? '-', ...grants, ...('failure' in one ? [one.failure.code] : [])].join(' | ');
}

const briefs = async (target: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string[]> => (await opened(target, files)).map(brief);

test('modules of a folder have what the manifest beside them gives; the others stay as they are', async () => {
  expect(await briefs('.', { 'app/spin.toml': SPIN, 'app/target/a.wasm': WASM, 'app/other.wasm': WASM, 'helm/plugin.yaml': HELM, 'helm/plugin.wasm': WASM })).toEqual([
    'app/other.wasm | -',
    'app/target/a.wasm | spin-image | allowed_outbound_hosts=https://x.example app/spin.toml:4',
    'helm/plugin.wasm | helm-plug-in | allowedHosts=api.example helm/plugin.yaml:5',
  ]);
});

test('a manifest as target stands for all that it names, and nothing else', async () => {
  expect(await briefs('app/spin.toml', { 'app/spin.toml': SPIN, 'app/target/a.wasm': WASM, 'app/other.wasm': WASM })).toEqual([
    'app/target/a.wasm | spin-image | allowed_outbound_hosts=https://x.example app/spin.toml:4',
    'app/spin.toml/b | spin-image | remote-source',
    'app/spin.toml/c | spin-image | missing-module',
  ]);
});

test('JSON of Extism under any name, with bytes inside and hashes', async () => {
  const all = await opened('x/mine.json', { 'x/mine.json': EXTISM, 'x/a.wasm': WASM });
  expect(all.map(brief)).toEqual(['x/a.wasm | extism-manifest | allowed_hosts=y.example x/mine.json:1', 'x/mine.json/in | extism-manifest | allowed_hosts=y.example x/mine.json:1']);
  expect(all.map(({ packaging }) => packaging!.oddities.length)).toEqual([1, 0]);
  expect(all.map((one) => 'bytes' in one && one.bytes.length)).toEqual([8, 8]);
});

test('a package of Wasmer', async () => {
  const toml = '[[module]]\nname = "w"\nsource = "w.wasm"\n[[module]]\nname = "gone"\nsource = "gone.wasm"\n[fs]\n"/data" = "d"\n';
  expect(await briefs('wasmer.toml', { 'wasmer.toml': toml, 'w.wasm': WASM })).toEqual(['w.wasm | archive | fs=/data wasmer.toml:7', 'wasmer.toml/gone | archive | fs=/data nowhere | missing-module']);
});

test('a manifest that cannot be read is told, and modules are judged all the same', async () => {
  expect(await briefs('.', { 'spin.toml': '= no TOML', 'a.wasm': WASM })).toEqual(['a.wasm | -', 'spin.toml | - | malformed-toml']);
});

test('where two manifests may be meant no line is named', async () => {
  const other = SPIN.replace('target/a.wasm', '../app/target/a.wasm');
  expect(await briefs('.', { 'app/spin.toml': SPIN, 'too/spin.toml': other, 'app/target/a.wasm': WASM })).toEqual(['app/target/a.wasm | spin-image | allowed_outbound_hosts=https://x.example nowhere | allowed_outbound_hosts=https://x.example nowhere']);
});

test('other JSON, YAML and TOML that is named stays what it is', async () => {
  for (const name of ['package.json', 'plugin.yaml', 'spin.toml']) expect(await briefs(name, { [name]: name.endsWith('json') ? '{"wasm": 1}' : 'a = 1\n' , 'a.wasm': WASM })).toEqual([expect.stringMatching(new RegExp(`^${name} \\| -`))]);
});
