import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { describe, expect, it } from 'vitest';
import { assemble, cut, customPart } from './fuzz/frame.ts';
import { scanBytes } from './support/findings.ts';
import { runCli } from './support/run-cli.ts';

// What must stay the same when a binary is written differently but means the same. No expected values are needed: the two
// results are compared with each other.

const FIXTURES = join(import.meta.dirname, 'fixtures/toolchains');
const MODULES = ['c-files', 'assemblyscript', 'emscripten-standalone', 'rust-tcp-client-wasip1', 'rust-proxy-wasm', 'zig-cc'] as const;
const COMPONENTS = ['rust-files-wasip2', 'rust-http'] as const;

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURES, `${name}.wasm`)));
const atBaseline = (bytes: Uint8Array) => scanBytes(bytes, { policy: { kind: 'level', name: 'baseline' } });

/** A pipeline of the optimiser: a level, or passes by name. */
type Pipeline = readonly string[] | { readonly optimize: number; readonly shrink: number };

const PIPELINES: Readonly<Record<string, Pipeline>> = {
  O1: { optimize: 1, shrink: 0 }, O2: { optimize: 2, shrink: 0 }, O3: { optimize: 3, shrink: 0 }, Os: { optimize: 2, shrink: 1 }, Oz: { optimize: 2, shrink: 2 },
  'strip-debug': ['strip-debug'], flatten: ['flatten'], 'reorder-functions': ['reorder-functions'], 'merge-blocks and vacuum': ['merge-blocks', 'vacuum'], 'duplicate functions merged': ['duplicate-function-elimination'],
};

function rewritten(bytes: Uint8Array, pipeline: Pipeline): Uint8Array {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(binaryen.Features.All);
  try {
    if ('optimize' in pipeline) {
      binaryen.setOptimizeLevel(pipeline.optimize);
      binaryen.setShrinkLevel(pipeline.shrink);
      module.optimize();
    } else {
      module.runPasses([...pipeline]);
    }
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

describe.each(MODULES)('%s, rewritten by an optimiser', (name) => {
  const bytes = read(name);
  it.each(Object.entries(PIPELINES))('%s: can do no more and is judged the same', async (_, pipeline) => {
    const changed = rewritten(bytes, pipeline);
    expect(changed).not.toEqual(bytes);
    const [before, after] = [await atBaseline(bytes), await atBaseline(changed)];
    expect(after.problems).toEqual([]);
    // An import that nothing calls may go, so powers may vanish; none may appear.
    expect(before.capabilities).toEqual(expect.arrayContaining([...after.capabilities]));
    expect(after.verdict).toBe(before.verdict);
  });
});

describe.each([...MODULES, ...COMPONENTS])('%s, framed differently', (name) => {
  const bytes = read(name);

  it('has the same findings with an unknown custom section at any place', async () => {
    const before = await findings(bytes);
    const frame = cut(bytes);
    for (const at of [0, Math.floor(frame.sections.length / 2), frame.sections.length]) {
      expect(await findings(assemble({ ...frame, sections: frame.sections.toSpliced(at, 0, customPart('com.example.unknown', [1, 2, 3])) }))).toEqual(before);
    }
  });

  it('has the same findings with section sizes written five bytes wide', async () => {
    expect(await findings(assemble(cut(bytes), 5))).toEqual(await findings(bytes));
  });

  it('has the same findings with all sizes as short as they can be', async () => {
    expect(await findings(assemble(cut(bytes), 1))).toEqual(await findings(bytes));
  });
});

// As processes of their own, so that nothing remembered can make them equal.
describe.each(['c-files', 'rust-http'])('%s, scanned again', (name) => {
  it('gives the same report, byte by byte, under whatever name', async () => {
    const input = read(name);
    const report = async (as: string): Promise<string> => (await runCli(['scan', '-', '--stdin-filename', as, '--format', 'json', '--policy', 'restricted'], { input })).stdout;
    const first = await report('a.wasm');
    expect(JSON.parse(first)).toMatchObject({ results: [{ artifact: { name: 'a.wasm', size: input.length } }] });
    expect(await report('a.wasm')).toBe(first);
    expect((await report('other/name.bin')).replaceAll('other/name.bin', 'a.wasm')).toBe(first);
  });
});

/** Findings at the strictest level without what moves when bytes move, and without those about the encoding itself. */
async function findings(bytes: Uint8Array): Promise<readonly string[]> {
  const { findings, verdict } = await scanBytes(bytes);
  const told = findings.filter(({ rule }) => rule !== 'section-structure-anomaly').map(({ rule, severity, confidence, subject }) => `${severity} ${confidence} ${rule} ${subject}`);
  return [verdict, ...told.sort()];
}
