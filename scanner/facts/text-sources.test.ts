import { describe, expect, it } from 'vitest';
import { dataModule } from '../../test/support/data-module.ts';
import type { FixtureCustom } from '../../test/support/data-module.ts';
import type { Component } from '../wasm/component.ts';
import type { Module } from '../wasm/module.ts';
import { collectCustoms } from './customs.ts';
import { customSources, dataSources, placedModules, wideSource } from './text-sources.ts';

function component(customs: readonly FixtureCustom[], modules: readonly Module[], components: readonly Component[] = []): Component {
  const { customs: sections, bytes, range } = dataModule([], customs);
  return { kind: 'component', bytes, range, sections: [], imports: [], exports: [], modules, components, canonicals: [], customs: sections, hasStart: false, firstFlags: null, witPackage: false, features: [], anomalies: [], problems: [], linking: null };
}

const tree = component([{ name: 'outer', payload: 'x' }], [dataModule([{ at: 0, bytes: 'first' }])], [
  component([], []),
  component([{ name: 'inner', payload: 'y' }], [dataModule([]), dataModule([{ at: 0, bytes: 'second' }], [{ name: 'producers', payload: Uint8Array.of(9) }])]),
]);

describe('wide texts', () => {
  const wide = (text: string) => Uint8Array.from([...text].flatMap((character) => [character.charCodeAt(0), 0]));
  const sourceOf = (bytes: Uint8Array) => [...dataSources([{ path: '', module: dataModule([{ at: 0, bytes }]) }])][0]!;

  it('are found again where they stand, the first and the last of thousands', () => {
    const texts = Array.from({ length: 5000 }, (_, index) => `text${index}`);
    const source = sourceOf(wide(texts.join('\x01')));
    const narrow = wideSource(source)!;
    expect(new TextDecoder().decode(narrow.bytes)).toBe(`${texts.join('\0')}\0`);
    for (const text of ['text0', 'text1', 'text2499', 'text4999']) {
      const start = texts.slice(0, texts.indexOf(text)).reduce((sum, { length }) => sum + length + 1, 0);
      expect(narrow.locate(start, text.length)).toEqual(source.locate(2 * start, 2 * text.length));
      expect(narrow.locate(start + 3, 1)).toEqual(source.locate(2 * start + 6, 2));
    }
  });

  it('are none in other data', () => {
    expect(wideSource(sourceOf(new TextEncoder().encode('narrow text only')))).toBeNull();
  });
});

describe('places in a component', () => {
  it('are told by path for modules and their data', () => {
    const modules = placedModules(tree);
    expect(modules.map(({ path }) => path)).toEqual(['module[0]', 'component[1]/module[0]', 'component[1]/module[1]']);
    expect([...dataSources(modules)].map((source) => source.locate(0, 1).path)).toEqual(['module[0]/data[0]', 'component[1]/module[1]/data[0]']);
  });

  it('are told by path for custom sections, of components and modules alike', () => {
    expect([...customSources(placedModules(tree), tree)].map((source) => source.locate(0, 1).path)).toEqual(['custom[0] outer', 'component[1]/custom[0] inner', 'component[1]/module[1]/custom[0] producers']);
  });

  it('stay with decoded custom sections and their problems', () => {
    const customs = collectCustoms(placedModules(tree), tree);
    expect(customs.map(({ path, name, content, problem }) => [path, name, content.kind, problem?.code ?? null])).toEqual([
      ['', 'outer', 'unknown', null],
      ['component[1]', 'inner', 'unknown', null],
      ['component[1]/module[1]', 'producers', 'unknown', 'damaged-custom-section'],
    ]);
  });

  it('are none for bytes that are no Wasm', () => {
    expect(placedModules({ kind: 'unknown', format: 'zip', title: 'ZIP archive', problems: [] })).toEqual([]);
  });

  it('survive deep nesting', () => {
    let deep = component([], []);
    for (let depth = 0; depth < 5000; depth++) deep = component([], [], [deep]);
    expect([...customSources(placedModules(deep), deep)]).toEqual([]);
  });
});
