import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFiles, corpusInstalled } from '../corpus/files.ts';
import { haveSuite, suiteCases, type SuiteName } from '../support/suites.ts';
import type { Chance } from './chance.ts';
import { chanceFor } from './chance.ts';
import { mutate } from './mutate.ts';

/** Real programs and the small binaries of the official suites. Both matter: size finds slowness, variety finds gaps. */
export interface Seeds { readonly programs: readonly Uint8Array[]; readonly small: readonly Uint8Array[] }

const FIXTURES = join(import.meta.dirname, '../fixtures/toolchains');
const SUITES: readonly SuiteName[] = ['core-spec', 'proposals', 'component-model'];
/** Larger seeds would make most inputs slow and find nothing more. */
const MOST_BYTES = 1 << 20;

/** Which seeds a run takes. */
export interface SeedChoice {
  /** Folder of seeds instead of the ordinary ones. */
  readonly folder?: string | undefined;
  /** Without the corpus, whose presence differs between machines. */
  readonly only?: 'fixtures' | undefined;
}

/** Reads the seeds, in an order that is the same on every machine that has the same files. */
export async function loadSeeds({ folder, only }: SeedChoice = {}): Promise<Seeds> {
  if (folder !== undefined) return { programs: read(globSync('**/*', { cwd: folder }).sort().map((file) => join(folder, file))), small: [] };
  const fixtures = globSync('*.wasm', { cwd: FIXTURES }).sort().map((file) => join(FIXTURES, file));
  const corpus = only === undefined && corpusInstalled() ? corpusFiles() : [];
  return { programs: read([...fixtures, ...corpus]), small: await suiteBinaries() };
}

/** One input of a run. The same seeds, seed and index give the same bytes. */
export function inputOf({ programs, small }: Seeds, seed: number, index: number): Uint8Array {
  const chance = chanceFor(seed, index);
  return mutate(pick({ programs, small }, chance), chance, pick({ programs, small }, chance));
}

function pick({ programs, small }: Seeds, chance: Chance): Uint8Array {
  const from = small.length > 0 && chance() % 4 > 0 ? small : programs;
  return from[chance() % from.length]!;
}

function read(files: readonly string[]): Uint8Array[] {
  return files.filter((file) => { const stat = statSync(file); return stat.isFile() && stat.size > 8 && stat.size < MOST_BYTES; }).map((file) => new Uint8Array(readFileSync(file)));
}

async function suiteBinaries(): Promise<Uint8Array[]> {
  const cases = [];
  for (const suite of SUITES) if (haveSuite(`${suite}.tar.gz`)) cases.push(...(await suiteCases(suite)));
  return cases.filter(({ expect, wasm }) => expect === 'valid' && wasm.length > 8).map(({ wasm }) => wasm);
}
