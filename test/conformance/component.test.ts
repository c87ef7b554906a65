import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Component } from '../../scanner/wasm/component.ts';
import { decode } from '../../scanner/wasm/decode.ts';
import { haveSuite, suiteCases, type SuiteCase } from '../support/suites.ts';
import { LEFT_TO_ENGINES } from './component-exceptions.ts';

const available = haveSuite('component-model.tar.gz');

describe('official suite component-model', () => {
  it.skipIf(!available)('decodes and links every valid component without a problem', async () => {
    const cases = await components('valid');
    expect(cases.length).toBeGreaterThan(280);
    expect(shown(cases.filter((item) => decode(item.wasm).problems.length > 0))).toEqual([]);
    const unresolved = cases.filter((item) => componentOf(item, 'full').linking?.inner.every(({ satisfiedBy }) => satisfiedBy !== 'unresolved') !== true);
    expect(shown(unresolved)).toEqual([]);
  });

  it.skipIf(!available)('lists the same imports and exports at both depths', async () => {
    for (const item of await components('valid')) {
      const [full, shallow] = [componentOf(item, 'full'), componentOf(item, 'imports')];
      expect({ imports: shallow.imports, exports: shallow.exports, sections: shallow.sections }, place(item)).toEqual({ imports: full.imports, exports: full.exports, sections: full.sections });
      expect(shallow.problems, place(item)).toEqual([]);
    }
  });

  it.skipIf(!available)('refuses every malformed component', async () => {
    const cases = await components('malformed');
    expect(cases.length).toBe(70);
    expect(shown(cases.filter((item) => !decode(item.wasm).problems.some(({ effect }) => effect !== 'degraded')))).toEqual([]);
  });

  it.skipIf(!available)('takes invalid components without a crash, and accepts none but those that only an engine can judge', async () => {
    const cases = await components('invalid');
    const accepted = cases.filter((item) => decode(item.wasm).problems.length === 0);
    console.log(`component-model: ${cases.length - accepted.length} of ${cases.length} invalid components refused without type checking`);
    expect(shown(accepted.filter(({ message }) => !LEFT_TO_ENGINES.some(({ pattern }) => pattern.test(message ?? ''))))).toEqual([]);
  });

  it.skipIf(!available)('needs each of the reasons why an invalid component is accepted', async () => {
    const accepted = (await components('invalid')).filter((item) => decode(item.wasm).problems.length === 0);
    expect(LEFT_TO_ENGINES.filter(({ pattern }) => !accepted.some(({ message }) => pattern.test(message ?? ''))).map(({ why }) => why)).toEqual([]);
  });
});

describe('components of real toolchains', () => {
  const folder = join(import.meta.dirname, '../fixtures/toolchains');
  const files = readdirSync(folder).filter((file) => file.endsWith('.wasm'));
  const decoded = files.map((file) => [file, decode(new Uint8Array(readFileSync(join(folder, file))))] as const);
  const found = decoded.flatMap(([file, component]) => (component.kind === 'component' ? [[file, component] as const] : []));

  it('are among the fixtures', () => expect(found.length).toBeGreaterThanOrEqual(6));

  it.each(found)('%s links every import to one end, inside what it declares', (_, component) => {
    expect(component.problems).toEqual([]);
    const declared = new Set(component.imports.flatMap(({ kind, name, functions }) => (kind === 'func' ? [name] : functions.map((func) => `${name}#${func}`))));
    const { hostFunctions, inner } = component.linking!;
    expect(inner.length).toBeGreaterThan(0);
    expect(hostFunctions.filter((name) => !declared.has(name))).toEqual([]);
    expect(inner.filter(({ satisfiedBy, host }) => satisfiedBy === 'unresolved' || host.length > 1)).toEqual([]);
    // Generated bindings name a core import after the interface and function they want: the end must be just that one.
    const astray = inner.filter(({ module, name, host }) => module.includes(':') && host.length === 1 && unversioned(host[0]!) !== unversioned(`${module}#${name}`));
    expect(astray).toEqual([]);
  });
});

function unversioned(name: string): string {
  return name.replace(/@[^#]*/, '');
}

async function components(expectation: SuiteCase['expect']): Promise<SuiteCase[]> {
  return (await suiteCases('component-model')).filter((item) => item.kind === 'component' && item.expect === expectation);
}

function componentOf(item: SuiteCase, depth: 'imports' | 'full'): Component {
  const decoded = decode(item.wasm, { depth });
  if (decoded.kind !== 'component') throw new Error(`${place(item)}: decoded as ${decoded.kind}`);
  return decoded;
}

function place(item: SuiteCase): string {
  return `${item.file}:${item.line}`;
}

function shown(cases: readonly SuiteCase[]): string[] {
  return cases.map((item) => `${place(item)} ${item.message ?? ''}`);
}
