import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../wasm/limits.ts';
import { FetchError } from '../fetch-error.ts';
import { piecesOf } from './archive-input.ts';
import { decompress, Meter, newBudget } from './decompress.ts';

async function run(...pieces: readonly Uint8Array[]): Promise<string> {
  const meter = new Meter('layer', newBudget());
  const parts: Uint8Array[] = [];
  try {
    for await (const piece of decompress(meter.counted(piecesOf(...pieces)), meter, 'layer')) parts.push(piece);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    return error.failure.code;
  }
  return Buffer.concat(parts).toString('latin1');
}

const SKIPPED = Buffer.from('502a4d1804000000deadbeef', 'hex');

describe.each([['gzip', gzipSync], ['zstd', zstdCompressSync]] as const)('%s', (_, compress) => {
  const a = compress(Buffer.from('first '));
  const b = compress(Buffer.from('second'));

  test('streams one after another are one, however they are cut', async () => {
    expect(await run(Buffer.concat([a, b]))).toBe('first second');
    expect(await run(a, b)).toBe('first second');
    expect(await run(...Array.from(Buffer.concat([a, b]), (value) => Buffer.from([value])))).toBe('first second');
  });

  test('many small streams in one piece', async () => {
    expect(await run(Buffer.concat(Array.from({ length: 3000 }, () => b)))).toBe('second'.repeat(3000));
  });

  test('what is cut off is refused', async () => {
    for (const cut of [1, 4, a.length - 5]) expect(await run(a.subarray(0, a.length - cut))).toBe('malformed-compression');
  });

  test('data after the end is refused', async () => {
    expect(await run(Buffer.concat([a, Buffer.from('hidden')]))).toMatch(/^(trailing-data|malformed-compression)$/);
    expect(await run(a, Buffer.from('hidden'))).toMatch(/^(trailing-data|malformed-compression)$/);
    expect(await run(Buffer.concat([a, Buffer.alloc(20), b]))).toMatch(/^(trailing-data|malformed-compression)$/);
    expect(await run(a, Buffer.alloc(20), b)).toMatch(/^(trailing-data|malformed-compression)$/);
  });

  test('a bomb is stopped early', async () => {
    const bomb = compress(Buffer.alloc(400 << 20));
    const before = process.memoryUsage().rss;
    const meter = new Meter('layer', newBudget());
    let given = 0;
    await expect((async () => {
      for await (const piece of decompress(meter.counted(piecesOf(bomb)), meter, 'layer')) given += piece.length;
    })()).rejects.toMatchObject({ failure: { code: 'decompression-bomb', kind: 'unreadable' } });
    expect(given).toBeLessThan(LIMITS.decompressionFloor + LIMITS.decompressionRatio * bomb.length + (1 << 20));
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
  });
});

test('zeros after gzip are padding', async () => {
  expect(await run(Buffer.concat([gzipSync('a'), Buffer.alloc(600)]))).toBe('a');
});

test('frames of zstd that hold nothing are passed over', async () => {
  const a = zstdCompressSync(Buffer.from('a'));
  expect(await run(Buffer.concat([SKIPPED, a, SKIPPED, a, SKIPPED]))).toBe('aa');
  expect(await run(a, SKIPPED.subarray(0, 9))).toBe('malformed-compression');
});

test('other compressions are known and refused, anything else passes', async () => {
  for (const magic of ['fd377a585a000000', '425a6839314159265359', '04224d18', '1f9d90']) expect(await run(Buffer.from(magic, 'hex'))).toBe('unknown-compression');
  expect(await run(Buffer.from('plain'))).toBe('plain');
  expect(await run()).toBe('');
});

test('the bytes of all layers of an image count together', async () => {
  const budget = { left: 10 };
  for (const [text, left] of [['12345', 5], ['123', 2]] as const) {
    const meter = new Meter('layer', budget);
    for await (const _ of decompress(piecesOf(Buffer.from(text)), meter, 'layer'));
    expect(budget.left).toBe(left);
  }
  const meter = new Meter('layer', budget);
  await expect((async () => { for await (const _ of decompress(piecesOf(Buffer.from('1234')), meter, 'layer')); })()).rejects.toMatchObject({ failure: { code: 'limit-exceeded' } });
});

test('an error of the source comes through as it is', async () => {
  async function* failing() {
    yield gzipSync(Buffer.alloc(100)).subarray(0, 12);
    throw new FetchError({ kind: 'outside', code: 'http-503', message: 'Down' });
  }
  const meter = new Meter('layer', newBudget());
  await expect((async () => { for await (const _ of decompress(failing(), meter, 'layer')); })()).rejects.toMatchObject({ failure: { code: 'http-503', kind: 'outside' } });
});
