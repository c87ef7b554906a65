import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRegistryClient } from '../../scanner/artifact/oci/client.ts';
import type { RegistryClient } from '../../scanner/artifact/oci/registry.ts';
import { moduleBytes } from '../support/module.ts';
import { registryOptions } from '../support/registry-options.ts';
import { entriesOf, readBlob } from '../support/registry-read.ts';
import { haveTool, runTool, startDistribution, type RegistryTool, type RunningRegistry } from '../support/registry-tools.ts';
import { OCI_INDEX, OCI_MANIFEST, packIndex, writeLayout } from './pack.ts';
import { image, kubewardenPolicy, runwasiImage, wasmArtifact } from './push.ts';
import { startRegistry } from './server.ts';
import { digestOf } from './store.ts';
import { tar } from './tar.ts';

/** What other people's clients push, in the forms they choose themselves, must be found and read by ours. */
const servers: readonly { readonly server: string; readonly start: () => Promise<RunningRegistry> }[] = [
  { server: 'the registry of tests', start: () => startRegistry() },
  { server: 'the registry of tests without a referrers API', start: () => startRegistry({ referrers: 'none' }) },
  ...(haveTool('docker-registry') ? [{ server: 'the distribution registry', start: startDistribution }] : []),
];

const wasm = Buffer.from(moduleBytes({ customs: [{ name: 'marker', payload: [1, 2, 3, 4, 5, 6, 7, 8] }] }));
const second = Buffer.from(moduleBytes({ customs: [{ name: 'second', payload: [8, 7, 6, 5, 4, 3, 2, 1] }] }));
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

describe.each(servers)('pushed into $server', ({ start }) => {
  let server: RunningRegistry;
  let client: RegistryClient;
  let cwd: string;
  const run = (name: RegistryTool, ...args: string[]) => runTool(name, args, { cwd });

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'wasmgate-clients-'));
    writeFileSync(join(cwd, 'app.wasm'), wasm);
    writeFileSync(join(cwd, 'v0.json'), JSON.stringify({ architecture: 'wasm', os: 'wasip1', layerDigests: [digestOf(wasm)] }));
    writeFileSync(join(cwd, 'v1.json'), '{}');
    writeFileSync(join(cwd, 'signature'), 'signed');
    writeFileSync(join(cwd, 'first.tar'), tar([{ path: 'app.wasm', bytes: wasm }]));
    writeFileSync(join(cwd, 'second.tar'), tar([{ path: 'lib/plugin.wasm', bytes: second }]));
    server = await start();
    client = openRegistryClient(registryOptions([server]));
  });
  afterAll(async () => {
    await client?.close();
    await server?.close();
    rmSync(cwd, { recursive: true });
  });

  /** Media types and unpacked contents of the layers behind a reference. */
  async function layersOf(reference: string): Promise<{ types: string[]; contents: Buffer[]; mediaType: string | null }> {
    const { root, source } = await client.open(reference);
    const entries = entriesOf(root.bytes);
    const blobs = await Promise.all(entries.map((entry) => readBlob(source, entry)));
    return { types: entries.map(({ mediaType }) => mediaType), contents: blobs.map((blob) => (blob[0] === 0x1f && blob[1] === 0x8b ? gunzipSync(blob) : Buffer.from(blob))), mediaType: root.mediaType };
  }

  describe.skipIf(!haveTool('oras'))('by oras', () => {
    test.each([['v0', 'application/vnd.wasm.config.v0+json', 'application/wasm'], ['v1', 'application/vnd.wasm.config.v1+json', 'application/vnd.wasm.content.layer.v1+wasm']])('an artifact with config %s', async (version, config, layer) => {
      await run('oras', 'push', '--plain-http', '--config', `${version}.json:${config}`, `${server.host}/oras/wasm:${version}`, `app.wasm:${layer}`);
      const { types, contents, mediaType } = await layersOf(`${server.host}/oras/wasm:${version}`);
      expect(mediaType).toBe(OCI_MANIFEST);
      expect(types).toEqual([layer]);
      expect(contents.map((bytes) => digestOf(bytes))).toEqual([digestOf(wasm)]);
    });

    test('a referrer with its subject', async () => {
      const reference = `${server.host}/oras/signed:v1`;
      await run('oras', 'push', '--plain-http', '--config', 'v0.json:application/vnd.wasm.config.v0+json', reference, 'app.wasm:application/wasm');
      await run('oras', 'attach', '--plain-http', '--artifact-type', 'test/signature', reference, 'signature:text/plain');
      const { root, source } = await client.open(reference);
      const found = await client.referrers(`${server.host}/oras/signed`, root.digest);
      expect(found.map(({ artifactType }) => artifactType)).toEqual(['test/signature']);
      const signature = await source.manifest(found[0]!);
      expect(JSON.parse(Buffer.from(signature.bytes).toString())).toHaveProperty('subject.digest', root.digest);
      expect(Buffer.from(await readBlob(source, entriesOf(signature.bytes)[0]!)).toString()).toBe('signed');
    });
  });

  describe.skipIf(!haveTool('crane'))('by crane', () => {
    test.each([['oci', ['--oci-empty-base'], OCI_MANIFEST], ['docker', [], DOCKER_MANIFEST]] as const)('an image of two layers with %s types', async (types, flags, mediaType) => {
      const reference = `${server.host}/crane/image:${types}`;
      await run('crane', 'append', '--insecure', ...flags, '-f', 'first.tar', '-f', 'second.tar', '-t', reference);
      const read = await layersOf(reference);
      expect(read.mediaType).toBe(mediaType);
      expect(read.contents.map((bytes) => [bytes.includes(wasm), bytes.includes(second)])).toEqual([[true, false], [false, true]]);
    });

    test('an index of images', async () => {
      const name = `${server.host}/crane/index`;
      for (const file of ['first', 'second']) await run('crane', 'append', '--insecure', '--oci-empty-base', '-f', `${file}.tar`, '-t', `${name}:${file}`);
      await run('crane', 'index', 'append', '--insecure', '-m', `${name}:first`, '-m', `${name}:second`, '-t', `${name}:all`);
      const { root, source } = await client.open(`${name}:all`);
      expect(root.mediaType).toBe(OCI_INDEX);
      const children = await Promise.all(entriesOf(root.bytes).map((entry) => source.manifest(entry)));
      const contents = await Promise.all(children.map(async ({ bytes }) => gunzipSync(await readBlob(source, entriesOf(bytes)[0]!))));
      expect(contents.map((bytes) => [bytes.includes(wasm), bytes.includes(second)])).toEqual([[true, false], [false, true]]);
    });
  });

  describe.skipIf(!haveTool('skopeo'))('by skopeo', () => {
    const copy = (...args: string[]) => run('skopeo', '--insecure-policy', 'copy', '--src-tls-verify=false', '--dest-tls-verify=false', ...args);
    const folder = (name: string) => {
      mkdirSync(join(cwd, name), { recursive: true });
      return join(cwd, name);
    };
    const ordinary = image({ layers: [{ entries: [{ path: 'app.wasm', bytes: wasm }] }, { entries: [{ path: 'plugin.wasm', bytes: second }], compression: 'none' }], os: 'linux', architecture: 'amd64' });

    test.each([['a Wasm artifact', 'artifact', wasmArtifact(wasm)], ['a policy', 'policy', kubewardenPolicy(wasm)], ['a runwasi image', 'runwasi', runwasiImage(wasm)]])('%s from a layout', async (_, name, packed) => {
      writeLayout(folder(name), { v1: packed });
      await copy('--preserve-digests', `oci:${name}:v1`, `docker://${server.host}/skopeo/${name}:v1`);
      expect((await client.open(`${server.host}/skopeo/${name}:v1`)).root.digest).toBe(packed.digest);
      expect((await layersOf(`${server.host}/skopeo/${name}:v1`)).contents.map((bytes) => digestOf(bytes))).toEqual([digestOf(wasm)]);
    });

    test('an index with everything in it', async () => {
      const several = packIndex([{ packed: ordinary, platform: { os: 'linux', architecture: 'amd64' } }, { packed: runwasiImage(second), platform: { os: 'wasip1', architecture: 'wasm' } }]);
      writeLayout(folder('index'), { v1: several });
      await copy('--all', '--preserve-digests', 'oci:index:v1', `docker://${server.host}/skopeo/index:v1`);
      const { root, source } = await client.open(`${server.host}/skopeo/index:v1`);
      expect(root.digest).toBe(several.digest);
      const component = await source.manifest(entriesOf(root.bytes)[1]!);
      expect(digestOf(await readBlob(source, entriesOf(component.bytes)[0]!))).toBe(digestOf(second));
    });

    test('an image that went through a docker archive', async () => {
      writeLayout(folder('ordinary'), { v1: ordinary });
      await copy('oci:ordinary:v1', 'docker-archive:saved.tar:acme/app:v1');
      await copy('docker-archive:saved.tar:acme/app:v1', `docker://${server.host}/skopeo/saved:v1`);
      const { contents } = await layersOf(`${server.host}/skopeo/saved:v1`);
      expect(contents.map((bytes) => [bytes.includes(wasm), bytes.includes(second)])).toEqual([[true, false], [false, true]]);
    });
  });
});
