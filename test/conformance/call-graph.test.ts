import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildCallGraph } from '../../scanner/facts/call-graph/build.ts';
import { indicesOf } from '../../scanner/facts/call-graph/references.ts';
import { decode } from '../../scanner/wasm/decode.ts';
import { haveSuite, suitesFolder } from '../support/suites.ts';

const FILE = 'call-graph.jsonl.gz';

interface Case {
  readonly name: string;
  readonly reachable: readonly number[];
  readonly wasm: string;
}

/** Precise answers need values that flow through memory or between functions, or leave out the start function, which runs. */
const IMPRECISE = [
  'entry-point-start', 'indirect-call-index-expr-double-load', 'indirect-call-index-expr-interprocedural-param', 'indirect-call-index-expr-interprocedural-result',
  'indirect-call-index-expr-load-const-addr', 'indirect-call-index-expr-load-interprocedural-param', 'indirect-call-index-expr-load-interprocedural-result',
  'indirect-call-index-expr-memory-mutable', 'memory-init-offset-imported-global', 'table-init-offset-imported-global',
];

describe.runIf(haveSuite(FILE))('micro-benchmarks of call graphs', () => {
  const cases = haveSuite(FILE) ? gunzipSync(readFileSync(join(suitesFolder(), FILE))).toString('utf8').trim().split('\n').map((line) => JSON.parse(line) as Case) : [];

  test('there are 24', () => {
    expect(cases.length).toBe(24);
  });

  test.each(cases)('$name: nothing that runs is left out', ({ reachable, wasm }) => {
    expect(reached(wasm)).toEqual(expect.arrayContaining([...reachable]));
  });

  test('14 are exact', () => {
    expect(cases.filter(({ reachable, wasm }) => reached(wasm).length > reachable.length).map(({ name }) => name).sort()).toEqual(IMPRECISE);
  });
});

function reached(base64: string): readonly number[] {
  const module = decode(new Uint8Array(Buffer.from(base64, 'base64')));
  if (module.kind !== 'module') throw new Error(`Not a module: ${module.kind}`);
  return [...indicesOf(buildCallGraph(module).reachable)];
}
