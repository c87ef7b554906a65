import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';

test('a body is too long from the byte after the limit', async () => {
  expect(await find(withBody(body([], 7_654_321)))).toEqual([]);
  expect(await find(withBody(body([], 7_654_322)))).toMatchObject([{ subject: 'body', location: { path: 'func[0]', length: 7_654_322 } }]);
});

test('locals are counted by the runs they are declared in, whatever their types', async () => {
  const runs = (last: number) => [[25_000, 0x7f], [24_998, 0x63, 0x00], [1, 0x64, 0x65, 0x6e], [last, 0x7b]];
  expect(await find(withBody(body(runs(1), 40)))).toEqual([]);
  expect(await find(withBody(body(runs(2), 40)))).toMatchObject([{ subject: 'locals', location: { path: 'func[0]', offset: 22, length: 40 } }]);
  const [most] = await find(withBody(body([[0xffff_ffff, 0x7f]], 12)));
  expect(most?.message).toContain('4294967295 locals');
});

test('data segments are counted', async () => {
  expect(await find(withSegments(100_000))).toEqual([]);
  expect(await find(withSegments(100_001))).toMatchObject([{ subject: 'data segments', location: { path: 'data' } }]);
});

function find(bytes: Uint8Array) {
  return findingsOf(bytes, { rules: ['compile-cost-excessive'] });
}

/** A function body of exactly so many bytes: runs of locals, each a count and the bytes of a type, then nops and an end. */
function body(runs: readonly (readonly number[])[], length: number): Uint8Array {
  const head = [...leb(runs.length), ...runs.flatMap(([count, ...type]) => [...leb(count!), ...type])];
  return Uint8Array.from({ length }, (_, at) => head[at] ?? (at === length - 1 ? 0x0b : 0x01));
}

function withBody(code: Uint8Array): Uint8Array {
  return moduleOf(section(1, [1, 0x60, 0, 0]), section(3, [1, 0]), section(10, Buffer.concat([Buffer.from([1, ...leb(code.length)]), code])));
}

/** Passive segments without bytes. */
function withSegments(count: number): Uint8Array {
  return moduleOf(section(11, Buffer.concat([Buffer.from(leb(count)), Buffer.alloc(2 * count, Buffer.of(1, 0))])));
}

function moduleOf(...sections: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), ...sections]));
}

function section(id: number, payload: Uint8Array | readonly number[]): Uint8Array {
  return Buffer.concat([Buffer.from([id, ...leb(payload.length)]), Buffer.from(payload)]);
}

function leb(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low + 128, ...leb(Math.floor(value / 128))];
}
