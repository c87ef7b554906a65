import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { zip, type ZipPart } from '../../../test/support/archives.ts';
import { FetchError } from '../fetch-error.ts';
import { bytesAccess } from './archive-source.ts';
import { collect } from './archive-input.ts';
import { Meter, newBudget } from './decompress.ts';
import { readZip, type ZipEntry } from './zip.ts';

async function read(content: Uint8Array, meter = new Meter('a.zip', newBudget())): Promise<string[]> {
  try {
    return await Promise.all(readZip(bytesAccess(content), meter, 'a.zip').map(async (entry) => `${entry.path}${await bodyOf(entry)}`));
  } catch (error) {
    return [codeOf(error)];
  }
}

async function bodyOf(entry: ZipEntry): Promise<string> {
  try {
    return `=${String(await collect(entry.body(), 1 << 20)).slice(0, 20)}`;
  } catch (error) {
    return `: ${codeOf(error)}`;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof FetchError)) throw error;
  return error.failure.code;
}

const A: ZipPart = { path: 'a', body: 'hello' };

test('what the zip command writes, streamed and not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zip-'));
  try {
    writeFileSync(join(folder, 'a.txt'), 'a'.repeat(1000));
    writeFileSync(join(folder, 'b'), 'b');
    execFileSync('zip', ['-q', 'plain.zip', 'a.txt', 'b'], { cwd: folder });
    expect(await read(readFileSync(join(folder, 'plain.zip')))).toEqual([`a.txt=${'a'.repeat(20)}`, 'b=b']);
    const streamed = execFileSync('zip', ['-q', '-fz-', '-', 'a.txt', 'b'], { cwd: folder });
    expect(await read(streamed)).toEqual([`a.txt=${'a'.repeat(20)}`, 'b=b']);
    execFileSync('zip', ['-q', '-fz', 'wide.zip', 'a.txt', 'b'], { cwd: folder });
    expect(await read(readFileSync(join(folder, 'wide.zip')))).toEqual([`a.txt=${'a'.repeat(20)}`, 'b=b']);
    // Forced to 64 bits on a pipe, it leaves out the record that its end refers to.
    expect(await read(execFileSync('zip', ['-q', '-fz', '-', 'a.txt', 'b'], { cwd: folder }))).toEqual(['malformed-archive']);
    execFileSync('zip', ['-q', '-P', 'secret', 'locked.zip', 'b'], { cwd: folder });
    expect(await read(readFileSync(join(folder, 'locked.zip')))).toEqual(['b: encrypted']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('stored files, folders, climbing paths and both kinds of slash', async () => {
  const entries = readZip(bytesAccess(zip({ path: 'd/', body: '', stored: true }, { path: '..\\x', body: '1' })), new Meter('', newBudget()), 'a.zip');
  expect(entries.map(({ path, directory, oddity }) => [path, directory, oddity?.id])).toEqual([['d', true, undefined], ['x', false, 'path-trick']]);
  expect(await read(zip({ path: 'a', body: 'hello', stored: true }, A))).toEqual(['a=hello', 'a=hello']);
});

describe('hostile zips', () => {
  test.each([
    ['more bytes than the directory says', zip({ ...A, size: 3 }), ['a: malformed-archive']],
    ['fewer bytes than the directory says', zip({ ...A, size: 30 }), ['a: malformed-archive']],
    ['a wrong checksum', zip({ ...A, crc: 1 }), ['a: malformed-archive']],
    ['two names for one file', zip({ ...A, localPath: 'b' }), ['a: malformed-archive']],
    ['encryption', zip({ ...A, flags: 1 }), ['a: encrypted']],
    ['a method that is not read', zip({ ...A, method: 12 }), ['a: unknown-compression']],
    ['files that overlap', zip(A, { ...A, offset: 0 }), ['malformed-archive']],
    ['a file in the directory', zip({ ...A, offset: 40 }), ['malformed-archive']],
    ['bytes in front', Buffer.concat([Buffer.from('MZ'), zip(A)]), ['malformed-archive']],
    ['bytes after the end', Buffer.concat([zip(A), Buffer.from('x')]), ['malformed-archive']],
    ['no end', zip(A).subarray(0, 60), ['malformed-archive']],
  ])('%s', async (_, content, found) => {
    expect(await read(content)).toEqual(found);
  });

  test('a directory that says more, or fewer, entries than it has', async () => {
    for (const count of [0, 2, 0xfffe]) {
      const content = zip(A);
      content.writeUInt16LE(count, content.length - 14);
      content.writeUInt16LE(count, content.length - 12);
      expect(await read(content)).toEqual(['malformed-archive']);
    }
  });

  test('a second end in the comment', async () => {
    const inner = zip({ path: 'other', body: 'x' });
    const outer = zip(A);
    outer.writeUInt16LE(inner.length, outer.length - 2);
    expect(await read(Buffer.concat([outer, inner]))).toEqual(['malformed-archive']);
  });

  test('a bomb is held to the bytes that were sent', async () => {
    const content = zip({ path: 'bomb', body: Buffer.alloc(200 << 20) });
    const meter = new Meter('a.zip', newBudget());
    meter.read(content.length);
    await expect((async () => { for await (const _ of readZip(bytesAccess(content), meter, 'a.zip')[0]!.body()); })()).rejects.toMatchObject({ failure: { code: 'decompression-bomb' } });
  });
});
