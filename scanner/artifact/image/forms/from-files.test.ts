import { describe, expect, test } from 'vitest';
import { allOf, imageOf, linesOf } from '../../../../test/support/image-source.ts';
import { EMPTY, pack, part } from '../../../../test/registry/pack.ts';
import { image } from '../../../../test/registry/push.ts';
import { digestOf } from '../../../../test/registry/store.ts';
import type { Opened } from '../../../artifact.ts';
import { openImage } from '../open-image.ts';
import { openFiles } from './from-files.ts';

const wasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const other = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
type Files = Readonly<Record<string, Uint8Array | string>>;
const opened = (files: Files): Promise<Opened[]> => allOf(openFiles(Object.entries(files).map(([path, bytes]) => ({ path, bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes })), '@'));
const grants = (all: readonly Opened[]) => all.map(({ packaging }) => packaging!.grants.map(({ kind, values, everything }) => `${kind} ${values.join(',')}${everything ? ' all' : ''}`));
const settings = (all: readonly Opened[]) => all.flatMap(({ packaging }) => packaging!.settings.map(({ id }) => id));

describe('files', () => {
  test('modules of a plain archive, whatever they are called', async () => {
    expect(linesOf(await opened({ 'a.bin': wasm, 'b.txt': 'text', 'c.wasm': 'not Wasm', 'd.cfg': '\0aot' }))).toEqual(['@!/a.bin archive', '@!/c.wasm archive', '@!/d.cfg archive']);
    expect(await opened({ 'b.txt': 'text' })).toEqual([]);
  });

  test('an OPA bundle, its policy where the manifest says', async () => {
    const manifest = JSON.stringify({ wasm: [{ entrypoint: 'a', module: '/x/p.bin' }, { entrypoint: 'b', module: '/gone.wasm' }] });
    expect(linesOf(await opened({ 'x/p.bin': wasm, '.manifest': manifest }))).toEqual(['@!/x/p.bin opa-bundle', '@!/gone.wasm opa-bundle missing-module']);
    expect(linesOf(await opened({ 'policy.wasm': wasm }))).toEqual(['@!/policy.wasm opa-bundle']);
    expect(linesOf(await opened({ 'policy.wasm': wasm, '.manifest': '{"a":1,"a":2}' }))).toEqual(['@!/policy.wasm archive', '@ archive malformed-json']);
  });

  test('a Suborbital bundle', async () => {
    expect(linesOf(await opened({ 'tenant.json': '{}', 'modules/a.wasm': wasm }))).toEqual(['@!/modules/a.wasm suborbital-bundle']);
    expect(linesOf(await opened({ 'Directive.yaml': '', 'a.wasm': wasm }))).toEqual(['@!/a.wasm suborbital-bundle']);
  });

  test('a Helm plug-in with what it is given', async () => {
    const yaml = 'apiVersion: v1\nruntime: extism/v1\nruntimeConfig:\n  allowedHosts: ["*"]\n  fileSystem: { createTempDir: true }\n  hostFunctions: [{ name: exec }]\n';
    const all = await opened({ 'p/plugin.yaml': yaml, 'p/plugin.wasm': wasm });
    expect(linesOf(all)).toEqual(['@!/p/plugin.wasm helm-plug-in']);
    expect(grants(all)).toEqual([['hosts * all', 'files temporary directory', 'imports exec']]);
    expect(settings(all)).toEqual(['broad-scope', 'missing-limits']);
    expect(linesOf(await opened({ 'plugin.yaml': 'runtime: subprocess', 'plugin.wasm': wasm }))).toEqual(['@!/plugin.wasm archive']);
    expect(linesOf(await opened({ 'plugin.yaml': 'runtime: extism/v1\nruntime: extism/v1', 'plugin.wasm': wasm }))).toEqual(['@!/plugin.wasm archive', '@ archive malformed-yaml']);
  });

  test('an Extism manifest: paths, inlined bytes, addresses, hashes', async () => {
    const manifest = JSON.stringify({
      wasm: [{ path: 'a.wasm', hash: digestOf(wasm).slice(7) }, { path: '/b.wasm', hash: '0'.repeat(64) }, { data: Buffer.from(other).toString('base64'), name: 'in' }, { url: 'https://x/y.wasm' }, { path: 'gone.wasm' }, { data: '!' }],
      allowed_hosts: ['api.example'], allowed_paths: { '/data': '/mnt' }, memory: { max_pages: 1 }, timeout_ms: 10,
    });
    const all = await opened({ 'a.wasm': wasm, 'b.wasm': other, 'manifest.json': manifest });
    expect(linesOf(all)).toEqual([
      '@!/a.wasm extism-manifest', '@!/b.wasm extism-manifest', '@!/manifest.json/in extism-manifest', '@!/manifest.json/wasm[3] extism-manifest remote-source',
      '@!/manifest.json/wasm[4] extism-manifest missing-module', '@!/manifest.json/wasm[5] extism-manifest malformed-base64',
    ]);
    expect(new Set(grants(all).map(String))).toEqual(new Set(['hosts api.example,files /data:/mnt']));
    expect(settings(all)).toEqual([]);
    expect(all.map(({ packaging }) => packaging!.oddities.length)).toEqual([0, 1, 0, 0, 0, 0]);
  });

  test('an Extism manifest alone, under any name', async () => {
    expect(linesOf(await opened({ 'x.json': JSON.stringify({ wasm: [{ url: 'https://x/y' }] }) }))).toEqual(['@!/x.json/wasm[0] extism-manifest remote-source']);
    expect(await opened({ 'x.json': JSON.stringify({ wasm: 'no' }) })).toEqual([]);
  });

  test('a Spin manifest of either version, its remote sources not fetched', async () => {
    const two = 'spin_manifest_version = 2\n[variables]\ntoken = { secret = true }\n[component.a]\nsource = "t/a.wasm"\nallowed_outbound_hosts = ["https://x:443"]\nfiles = ["*.txt"]\nsqlite_databases = ["default"]\ndependencies_inherit_configuration = true\n[component.a.variables]\nkey = "{{ token }}"\n[component.b]\nsource = { url = "https://x/b.wasm", digest = "sha256:00" }\n[component.c]\nsource = "gone.wasm"\n';
    const all = await opened({ 't/a.wasm': wasm, 'spin.toml': two });
    expect(linesOf(all)).toEqual(['@!/t/a.wasm spin-image', '@!/spin.toml/b spin-image remote-source', '@!/spin.toml/c spin-image missing-module']);
    expect(grants(all)[0]).toEqual(['hosts https://x:443', 'files *.txt', 'environment key', 'secrets token', 'sql default']);
    expect(settings(all)).toEqual(['broad-scope']);
    const one = 'spin_version = "1"\n[[component]]\nid = "a"\nsource = "a.wasm"\nallowed_http_hosts = ["insecure:allow-all"]\n';
    expect(grants(await opened({ 'a.wasm': wasm, 'spin.toml': one }))).toEqual([['hosts insecure:allow-all all']]);
    expect(linesOf(await opened({ 'a.wasm': wasm, 'spin.toml': '= no' }))).toEqual(['@!/a.wasm archive', '@ archive malformed-toml']);
  });

  test('capabilities of slight and settings of wasm workers server', async () => {
    expect(grants(await opened({ 'app.wasm': wasm, 'slightfile.toml': '[[capability]]\nresource = "keyvalue.redis"\nname = "x"\n' }))).toEqual([['capabilities keyvalue.redis']]);
    const worker = '[vars]\nA = "$HOME"\n[features.http_requests]\nallowed_hosts = ["x.example"]\n[data.kv]\nnamespace = "n"\n[[folders]]\nfrom = "./d"\nto = "/d"\n';
    const all = await opened({ 'w.wasm': wasm, 'w.toml': worker, 'pyproject.toml': '= no TOML' });
    expect(grants(all)).toEqual([['hosts x.example', 'files ./d', 'environment A', 'key-value n']]);
    expect(settings(all)).toEqual(['host-environment']);
  });
});

describe('the same bundles inside images', () => {
  test('are recognised in layers, with what they give', async () => {
    const root = image({ layers: [{ entries: [{ path: 'spin.toml', bytes: '[component.a]\nsource = "a.wasm"\nallowed_outbound_hosts = ["*://*:*"]\n' }, { path: 'a.wasm', bytes: wasm }] }] });
    const all = await allOf(openImage(imageOf(root), { platform: null, process: null }));
    expect(linesOf(all)).toEqual(['@!/a.wasm spin-image']);
    expect(grants(all)).toEqual([['hosts *://*:* all']]);
    expect(all[0]!.packaging!.layer).toMatchObject({ index: 0 });
  });

  test('programs of ordinary images and what interpreters are given are no modules', async () => {
    const root = image({ layers: [{ entries: [{ path: 'server.js', bytes: 'x' }, { path: 'bin/node', bytes: 'x' }] }], os: 'linux', architecture: 'amd64', config: { Entrypoint: ['node', '/server.js'] } });
    expect(linesOf(await allOf(openImage(imageOf(root), { platform: null, process: null })))).toEqual(['@ without']);
  });

  test('an archive beside a module has its own index among the layers', async () => {
    const tarred = image({ layers: [{ entries: [{ path: 'b.wasm', bytes: other }], compression: 'none' }] });
    const root = pack({ config: EMPTY, layers: [part('application/wasm', wasm), part('application/vnd.oci.image.layer.v1.tar', tarred.blobs[1]!)] });
    const all = await allOf(openImage(imageOf(root), { platform: null, process: null }));
    expect(all.map(({ name, packaging }) => [name.split('!/')[1], packaging!.layer!.index])).toEqual([[undefined, 0], ['b.wasm', 1]]);
  });
});
