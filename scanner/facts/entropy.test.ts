import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dataModule } from '../../test/support/data-module.ts';
import { noise } from '../../test/support/noise.ts';
import { measureEntropy } from './entropy.ts';

const KIB = 1024;

describe('the share of packed data', () => {
  test('counts whole windows of random bytes and none of text or zeros', () => {
    const measured = measure(concat(new Uint8Array(8 * KIB), noise(16 * KIB), text(8 * KIB)));
    expect(measured).toMatchObject({ windows: 8, high: 4, recognised: 0, longest: { path: 'data[0]', offset: 8 + 8 * KIB, length: 16 * KIB } });
  });

  test('is the same for one segment and for the many that fill the same memory', () => {
    const bytes = noise(32 * KIB);
    const pieces = Array.from({ length: 32 }, (_, index) => ({ at: 64 + index * KIB, bytes: bytes.subarray(index * KIB, (index + 1) * KIB) }));
    const measured = measureEntropy([{ path: '', module: dataModule(pieces) }]);
    expect(measured).toMatchObject({ windows: 8, high: 8 });
  });

  test('leaves out what follows the header of a compressed format, wherever it starts', () => {
    for (const lead of [0, 100, 5000]) {
      const measured = measure(concat(text(lead), gzipSync(noise(24 * KIB))));
      expect(measured.high, `gzip after ${lead}`).toBe(0);
      expect(measured.recognised).toBeGreaterThanOrEqual(5);
    }
    expect(measure(deflateRawSync(noise(24 * KIB))).high).toBeGreaterThanOrEqual(5);
  });

  test('stays below the threshold for base64 and machine tables', () => {
    expect(measure(new TextEncoder().encode(Buffer.from(noise(24 * KIB)).toString('base64'))).high).toBe(0);
    expect(measure(Uint8Array.from({ length: 32 * KIB }, (_, at) => at >> 8)).high).toBe(0);
  });

  test('covers every module and passive segments, and survives data of any length', () => {
    const module = dataModule([{ bytes: noise(16 * KIB) }]);
    expect(measureEntropy([{ path: 'module[0]', module }, { path: 'module[1]', module }])).toMatchObject({ high: 8, longest: { path: 'module[0]/data[0]' } });
    for (const length of [0, 1, 4095, 4096, 4097]) expect(measure(noise(length)).high, String(length)).toBe(Math.floor(length / 4096));
    expect(measureEntropy([])).toEqual({ windows: 0, high: 0, recognised: 0, longest: null });
  });
});

function measure(bytes: Uint8Array) {
  return measureEntropy([{ path: '', module: dataModule([{ at: 1024, bytes }]) }]);
}

function text(length: number): Uint8Array {
  const words = 'the quick brown fox jumps over the lazy dog and runs away; ';
  return Uint8Array.from({ length }, (_, at) => words.charCodeAt(at % words.length));
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
