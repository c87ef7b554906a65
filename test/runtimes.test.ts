import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generateRuntimes, readRuntimeTables, tableFaults } from '../tools/generate-runtimes.ts';
import { findingsOf, scanBytes } from './support/findings.ts';
import { ROOT } from './support/imports.ts';
import { watToWasm } from './support/wat.ts';

const schema = JSON.parse(readFileSync(join(ROOT, 'scanner/facts/runtimes/runtimes.schema.json'), 'utf8')) as object;
const tables = await readRuntimeTables();
const GROW = watToWasm('(module (table 1 funcref) (func (result i32) (table.grow (ref.null func) (i32.const 1))))');

describe('tables of runtimes', () => {
  test('are what their schema and the names of features and instructions allow', () => {
    expect(tableFaults(tables, schema)).toEqual([]);
  });

  test('what is made of them is fresh', async () => {
    for (const [path, content] of await generateRuntimes()) expect(readFileSync(join(ROOT, path), 'utf8'), `${path}: run npm run generate`).toBe(content);
  });

  test.each<[string, RegExp, (copy: Mutable) => void]>([
    ['an unknown instruction', /no instruction table\.grew/, (copy) => { copy.advisories.advisories[0]!.when = { opcodes: ['table.grew'] }; }],
    ['an unknown feature', /no feature gcc/, (copy) => { copy.advisories.advisories[0]!.when = { anyOf: [{ feature: 'gcc' }, { engine: true }] }; }],
    ['an unknown runtime', /no runtime wasmtim/, (copy) => { copy.advisories.advisories[0]!.runtime = 'wasmtim'; }],
    ['two conditions in one', /must NOT have more than 1/, (copy) => { copy.advisories.advisories[0]!.when = { engine: true, table64: true }; }],
    ['a repeated id', /comes twice/, (copy) => { copy.advisories.advisories.push(copy.advisories.advisories[0]!); }],
    ['a version that is none', /must match pattern/, (copy) => { copy.advisories.advisories[0]!.fixed = ['soon']; }],
    ['a feature nobody knows', /wasmtime: no feature telepathy/, (copy) => { copy.features.runtimes[0]!.features['telepathy'] = { on: '1' }; }],
    ['a missing source', /required property 'source'/, (copy) => { delete copy.toolchains.advisories[0]!['source']; }],
  ])('refuse %s', (_, fault, change) => {
    const copy = structuredClone(tables) as unknown as Mutable;
    change(copy);
    expect(tableFaults(copy, schema).join('; ')).toMatch(fault);
  });

  test('list repairs in ascending order, so that the next one is the nearest', () => {
    const number = (text: string): number => text.split(/[.-]/).slice(0, 2).reduce((sum, part) => sum * 1000 + Number(part), 0);
    for (const { id, fixed } of [...tables.advisories.advisories, ...tables.toolchains.advisories]) expect(fixed.map(number), id).toEqual(fixed.map(number).toSorted((a, b) => a - b));
  });
});

describe('severity', () => {
  test('is a note at baseline and a warning at restricted', async () => {
    const at = async (name: 'baseline' | 'restricted') => (await findingsOf(GROW, { runtime: 'wasmtime@36.0.2', rules: ['runtime-cve-exposure'], policy: { kind: 'level', name } })).map(({ subject, severity }) => `${subject} ${severity}`);
    expect(await at('baseline')).toContain('CVE-2026-35186 note');
    expect(await at('restricted')).toContain('CVE-2026-35186 warning');
  });

  test('of what any program reaches is a note, whatever the policy says of the rule', async () => {
    const policy = { kind: 'file', name: 'p.yaml', text: 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: p }\nspec: { rules: { runtime-cve-exposure: error } }\n' } as const;
    const { findings, verdict } = await scanBytes(GROW, { runtime: 'wasm3@0.5.0', policy });
    expect(findings.filter(({ rule }) => rule === 'runtime-cve-exposure').map(({ severity }) => severity)).toEqual(['note']);
    expect(verdict).toBe('allow');
    expect((await scanBytes(GROW, { runtime: 'wasmtime@36.0.2', policy })).verdict).toBe('deny');
  });

  test('old tables are a note, where a version is named', async () => {
    const subjects = async (runtime: string, now: string) => (await findingsOf(GROW, { runtime, now, rules: ['runtime-cve-exposure'] })).map(({ subject, severity }) => `${subject} ${severity}`);
    expect(await subjects('wasmtime@48.0.0', '2030-01-01T00:00:00Z')).toEqual(['stale-data note']);
    expect(await subjects('wasmtime@48.0.0', `${tables.features.date}T00:00:00Z`)).toEqual([]);
    expect(await subjects('wasmtime', '2030-01-01T00:00:00Z')).toEqual([]);
  });
});

interface Mutable {
  advisories: { advisories: { when: unknown; runtime: string; fixed: string[] }[] };
  features: { runtimes: { features: Record<string, object> }[] };
  toolchains: { advisories: Record<string, unknown>[] };
}
