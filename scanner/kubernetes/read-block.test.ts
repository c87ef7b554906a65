import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readOneYaml } from '../yaml.ts';
import { readBlock } from './read-block.ts';

const PIECES = [
  'a: b', 'a:', 'b: |', 'c: |-', 'd: |+', 'e: >', '- x', '- a: b', '-', '- - x', 'f: "q # r"', "g: 'it'", "h: 'it''s'", 'i: "\\n"', 'j: &x y', 'k: *x', '<<: *x', 'l: {}', 'm: []', 'n: {a: b}', '# note', 'o: p # note', 'q: r: s', 't: 1', 'u: 01', 'v: 1.5',
  'w: true', 'x: ~', 'y: null', '1: z', '"1": z', 'true: z', '"a b": c', 'z: !!str x', 'text', '', ' ', '\t', 'a: b\t', '? a', ': b', '---', '__proto__: x', 'aa: http://x:80/y?a=b#c', 'bb: a #', 'cc: x:', "dd: 'a' b", 'ee:   spaced  out  ', 'ff: @x', 'gg: %x', 'é: ü', 'hh: ü',
  'ii: |2', 'jj: | # note', 'kk : v', '%YAML 1.1', 'll: .inf', 'mm: -1', 'nn: - x', '- {}', '- "x"', '- |', '- a:', '-   a: b', 'oo: 0x10', '"pp":v', '"qq": v', 'rr: "a" # b', 'ss: x\\', 'tt: NO', 'bc: \u00a0x\u00a0', '- \u00a0x', 'bd: x   ', '- x  ', 'be:   ', 'uu: 10Mi', 'vv: 1.2.3', 'ww: 1.5G', 'xx: 100m', 'yy: 1e3', 'zz: 1.2.3: x', 'ab: --flag=1', 'ac: -x: y', '- -x', '- --a: b',
];

describe('readBlock', () => {
  const line = fc.tuple(fc.constantFrom(0, 0, 1, 2, 2, 4, 6), fc.constantFrom(...PIECES)).map(([indent, piece]) => ' '.repeat(indent) + piece);

  test('says nothing else than the whole reader, whatever the lines', () => {
    let read = 0;
    fc.assert(fc.property(fc.array(line, { minLength: 1, maxLength: 7 }), fc.boolean(), (lines, ended) => {
      const text = lines.join('\n') + (ended ? '\n' : '');
      const value = readBlock(text);
      if (value === undefined) return;
      read++;
      const whole = readOneYaml(text);
      expect({ text, value, faults: whole.faults }).toEqual({ text, value: whole.value, faults: [] });
    }), { numRuns: 10_000 });
    expect(read).toBeGreaterThan(100);
  });

  test('reads what tools print, and reads it right', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9./-]{0,12}$/).filter((text) => !['null', 'true', 'false'].includes(text));
    const tree = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, word, fc.boolean(), fc.nat(), fc.array(word, { minLength: 1, maxLength: 3 }).map((lines) => `${lines.join('\n')}\n`), fc.dictionary(word, tie('node'), { minKeys: 1, maxKeys: 4, noNullPrototype: true })),
    })).node;
    fc.assert(fc.property(fc.dictionary(word, tree, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), (value) => {
      const text = stringify(value);
      expect(readBlock(text) ?? readOneYaml(text).value).toEqual(value);
    }));
  });

  test('reads a Deployment without the whole reader', () => {
    const text = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n      - name: a\n        image: ghcr.io/x/y:1\n        args:\n        - --flag=1\n        - serve\n      - image: b\n';
    expect(readBlock(text)).toEqual(readOneYaml(text).value);
  });
});
