import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { collectFacts } from '../scanner/facts/collect.ts';
import { decode } from '../scanner/wasm/decode.ts';
import { LIMITS } from '../scanner/wasm/limits.ts';
import { componentBytes, section, SECTION } from './support/component.ts';
import { scanBytes } from './support/findings.ts';
import { type Bytes, dataSegment, functionType, KIND, limits, moduleBytes, text, unsigned, VALUE_TYPE } from './support/module.ts';
import { outputs } from './toolchains/outputs.ts';
import { UNKNOWN_PROVENANCE } from '../scanner/provenance.ts';

// What nobody looked at is never clean, however it was hidden.

// Put together at run time, so that no scanner of repositories takes this file for a leak.
const TOKEN = ['gh', 'p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'].join('');
const POOL = 'stratum+tcp://pool.evil.org:3333';
const ELF: Bytes = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, ...zeros(8), 2, 0, 0x3e, 0, 1, 0, 0, 0, ...zeros(28), 64, 0, ...zeros(10)];
const INNER: Bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 1, 0, 3, 1, 0, 0xff];

const FLOODS: readonly (readonly [string, string, Bytes])[] = [
  ['a token', 'ghp_\0'.repeat(LIMITS.secretCharacters / 400), ascii(TOKEN)],
  ['a password', 'x://a@\0'.repeat(LIMITS.secretCharacters / 400), ascii('postgres://svc:q8Zt4LmWxV2nRb7K@db.prod-7.net/x')],
  ['a private key', '-----BEGIN PRIVATE KEY-----\0'.repeat(LIMITS.secretCharacters / 10_000), ascii(String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })))],
  ['a pool', 'stratum+tcp://\0'.repeat(LIMITS.indicatorReads), ascii(POOL)],
  ['the address of a metadata service', '169.254.169.254x\0'.repeat(LIMITS.indicatorReads), ascii('http://169.254.169.254/')],
  ['a dependency', '/rustc/\0'.repeat(LIMITS.dependencyPaths), ascii('/rustc/')],
];

describe('behind a flood of decoys', () => {
  test.each(FLOODS)('%s gives error in data and in a custom section, and blocks', async (_name, decoys, hidden) => {
    const payload = [...ascii(decoys), ...hidden];
    for (const bytes of [withData(payload), moduleBytes({ customs: [{ name: 'notes', payload }] })]) {
      const result = await scanBytes(bytes, { policy: { kind: 'level', name: 'baseline' } });
      expect(result).toMatchObject({ verdict: 'error', blocked: true });
      expect(result.problems).toContainEqual(expect.objectContaining({ code: 'limit-exceeded', effect: 'unanalysed' }));
      expect(result.reasons).toContainEqual(expect.stringMatching(/^Not analysed: Too many/));
    }
  });

  test('an executable of another format is found, and one of the same gives error', async () => {
    const many = Array.from({ length: LIMITS.embedded }, () => INNER).flat();
    const found = await scanBytes(withData([...many, ...ELF]));
    expect(found.problems).toEqual([]);
    expect(found.findings.filter(({ rule }) => rule === 'embedded-executable').map(({ subject }) => subject)).toContain('elf');
    expect(await scanBytes(withData([...many, ...INNER]), { policy: { kind: 'level', name: 'privileged' } })).toMatchObject({ verdict: 'error', problems: [{ code: 'limit-exceeded', section: 'data' }] });
  });

  test('problems are the same whether or not a rule asked for what they are about', async () => {
    const bytes = withData([...ascii(FLOODS[3]![1]), ...ascii(POOL)]);
    const { problems } = await scanBytes(bytes);
    expect(problems.map(({ message }) => message)).toContainEqual(expect.stringContaining('mining-pool'));
    for (const rules of [[], ['parser-limit-exceeded']]) {
      expect(await scanBytes(bytes, { rules, policy: { kind: 'level', name: 'privileged' } })).toMatchObject({ verdict: 'error', problems });
    }
  });

  test('onError alone lets through what was not analysed, still listed as such', async () => {
    const policy = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: lax }\nspec: { level: privileged, onError: allow }\n';
    expect(await scanBytes(withData([...ascii(FLOODS[3]![1]), ...ascii(POOL)]), { policy: { kind: 'file', text: policy, name: 'lax.yaml' } })).toMatchObject({ verdict: 'error', blocked: false });
  });

  test('a deprecated export is found', async () => {
    const others = Array.from({ length: 20_000 }, (_, index) => [...text(`f${index}`), KIND.func, 0]);
    const bytes = moduleBytes({ types: [functionType()], functions: [0], code: [[2, 0, 0x0b]], exports: [...others, [...text('proxy_abi_version_0_1_0'), KIND.func, 0]] });
    expect((await scanBytes(bytes)).findings.map(({ rule }) => rule)).toContain('deprecated-interface');
  });
});

test('a decode of the imports alone searches nothing, so it stops at no limit', () => {
  const bytes = withData(ascii(FLOODS[4]![1].repeat(2)));
  const problemsOf = (depth: 'full' | 'imports') => collectFacts({ name: 'a.wasm', digest: '', bytes }, decode(bytes, { depth }), { provenance: UNKNOWN_PROVENANCE }).problems;
  expect(problemsOf('imports')).toEqual([]);
  expect(problemsOf('full')).toMatchObject([{ code: 'limit-exceeded' }]);
});

test('the limits of searches are those that the documentation gives', () => {
  const page = readFileSync(new URL('../docs/limits.md', import.meta.url), 'utf8');
  const { secretCharacters, secretCandidates, indicatorReads, indicators, embedded, dependencyPaths, dependencies, customItems, anomalies, problems } = LIMITS;
  for (const limit of [secretCharacters, secretCandidates, indicatorReads, indicators, embedded, dependencyPaths, dependencies, customItems, anomalies, problems]) expect(page).toMatch(new RegExp(`\\b${limit.toLocaleString('en')}\\b`));
  expect(page).toContain(`${LIMITS.customTextBytes >> 20} MiB of text`);
});

test('a malformed part is never pushed out by parts that are only not analysed or damaged', async () => {
  const beyond = section(SECTION.module, moduleBytes({ types: [functionType(Array.from({ length: LIMITS.valueTypes + 1 }, () => VALUE_TYPE.i32))] }));
  const malformed = section(SECTION.module, moduleBytes({ functions: [7] }));
  const damaged = section(SECTION.custom, [...text('producers'), ...unsigned(0xffff_ffff)]);
  const many = (part: Bytes) => Array.from({ length: LIMITS.problems + 1 }, () => part);
  for (const decoy of [beyond, damaged]) {
    const result = await scanBytes(componentBytes(...many(decoy), malformed), { policy: { kind: 'level', name: 'privileged' } });
    expect(result.verdict).toBe('deny');
    expect(result.problems).toHaveLength(LIMITS.problems);
    expect(result.problems).toContainEqual(expect.objectContaining({ effect: 'malformed' }));
  }
});

test.each(outputs().map(({ recipe, path }) => [recipe.id, path]))('%s reaches no limit', async (_id, path) => {
  expect((await scanBytes(readFileSync(path))).problems).toEqual([]);
});

function withData(bytes: Bytes): Uint8Array {
  return moduleBytes({ memories: [limits(64)], data: [dataSegment(0, bytes)] });
}

function ascii(value: string): number[] {
  return Array.from(value, (character) => character.charCodeAt(0));
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}
