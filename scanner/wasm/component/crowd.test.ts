import { describe, expect, it } from 'vitest';
import { functionType, join, moduleBytes, text, unsigned } from '../../../test/support/module.ts';
import { decode } from '../decode.ts';
import { LIMITS } from '../limits.ts';

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const PART_ITEMS = 10_000;

function repeated(section: readonly number[], times: number): Uint8Array {
  const all = new Uint8Array(section.length * times);
  for (let at = 0; at < all.length; at += section.length) all.set(section, at);
  return all;
}

function section(id: number, payload: ArrayLike<number>): Uint8Array {
  return join([id], unsigned(payload.length), payload);
}

/** A component of equal parts. */
function crowd(id: number, part: Uint8Array, parts: number): Uint8Array {
  return join(PREAMBLE, ...Array.from({ length: parts }, () => section(id, part)));
}

describe('a component of many parts', () => {
  const types = moduleBytes({ types: Array.from({ length: PART_ITEMS }, () => functionType()) });
  const customs = join(moduleBytes(), repeated([0, 1, 0], PART_ITEMS));
  const nested = join(PREAMBLE, repeated([7, 2, 1, 0x7f], PART_ITEMS));
  it.each([['types', 1, types], ['custom sections', 1, customs], ['definitions of components', 4, nested]] as const)('holds no more %s than the whole artifact may', (_, id, part) => {
    expect(decode(crowd(id, part, 3)).problems).toEqual([]);
    const parts = Math.ceil(LIMITS.nestedItems / PART_ITEMS);
    expect(new Set(decode(crowd(id, part, parts)).problems.map(({ code, effect }) => `${code} ${effect}`))).toEqual(new Set(['limit-exceeded unanalysed']));
  });

  it('has no more imports and exports than can be judged one by one', () => {
    const imports = Array.from({ length: LIMITS.componentExterns + 1 }, (_, index) => [0, ...text(`a${index}`), 1, 0]);
    const bytes = join(PREAMBLE, section(7, [1, 0x40, 0, 1, 0]), section(10, join(unsigned(imports.length), ...imports)));
    const decoded = decode(bytes);
    expect(decoded.problems).toMatchObject([{ code: 'limit-exceeded', section: 'import' }]);
    expect(decoded).toMatchObject({ kind: 'component', imports: { length: LIMITS.componentExterns } });
  });
});
