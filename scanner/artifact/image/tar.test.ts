import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { linkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pax, tar, tarEntry, type TarPart } from '../../../test/support/archives.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { ArchiveError } from './archive-failure.ts';
import { collect, piecesOf } from './archive-input.ts';
import { readTar } from './tar.ts';

interface Read {
  readonly path: string;
  readonly type: string;
  readonly link: string;
  readonly body: string;
  readonly oddity: string | null;
}

async function read(content: Uint8Array, pieceLength = content.length): Promise<Read[]> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += pieceLength) pieces.push(content.subarray(at, at + pieceLength));
  const entries: Read[] = [];
  for await (const entry of readTar(piecesOf(...pieces), 'a.tar')) {
    const { path, type, link, oddity } = entry;
    entries.push({ path, type, link, oddity: oddity?.id ?? null, body: String(await collect(entry.body(), 1 << 20)) });
  }
  return entries;
}

async function codeOf(content: Uint8Array): Promise<string> {
  try {
    const entries = await read(content);
    return `read ${entries.map(({ path }) => path).join(' ')}`;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return `${error.failure.code}: ${error.failure.message.replace(/^Cannot read a\.tar: /, '')}`;
  }
}

describe('forms that honest writers write', () => {
  for (const format of ['v7', 'ustar', 'gnu', 'pax']) {
    test(`GNU tar writes ${format}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tar-'));
      const long = format === 'v7' ? 'deep' : format === 'ustar' ? 'd'.repeat(90) : 'd'.repeat(200);
      try {
        mkdirSync(join(folder, long));
        writeFileSync(join(folder, long, 'a.wasm'), 'hello');
        linkSync(join(folder, long, 'a.wasm'), join(folder, long, 'b.wasm'));
        symlinkSync(`${long}/a.wasm`, join(folder, 'link'));
        const content = execFileSync('tar', ['-C', folder, `--format=${format}`, '--sort=name', '-cf', '-', '.']);
        const entries = await read(content, 700);
        expect(entries.map(({ path, type }) => `${type} ${path}`)).toEqual([
          'directory ', `directory ${long}`, `file ${long}/a.wasm`, `hardlink ${long}/b.wasm`, 'symlink link',
        ]);
        expect(entries[2]!.body).toBe('hello');
        expect(entries[3]!.link).toBe(`./${long}/a.wasm`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  test('pieces of one byte give what one piece gives', async () => {
    const content = tar({ path: 'a', body: 'x'.repeat(600) }, pax({ path: 'é/b' }), { path: 'short', body: 'y' });
    expect(await read(content, 1)).toEqual(await read(content));
    expect((await read(content)).map(({ path }) => path)).toEqual(['a', 'é/b']);
  });

  test('a body that nobody reads is skipped', async () => {
    const paths: string[] = [];
    for await (const entry of readTar(piecesOf(tar({ path: 'a', body: 'x'.repeat(5000) }, { path: 'b' })), 'a.tar')) paths.push(`${entry.path}@${entry.offset}`);
    expect(paths).toEqual(['a@512', 'b@6144']);
  });

  test('the prefix of ustar counts, and the numbers that GNU keeps there do not', async () => {
    const times = '00000000000\x0000000000000\0';
    const content = tar({ path: 'a', prefix: 'usr/lib' }, { path: 'b', magic: 'ustar  \0', prefix: times });
    expect((await read(content)).map(({ path }) => path)).toEqual(['usr/lib/a', 'b']);
  });

  test('a size of 8 GiB and more comes in base 256 or an extended header', async () => {
    const size = Buffer.from('800000000000000000000005', 'hex');
    expect(await read(tar({ path: 'a', size, body: '12345' }, pax({ size: '3' }), { path: 'b', size: '00000000000', body: 'abc' }))).toMatchObject([{ body: '12345' }, { body: 'abc' }]);
  });

  test('names that are no UTF-8 stay apart', async () => {
    const name = (value: number) => {
      const content = tarEntry({ path: 'x' });
      content[0] = value;
      content.fill(0x20, 148, 156);
      const sum = content.subarray(0, 512).reduce((total, one) => total + one, 0);
      content.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      return content;
    };
    const paths = (await read(Buffer.concat([name(0xe9), name(0xea), tarEntry({ path: 'é' }), Buffer.alloc(1024)]))).map(({ path }) => path);
    expect(new Set(paths).size).toBe(3);
  });
});

describe('hostile tars', () => {
  const refused: readonly [string, Uint8Array, RegExp][] = [
    ['a negative size', tar({ path: 'a', size: Buffer.from('ffffffffffffffffffffffff', 'hex') }), /malformed-archive: The size/],
    ['a negative size of few bits', tar({ path: 'a', size: Buffer.from('ff0000000000000000000000', 'hex') }), /malformed-archive: The size/],
    ['a size beyond what is exact', tar({ path: 'a', size: Buffer.from('80007fffffffffffffffffff', 'hex') }), /malformed-archive: The size/],
    ['a size that is no number', tar({ path: 'a', size: '12x45678901\0' }), /malformed-archive: The size/],
    ['a size beyond the end', tar({ path: 'a', size: '77777777777\0', body: 'short' }), /malformed-archive: The archive is cut off/],
    ['a wrong checksum', tar({ path: 'a', checksumOff: 1 }), /malformed-archive: The checksum/],
    ['a header that is cut off', tar({ path: 'a' }).subarray(0, 300), /malformed-archive: The archive is cut off/],
    ['data after the end', Buffer.concat([tar({ path: 'a' }), tar({ path: 'hidden.wasm' })]), /malformed-archive: Data after the end/],
    ['data after one block of zeros', Buffer.concat([tarEntry({ path: 'a' }), Buffer.alloc(512), tar({ path: 'hidden.wasm' })]), /malformed-archive: Data after the end/],
    ['a negative size in an extended header', tar(pax({ size: '-1' }), { path: 'a' }), /malformed-archive: The size in an extended header/],
    ['a size in an extended header that is too large', tar(pax({ size: '99999999999999999999' }), { path: 'a' }), /malformed-archive: The size in an extended header/],
    ['two sizes that contradict each other', tar(pax({ size: '2' }), { path: 'a', body: 'hello' }), /contradict/],
    ['two names that contradict each other', tar(pax({ path: 'b' }), { path: '././@LongLink', flag: 'L', body: 'c\0' }, { path: 'a' }), /contradict/],
    ['two extended headers', tar(pax({ path: 'b' }), pax({ path: 'c' }), { path: 'a' }), /Two extended headers/],
    ['a global header that names files', tar(pax({ path: 'b' }, 'g'), { path: 'a' }), /global header/],
    ['a NUL in a path', tar(pax({ path: 'a.wasm\0.txt' }), { path: 'a' }), /NUL/],
    ['a record longer than its header', tar({ path: 'x', flag: 'x', body: '999 path=b\n' }, { path: 'a' }), /length of a record/],
    ['an extended header for nothing', tar(pax({ path: 'b' })), /cut off/],
    ['an extended header that is too long', tar({ path: 'x', flag: 'x', size: (LIMITS.archiveHeaderBytes + 1).toString(8).padStart(11, '0') }), /limit-exceeded/],
    ['a path that is too long', tar({ path: 'L', flag: 'L', body: 'p'.repeat(LIMITS.archivePathBytes + 1) }, { path: 'a' }), /limit-exceeded: A path/],
  ];
  test.each(refused)('%s is refused', async (_, content, code) => {
    expect(await codeOf(content)).toMatch(code);
  });

  test('paths stay inside the root, and climbing ones are told', async () => {
    const written = ['/etc/a.wasm', '../../b.wasm', 'x/../../c.wasm', './/d/./e.wasm', '..'];
    const entries = await read(tar(...written.map((path): TarPart => ({ path }))));
    expect(entries.map(({ path, oddity }) => [path, oddity])).toEqual([['etc/a.wasm', null], ['b.wasm', 'path-trick'], ['c.wasm', 'path-trick'], ['d/e.wasm', null], ['', 'path-trick']]);
  });

  test('a link with a body has none, as in Go, and the size is told', async () => {
    const entries = await read(tar({ path: 'l', flag: '1', link: 'a', size: '00000001000' }, { path: 'b', body: 'seen' }));
    expect(entries.map(({ path, oddity }) => [path, oddity])).toEqual([['l', 'lying-size'], ['b', null]]);
  });

  test('sparse files of every form are known as such', async () => {
    const map = Buffer.alloc(512);
    const old = tarEntry({ path: 'old', flag: 'S', magic: 'ustar  \0' });
    expect((await read(Buffer.concat([old, tar(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'real' }), { path: 'GNUSparseFile.0/real', body: map })]))).map(({ type, path }) => `${type} ${path}`)).toEqual(['sparse old', 'sparse real']);
  });

  test('a type that nobody knows is a file', async () => {
    expect(await read(tar({ path: 'a.wasm', flag: 'Z', body: 'x' }))).toMatchObject([{ type: 'file', body: 'x' }]);
  });

  test('more entries than the limit are refused, in bounded memory', async () => {
    const some = Buffer.concat(Array.from({ length: 1000 }, (_, index) => tarEntry({ path: `f${index}`, body: 'x' })));
    async function* flood() {
      for (let index = 0; index < 1100; index++) yield some;
    }
    let entries = 0;
    await expect((async () => {
      for await (const entry of readTar(flood(), 'a.tar')) entries += entry.size;
    })()).rejects.toMatchObject({ failure: { code: 'limit-exceeded' } });
    expect(entries).toBe(LIMITS.archiveEntries);
  }, 60_000);
});
