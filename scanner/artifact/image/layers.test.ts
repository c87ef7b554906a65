import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { describeBytes, memorySource, tar, tarEntry, zip, type TarPart } from '../../../test/support/archives.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { ImageProcess } from './entry-point.ts';
import { searchLayers, type LayerSearch, type LayerSearchOptions } from './layers.ts';

const TAR = 'application/vnd.oci.image.layer.v1.tar';
const wasm = (mark: string) => Buffer.concat([Buffer.from('0061736d01000000', 'hex'), Buffer.from(mark)]);
const file = (path: string, body: Uint8Array | string = wasm(path)): TarPart => ({ path, body });
const removed = (path: string): TarPart => ({ path });
const starting = (...argv: string[]): ImageProcess => ({ command: null, args: null, entrypoint: argv, cmd: null, workingDir: null, env: null });

async function search(blobs: readonly Uint8Array[], options: Partial<LayerSearchOptions> = {}): Promise<LayerSearch> {
  return searchLayers(memorySource(...blobs).source, blobs.map((blob) => describeBytes(blob, TAR)), { name: 'image', ...options });
}

/** `path=mark` of every file. */
async function found(blobs: readonly Uint8Array[], options: Partial<LayerSearchOptions> = {}): Promise<string[]> {
  const { files, unread } = await search(blobs, options);
  expect(unread).toEqual([]);
  return files.map(({ path, bytes: content }) => `${path}=${Buffer.from(content).toString('latin1').replace('\0asm\x01\0\0\0', '')}`);
}

async function codes(blobs: readonly Uint8Array[], options: Partial<LayerSearchOptions> = {}): Promise<string[]> {
  return (await search(blobs, options)).unread.map(({ code }) => code);
}

describe('the final file system', () => {
  test('every module, by its bytes and not its name, in each compression', async () => {
    const layers = [tar(file('a.wasm', wasm('A')), file('readme', 'text')), gzipSync(tar(file('opt/plugin', wasm('B')))), zstdCompressSync(tar(file('c', wasm('C'))))];
    const { files, unread } = await search(layers);
    expect(files.map(({ path, index, keptFor }) => `${index} ${path} ${keptFor}`)).toEqual(['0 a.wasm wasm', '2 c wasm', '1 opt/plugin wasm']);
    expect(files[1]!.layer.digest).toBe(describeBytes(layers[2]!, TAR).digest);
    expect(unread).toEqual([]);
  });

  test('what an upper layer replaces or deletes is gone', async () => {
    const lower = tar(file('a', wasm('old')), file('d/b'), file('d/e/c'), file('kept', wasm('K')));
    expect(await found([lower, tar(file('a', wasm('new')), removed('.wh.d'))])).toEqual(['a=new', 'kept=K']);
    expect(await found([lower, tar(file('d', 'a file in place of the folder'), file('a', ''))])).toEqual(['kept=K']);
  });

  test('a whiteout leaves what its own layer holds, before or after it', async () => {
    const lower = tar(file('d/a', wasm('old')), file('d/b', wasm('old')));
    expect(await found([lower, tar(file('d/a', wasm('new')), removed('d/.wh.a'))])).toEqual(['d/a=new', 'd/b=old']);
    expect(await found([lower, tar(removed('d/.wh.a'), file('d/a', wasm('new')))])).toEqual(['d/a=new', 'd/b=old']);
    expect(await found([lower, tar(file('d/a', wasm('new')), removed('.wh.d'))])).toEqual(['d/a=new']);
  });

  test('an opaque folder hides lower layers only, wherever its mark stands', async () => {
    const lower = tar(file('d/a', wasm('old')), file('d/e/b', wasm('old')), file('x', wasm('X')));
    for (const parts of [[removed('d/.wh..wh..opq'), file('d/c', wasm('new'))], [file('d/c', wasm('new')), removed('d/.wh..wh..opq')]]) expect(await found([lower, tar(...parts)])).toEqual(['d/c=new', 'x=X']);
  });

  test('what only looks like a whiteout deletes nothing', async () => {
    const lower = tar(file('a', wasm('A')), file('d/b', wasm('B')));
    const { files, oddities } = await search([lower, tar(file('.wh.a', wasm('hidden')), removed('d/.wh.'), removed('d/.wh..'), removed('d/.wh...'))]);
    expect(files.map(({ path }) => path)).toEqual(['.wh.a', 'a', 'd/b']);
    expect(oddities.map(({ id }) => id)).toEqual(['path-trick', 'path-trick', 'path-trick', 'path-trick']);
  });

  test('a whiteout through a link deletes nothing, because unpackers differ', async () => {
    const lower = tar(file('usr/bin/a', wasm('A')), { path: 'bin', flag: '2', link: 'usr/bin' });
    expect(await found([lower, tar(removed('bin/.wh.a'))])).toEqual(['usr/bin/a=A']);
  });

  test('a file that is put through a link of a folder lands where it leads', async () => {
    const lower = tar({ path: 'bin', flag: '2', link: '/usr/bin' }, file('usr/bin/a', wasm('old')));
    expect(await found([lower, tar(file('bin/a', wasm('new')))])).toEqual(['usr/bin/a=new']);
    expect(await found([tar({ path: 'out', flag: '2', link: '../../../..' }, file('out/a', wasm('A')))])).toEqual(['a=A']);
  });

  test('of two files of one path in one layer the last counts', async () => {
    expect(await found([tar(file('a', wasm('1')), file('./a', wasm('2')), file('b', wasm('3')), file('b', 'no module'))])).toEqual(['a=2']);
  });

  test('hard links are further names, also of a lower layer', async () => {
    const upper = tar({ path: 'b', flag: '1', link: 'a' }, { path: 'c', flag: '1', link: '/d/../a' }, removed('.wh.a'));
    expect(await found([tar(file('a', wasm('A')))])).toEqual(['a=A']);
    expect(await codes([tar(file('a', wasm('A'))), upper])).toEqual(['broken-link', 'broken-link']);
    expect(await found([tar(file('a', wasm('A')), { path: 'b', flag: '1', link: 'a' }), tar(removed('.wh.a'))])).toEqual(['b=A']);
  });

  test('files called like modules are given whatever they hold, through links as well', async () => {
    const layer = tar(file('text', '(this is no module'), file('x.wat', '(module)'), file('note', ';; a licence\n(module (func))'), { path: 'app.wasm', flag: '2', link: 'text' }, { path: 'lib.cwasm', flag: '1', link: 'text' }, { path: 'gone.wasm', flag: '2', link: 'nothing' }, { path: 'loop.wasm', flag: '2', link: 'loop.wasm' });
    expect(await found([layer])).toEqual(['app.wasm=(this is no module', 'lib.cwasm=(this is no module', 'note=;; a licence\n(module (func))', 'x.wat=(module)']);
  });

  test('code compiled for Wasm runtimes is found by its bytes, other programs are not', async () => {
    const elf = (abi: number) => Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.from([abi]), Buffer.alloc(56)]);
    const { files } = await search([tar(file('wasmtime', elf(200)), file('sh', elf(0)), file('aot', Buffer.from('00616f7406000000', 'hex')), file('wasmer', 'wasmer-universal..'))]);
    expect(files.map(({ path, keptFor }) => `${path} ${keptFor}`)).toEqual(['aot native', 'wasmer native', 'wasmtime native']);
  });

  test('wanted files are kept up to their limit', async () => {
    const wanted = (path: string) => path === 'spin.toml' || path === 'big.json';
    const result = await search([tar(file('spin.toml', 'x'), file('other.toml', 'y'), file('big.json', Buffer.alloc(LIMITS.wantedBytes + 1, 32)))], { wanted });
    expect(result.files.map(({ path, keptFor }) => `${path} ${keptFor}`)).toEqual(['spin.toml wanted']);
    expect(result.unread.map(({ code }) => code)).toEqual(['too-large']);
  });
});

describe('what the process starts', () => {
  test('is given whatever it is, through links', async () => {
    const { files, entryPoint } = await search([tar(file('bin/app', 'neither Wasm nor text'), { path: 'run', flag: '2', link: '/bin/app' })], { process: starting('/run#main') });
    expect(files.map(({ path, entryPoint: starts, keptFor }) => [path, starts, keptFor])).toEqual([['bin/app', true, 'entry-point']]);
    expect(entryPoint).toMatchObject({ files: ['bin/app'], function: 'main', runner: false });
  });

  test('may be a runner, whose module is told', async () => {
    const { files } = await search([tar(file('usr/bin/wasmtime', 'elf'), file('srv/app', 'data'))], { process: starting('wasmtime', 'run', '--dir=/srv', '/srv/app') });
    expect(files.map(({ path, entryPoint: starts, argument }) => [path, starts, argument])).toEqual([['srv/app', false, true], ['usr/bin/wasmtime', true, false]]);
  });
});

describe('archives inside', () => {
  test('are searched by name and bytes', async () => {
    const inner = gzipSync(tar(file('policy.wasm', wasm('P')), file('data.json', '{}')));
    const layer = tar(file('bundle.tar.gz', inner), file('modules.wasm.zip', zip({ path: 'm.wasm', body: wasm('M') })), file('p.par.gz', gzipSync(tar(file('x', wasm('X'))))), file('not.zip', 'only called so'), file('empty.tar.gz', gzipSync(tar())));
    expect(await found([layer], { wanted: (path) => path === 'data.json' })).toEqual(['bundle.tar.gz!/policy.wasm=P', 'bundle.tar.gz!/data.json={}', 'modules.wasm.zip!/m.wasm=M', 'p.par.gz!/x=X']);
  });

  test('that cannot be read are told, and only where they are in the final file system', async () => {
    const broken = gzipSync(tar(file('a', wasm('A')))).subarray(0, 60);
    const layer = tar(file('a.tgz', broken), file('b.tar.gz', Buffer.from('fd377a585a000000', 'hex')), file('c.zip', zip({ path: 'x', body: wasm('X'), flags: 1 })), file('d.wasm', wasm('D')));
    expect((await codes([layer])).sort()).toEqual(['encrypted', 'malformed-compression', 'unknown-compression']);
    expect(await found([layer, tar(removed('.wh.a.tgz'), removed('.wh.b.tar.gz'), file('c.zip', 'no zip'))])).toEqual(['d.wasm=D']);
  });

  test('go three deep', async () => {
    let inner: Buffer = tar(file('m', wasm('M')));
    for (let depth = 0; depth < LIMITS.archiveDepth; depth++) inner = tar(file('in.tar', inner));
    expect(await found([inner])).toEqual(['in.tar!/in.tar!/in.tar!/m=M']);
    expect(await codes([tar(file('in.tar', inner), file('m'))])).toEqual(['archive-depth']);
  });

  test('that cannot be read count beside Wasm and under names of bundles, and nowhere else', async () => {
    const damaged = gzipSync('test data').subarray(0, 12);
    expect(await codes([tar(file('usr/lib/testdata/bad.tar.gz', damaged))])).toEqual([]);
    expect(await codes([tar(file('usr/lib/testdata/bad.tar.gz', damaged), file('app.wasm'))])).toHaveLength(1);
    expect(await codes([tar(file('policy/bundle.tar.gz', damaged))])).toHaveLength(1);
    expect(await codes([tar(file('modules.wasm.zip', 'PK\x03\x04 and no more'))])).toHaveLength(1);
  });
});

describe('layers that cannot be trusted', () => {
  test('a digest that does not hold: nothing of the layer counts', async () => {
    const good = tar(file('a.wasm', wasm('A')));
    const bad = tar(removed('.wh.a.wasm'), file('b.wasm', wasm('B')));
    const { source } = memorySource(good, bad);
    const lying = { ...source, async *blob(descriptor: Parameters<typeof source.blob>[0]) {
      yield* source.blob(descriptor);
      if (descriptor.digest === describeBytes(bad, TAR).digest) throw Object.assign(new Error('No'), { failure: { kind: 'unreadable', code: 'digest-mismatch', message: 'No' } });
    } };
    const { files, unread } = await searchLayers(lying, [good, bad].map((blob) => describeBytes(blob, TAR)), { name: 'image' });
    expect(files.map(({ path }) => path)).toEqual(['a.wasm']);
    expect(unread.map(({ code }) => code)).toEqual(['digest-mismatch']);
  });

  test('the blob is read to its end, however soon its tar ends', async () => {
    const blob = Buffer.concat([gzipSync(tar(file('a', wasm('A')))), Buffer.alloc(300_000)]);
    const { source } = memorySource(blob);
    let read = 0;
    const counting = { ...source, async *blob(descriptor: Parameters<typeof source.blob>[0]) {
      for await (const piece of source.blob(descriptor)) {
        read += piece.length;
        yield piece;
      }
    } };
    await searchLayers(counting, [describeBytes(blob, TAR)], { name: 'image' });
    expect(read).toBe(blob.length);
  });

  test('media types that are no tars are told', async () => {
    const layer = tar(file('a', wasm('A')));
    const types = ['application/octet-stream', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'application/vnd.oci.image.layer.v1.tar+encrypted', 'application/x-mine'];
    const { files, unread } = await searchLayers(memorySource(layer).source, types.map((type) => describeBytes(layer, type)), { name: 'image', tarTypes: ['application/x-mine'] });
    expect(unread.map(({ code }) => code)).toEqual(['unknown-media-type', 'foreign-layer', 'unknown-media-type']);
    expect(files.map(({ path, index }) => `${index} ${path}`)).toEqual(['3 a']);
  });

  test('a module in place of a tar is found and told', async () => {
    const { files, oddities } = await search([wasm('alone')]);
    expect(files).toMatchObject([{ path: null, keptFor: 'wasm' }]);
    expect(oddities.map(({ id }) => id)).toEqual(['wrong-layer-type']);
  });

  test('bombs: in the layer, in an archive inside, in many small archives', async () => {
    const bomb = gzipSync(tar(file('zeros', Buffer.alloc(100 << 20))));
    const many = gzipSync(tar(...Array.from({ length: 40 }, (_, index) => file(`${index}.tar.gz`, gzipSync(tar(file('z', Buffer.alloc(4 << 20))))))));
    for (const layer of [bomb, tar(file('b.tar.gz', bomb)), many]) {
      const { unread, oddities } = await search([layer, tar(file('later', wasm('L')))]);
      expect(unread.map(({ code }) => code)).toEqual(['decompression-bomb']);
      expect(oddities.map(({ id }) => id)).toEqual(['decompression-bomb']);
    }
  });

  test('sparse files are not analysed', async () => {
    expect(await codes([Buffer.concat([tarEntry({ path: 'a.wasm', flag: 'S', magic: 'ustar  \0' }), tar()])])).toEqual(['sparse-file']);
  });

  test('more names of one module than the limit are told', async () => {
    const names = Array.from({ length: LIMITS.imageModules + 1 }, (_, index): TarPart => ({ path: `n${index}`, flag: '1', link: 'a' }));
    const { files, unread } = await search([tar(file('a'), ...names)]);
    expect(files.length).toBe(LIMITS.imageModules);
    expect(unread.map(({ code }) => code)).toEqual(['limit-exceeded']);
  });

  test('links that lead on and on cost a bounded number of steps', async () => {
    const target = 'd/../'.repeat(800);
    const parts: TarPart[] = [file('d/x', 'x'), { path: 'l0', flag: '2', link: 'd' }];
    for (let index = 1; index < 39; index++) parts.push({ path: 'K', flag: 'K', body: `${target}l${index - 1}\0` }, { path: `l${index}`, flag: '2' });
    for (let index = 0; index < 3000; index++) parts.push(file(`l38/f${index}`, 'x'));
    expect(await codes([tar(...parts)])).toEqual(['limit-exceeded']);
  });
});
