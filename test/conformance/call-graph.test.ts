import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildCallGraph } from '../../scanner/facts/call-graph/build.ts';
import { indicesOf } from '../../scanner/facts/call-graph/references.ts';
import { decode } from '../../scanner/wasm/decode.ts';
import { corpusFile, corpusInstalled } from '../corpus/files.ts';
import { haveSuite, suitesFolder } from '../support/suites.ts';
import { ROOT } from '../support/imports.ts';
import { wasmToWat } from '../support/wat.ts';

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

/** Programs that another implementation prints in some seconds: C, Zig, Rust, AssemblyScript, Emscripten, OPA, sqlite, onigasm. */
const PRINTED = [
  ...['c-files', 'zig-cc', 'rust-proxy-wasm', 'assemblyscript', 'emscripten-standalone', 'opa'].map((name) => join(ROOT, `test/fixtures/toolchains/${name}.wasm`)),
  ...(corpusInstalled() ? ['sql.js/dist/sql-wasm.wasm', 'onigasm/lib/onigasm.wasm'].map(corpusFile) : []),
];

describe('figures of real programs', () => {
  test.each(PRINTED)('of %s are those of another reader', (path) => {
    const bytes = readFileSync(path);
    const module = decode(bytes);
    if (module.kind !== 'module' || module.code === null) throw new Error('Not a module');
    const text = wasmToWat(bytes);
    const { code, elements } = module;
    expect({
      functions: module.functionTypes.length - module.importedFunctions,
      calls: code.callEdges.length / 2,
      indirect: code.indirectCalls.length / 3,
      table: elements.reduce((sum, { functions }) => sum + functions.length, 0),
    }).toEqual({
      functions: matches(text, /^ {2}\(func /gm), calls: matches(text, /^ +(?:return_)?call \S+$/gm), indirect: matches(text, /^ +(?:return_)?call_indirect\b/gm),
      table: [...text.matchAll(/^ {2}\(elem .*?\bfunc (.*)\)$/gm)].reduce((sum, [, list]) => sum + list!.split(' ').length, 0),
    });
  });
});

function matches(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

function reached(base64: string): readonly number[] {
  const module = decode(new Uint8Array(Buffer.from(base64, 'base64')));
  if (module.kind !== 'module') throw new Error(`Not a module: ${module.kind}`);
  return [...indicesOf(buildCallGraph(module).reachable)];
}
