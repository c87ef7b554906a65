import { describe, expect, it } from 'vitest';
import { dataModule, wide } from '../../test/support/data-module.ts';
import type { Export, Import, Module } from '../wasm/module.ts';
import { collectCustoms } from './customs.ts';
import { collectLanguages } from './languages.ts';
import { recogniseToolchains } from './markers.ts';
import { collectTools } from './tools.ts';

const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
function producers(...fields: readonly (readonly [string, string, string])[]) {
  return { name: 'producers', payload: Uint8Array.from([fields.length, ...fields.flatMap(([field, name, version]) => [...text(field), 1, ...text(name), ...text(version)])]) };
}
function look(module: Module, path = '') {
  const modules = [{ path, module }];
  const customs = collectCustoms(modules, null);
  const recognised = recogniseToolchains(modules, customs);
  const tools = collectTools(customs, recognised);
  return { tools, languages: collectLanguages(tools, recognised) };
}
const importing = (module: string, name: string): Module => ({ ...dataModule([]), imports: [{ module, name, type: { kind: 'func', typeIndex: 0, exact: false }, offset: 0, length: 0 } satisfies Import] });
const exporting = (name: string): Module => ({ ...dataModule([]), exports: Object.assign([{ name, kind: 'func', index: 0, offset: 0, length: 0 } satisfies Export]) });

describe('tools and languages', () => {
  it('are what the producers section declares, each once', () => {
    const { tools, languages } = look(dataModule([], [producers(['language', 'C99', ''], ['language', 'C11', ''], ['processed-by', 'clang', '19'], ['processed-by', 'clang', '19'], ['else', 'x', '1'])]), 'module[1]');
    expect(tools).toEqual([
      { name: 'C99', version: '', field: 'language', path: 'module[1]' },
      { name: 'C11', version: '', field: 'language', path: 'module[1]' },
      { name: 'clang', version: '19', field: 'processed-by', path: 'module[1]' },
    ]);
    expect(languages).toEqual(['C']);
  });

  it('keep a language nobody here knows as written', () => {
    expect(look(dataModule([], [producers(['language', 'Brainfuck', '1'])])).languages).toEqual(['Brainfuck']);
  });

  it.each([
    ['Go', 'Go', importing('gojs', 'runtime.wasmExit')],
    ['wasm-bindgen', 'Rust', importing('__wbindgen_placeholder__', '__wbg_log_1')],
    ['AssemblyScript', 'AssemblyScript', exporting('__pin')],
    ['AssemblyScript', 'AssemblyScript', dataModule([{ at: 1, bytes: wide('~lib/rt/itcms.ts') }])],
    ['rustc', 'Rust', dataModule([{ at: 1, bytes: '/rustc/0123/library' }])],
    ['TinyGo', 'Go', exporting('go_scheduler')],
    ['Javy', 'JavaScript', dataModule([], [{ name: 'import_namespace', payload: 'javy' }])],
    ['porffor', 'JavaScript', importing('', 'a')],
    ['OPA', 'Rego', exporting('opa_eval')],
  ])('recognise %s where nothing is declared', (tool, language, module) => {
    const { tools, languages } = look(module);
    expect(tools).toContainEqual({ name: tool, version: '', field: 'sdk', path: '' });
    expect(languages).toEqual([language]);
  });

  it('do not list a declared tool twice', () => {
    const module = { ...importing('gojs', 'runtime.wasmExit'), customs: dataModule([], [producers(['processed-by', 'Go cmd/compile', 'go1.26.8'])]).customs };
    expect(look(module).tools.map(({ name }) => name)).toEqual(['Go cmd/compile']);
  });

  it('say nothing without evidence', () => {
    expect(look(exporting('add'))).toEqual({ tools: [], languages: [] });
  });
});
