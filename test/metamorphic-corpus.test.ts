import binaryen from 'binaryen';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode } from '../scanner/wasm/decode.ts';
import { CORPUS_HINT, corpusFile, corpusFiles, corpusInstalled } from './corpus/files.ts';
import { assemble, cut, type Part } from './fuzz/frame.ts';
import { scanBytes } from './support/findings.ts';
import { MUTATOR_HINT, mutator } from './toolchains/mutator.ts';

// What does not change what a program can do must not change what is said of it: published binaries, rewritten by the tools that people use.

const installed = corpusInstalled();
if (!installed) console.log(`Skipped: ${CORPUS_HINT}`);
const program = mutator();
if (program === null) console.log(`Skipped: ${MUTATOR_HINT}`);

const MODULES = 20;
const MUTANTS = 10;
/** Bytes: large enough to be a program, small enough to be transformed in seconds. */
const SIZES = { least: 4_000, most: 400_000 };
const modules = installed ? chosen() : [];

/** Core modules of moderate size, one of each package, in the order of their paths. */
function chosen(): readonly (readonly [string, Uint8Array])[] {
  const packages = new Map<string, readonly [string, Uint8Array]>();
  for (const file of corpusFiles()) {
    const name = relative(corpusFile(''), file);
    const owner = name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');
    const { size } = statSync(file);
    if (packages.has(owner) || size < SIZES.least || size > SIZES.most) continue;
    const bytes = new Uint8Array(readFileSync(file));
    if (decode(bytes).kind === 'module') packages.set(owner, [name, bytes]);
  }
  return [...packages.values()].slice(0, MODULES);
}

interface Said { readonly baseline: string; readonly denied: boolean; readonly capabilities: readonly string[] }

/** What must stay: the verdict at baseline, whether restricted denies once provenance is established, and the capabilities. */
async function said(bytes: Uint8Array): Promise<Said> {
  const [baseline, restricted] = await Promise.all(['baseline', 'restricted'].map((name) => scanBytes(bytes, { policy: { kind: 'level', name }, provenance: 'trusted' })));
  return { baseline: baseline!.verdict, denied: restricted!.verdict === 'deny', capabilities: baseline!.capabilities };
}

describe.skipIf(!installed)('a verdict and the capabilities stay', () => {
  test('for twenty modules of twenty packages', () => {
    expect(modules.length).toBe(MODULES);
  });

  test.each(modules)('%s without names', async (_name, bytes) => {
    const frame = cut(bytes);
    expect(await said(assemble({ ...frame, sections: frame.sections.filter((part) => customName(part) !== 'name') }))).toEqual(await said(bytes));
  });

  test.each(modules)('%s with its custom sections in another order', async (_name, bytes) => {
    expect(await said(reordered(bytes))).toEqual(await said(bytes));
  });

  test.each(modules)('%s after wasm-opt --strip', async (_name, bytes) => {
    expect(await said(optimised(bytes, (module) => module.runPasses(['strip'])))).toEqual(await said(bytes));
  });

  test.each(modules)('%s after wasm-opt -O', async (_name, bytes) => {
    const before = await said(bytes);
    const result = optimised(bytes, (module) => module.optimize());
    const after = await said(result);
    // Imports that nothing uses are taken out, and with the last of a kind its capability.
    expect(before.capabilities).toEqual(expect.arrayContaining([...after.capabilities]));
    if (importCount(result) === importCount(bytes)) expect(after).toEqual(before);
    else expect(ORDER.indexOf(after.baseline)).toBeLessThanOrEqual(ORDER.indexOf(before.baseline));
  });

  test.skipIf(program === null)('for ten mutants each that keep their meaning', { timeout: 600_000 }, async () => {
    let mutants = 0;
    for (const [name, bytes] of modules) {
      const before = await said(bytes);
      for (const mutant of mutantsOf(corpusFile(name))) {
        mutants++;
        const after = await said(mutant);
        expect(before.capabilities, name).toEqual(expect.arrayContaining([...after.capabilities]));
        expect(after, name).toEqual(before);
      }
    }
    expect(mutants).toBeGreaterThanOrEqual(MODULES * MUTANTS);
  });
});

const ORDER = ['allow', 'warn', 'deny', 'error'];

/** The linking section of shared libraries has to be the first; the others may stand anywhere. */
function reordered(bytes: Uint8Array): Uint8Array {
  const frame = cut(bytes);
  const moves = (part: Part): boolean => part.id === 0 && customName(part)?.startsWith('dylink') === false;
  const fixed = frame.sections.filter((part) => !moves(part));
  const first = fixed.findIndex(({ id }) => id !== 0);
  return assemble({ ...frame, sections: [...fixed.slice(0, first), ...frame.sections.filter(moves).toReversed(), ...fixed.slice(first)] });
}

/** Null for other sections. Names of 128 bytes and more are none that matter here. */
function customName({ id, payload }: Part): string | null {
  return id === 0 ? new TextDecoder().decode(payload.subarray(1, 1 + payload[0]!)) : null;
}

function optimised(bytes: Uint8Array, transform: (module: binaryen.Module) => void): Uint8Array {
  const module = binaryen.readBinary(bytes);
  try {
    module.setFeatures(binaryen.Features.All);
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(0);
    transform(module);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

function importCount(bytes: Uint8Array): number {
  const decoded = decode(bytes);
  return decoded.kind === 'module' ? decoded.imports.length : -1;
}

function mutantsOf(path: string): readonly Uint8Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    execFileSync(program!, [path, folder, String(MUTANTS)], { stdio: ['ignore', 'ignore', 'pipe'] });
    return readdirSync(folder).sort().map((name) => new Uint8Array(readFileSync(join(folder, name))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
