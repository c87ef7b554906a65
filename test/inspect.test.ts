import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { collectFacts } from '../scanner/facts/collect.ts';
import { inspectObject } from '../scanner/report/inspect.ts';
import { decode } from '../scanner/wasm/decode.ts';
import type { Depth } from '../scanner/wasm/module.ts';
import { ROOT } from './support/imports.ts';
import { outputs } from './toolchains/outputs.ts';
import { UNKNOWN_PROVENANCE } from '../scanner/provenance.ts';

const schema = JSON.parse(readFileSync(join(ROOT, 'docs/schema/inspect.schema.json'), 'utf8')) as object;
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

interface Inspected {
  readonly kind: string;
  readonly capabilities: readonly string[];
  readonly imports: readonly { readonly module?: string; readonly name: string; readonly capability: string; readonly abi: string | null; readonly functions?: readonly { readonly name: string; readonly capability: string }[] }[];
  readonly inner: readonly { readonly path: string; readonly imports: readonly { readonly satisfiedBy: readonly string[] | null }[] }[];
}

function inspect(bytes: Uint8Array, depth: Depth = 'full'): Inspected {
  const facts = collectFacts({ name: 'x.wasm', bytes, digest: `sha256:${'0'.repeat(64)}` }, decode(bytes, { depth }), { provenance: UNKNOWN_PROVENANCE });
  const object = JSON.parse(JSON.stringify(inspectObject(facts))) as Inspected;
  expect(validate(object), JSON.stringify(validate.errors)).toBe(true);
  return object;
}

describe('the inspect report', () => {
  test.each(outputs().map(({ recipe, path }) => [recipe.id, path]))('of %s follows the schema and knows every import', (_id, path) => {
    const bytes = readFileSync(path);
    const { imports } = inspect(bytes);
    expect(imports.filter(({ capability }) => capability === 'unknown')).toEqual([]);
    inspect(bytes, 'imports');
  });

  test('of other bytes follows the schema', () => {
    expect(inspect(new TextEncoder().encode('#!/bin/sh\n')).kind).toBe('unknown');
    expect(inspect(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)).kind).toBe('native');
    expect(inspect(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 2, 5, 1)).kind).toBe('module');
  });

  test('of a component lists functions by instance and keeps inner imports apart', () => {
    const path = outputs().find(({ recipe }) => recipe.id === 'rust-http')?.path;
    const report = inspect(readFileSync(path!));
    expect(report.capabilities).toContain('http-server');
    expect(report.capabilities).not.toContain('runtime-support');
    const environment = report.imports.find(({ name }) => name.startsWith('wasi:cli/environment@'));
    expect(environment?.functions?.map(({ capability }) => capability)).toContain('env-read');
    expect(report.imports.every(({ module }) => module === undefined)).toBe(true);
    expect(report.inner.length).toBeGreaterThan(0);
    expect(report.inner.some(({ imports }) => imports.some(({ satisfiedBy }) => satisfiedBy?.includes('host')))).toBe(true);
  });
});
