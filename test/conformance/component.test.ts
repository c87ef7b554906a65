import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Component } from '../../scanner/wasm/component.ts';
import { collectFacts } from '../../scanner/facts/collect.ts';
import type { CompositionFact } from '../../scanner/facts/composition/model.ts';
import { UNKNOWN_PROVENANCE } from '../../scanner/provenance.ts';
import { decode } from '../../scanner/wasm/decode.ts';
import { componentWorld } from '../support/component-world.ts';
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

  it.skipIf(!available)('leads every import inside to one origin, and reaches nothing of the host that is not declared', async () => {
    let imports = 0;
    for (const item of await components('valid')) {
      const component = componentOf(item, 'full');
      imports += expectOneOrigin(component, place(item));
      expectWithinDeclared(component, item.wasm, place(item));
    }
    expect(imports).toBeGreaterThan(500);
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

describe('what components of real toolchains can do', () => {
  const folder = join(import.meta.dirname, '../fixtures/toolchains');
  const files = readdirSync(folder).filter((file) => file.endsWith('.wasm')).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))] as const);
  const components = files.filter(([, bytes]) => decode(bytes).kind === 'component');

  it.each(components)('%s: each import inside has one origin, and the interfaces that it reaches are imports of its world as other tools print it', async (file, bytes) => {
    const component = decode(bytes) as Component;
    expect(expectOneOrigin(component, file)).toBeGreaterThan(10);
    const composition = expectWithinDeclared(component, bytes, file);
    const { imports } = await componentWorld(bytes);
    expect(composition.hostFunctions.length).toBeGreaterThan(5);
    expect(composition.hostFunctions.map((host) => host.split('#')[0]!).filter((name) => !imports.includes(name))).toEqual([]);
    // The terminal is asked for by the standard library, and by no code of a program that does not look at it.
    expect(composition.declared).toContain('terminal');
  });
});

/** Every import of every core instance, functions and others, has an entry with a known origin. The number of them. */
function expectOneOrigin(component: Component, where: string): number {
  const { instances, inner, others } = component.linking!;
  const modules = new Map(collectFacts({ name: where, bytes: component.bytes, digest: '' }, component, { provenance: UNKNOWN_PROVENANCE }).modules.map(({ path, module }) => [path, module]));
  const wanted = instances.flatMap(({ path }, number) => modules.get(path)!.imports.map(({ module, name }) => JSON.stringify([number, module, name])));
  expect([...inner, ...others].map(({ instance, module, name }) => JSON.stringify([instance, module, name])).sort(), where).toEqual(wanted.sort());
  expect([...inner, ...others].filter(({ origin }) => origin.kind === 'unresolved'), where).toEqual([]);
  return wanted.length;
}

function expectWithinDeclared(component: Component, bytes: Uint8Array, where: string): CompositionFact {
  const { composition, problems, imports } = collectFacts({ name: where, bytes, digest: '' }, component, { provenance: UNKNOWN_PROVENANCE });
  const declared = new Set(imports.map(({ module, name, kind }) => (kind === 'func' ? module : `${module}#${name}`)));
  const given = new Set(component.imports.flatMap(({ kind, name }) => (kind === 'core-module' || kind === 'component' ? [name] : [])));
  expect(problems.filter(({ code }) => code === 'composition-disagrees'), where).toEqual([]);
  if (component.witPackage) return composition!;
  expect(composition!.hostFunctions.filter((host) => !declared.has(host) && !given.has(host.split('#')[0]!)), where).toEqual([]);
  return composition!;
}

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
