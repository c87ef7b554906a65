import { describe, expect, test } from 'vitest';
import { attributed, COMPONENT_PREAMBLE, componentBytes, externName, importedFunction, list, SECTION, section, TYPE } from '../../../test/support/component.ts';
import { moduleBytes, text } from '../../../test/support/module.ts';
import { watToWasm } from '../../../test/support/wat.ts';
import type { Component } from '../component.ts';
import { decode } from '../decode.ts';
import { decodeComponent } from './decode.ts';

describe('imports and exports', () => {
  test('list the functions of an instance in the order of its type, and what is not a function', () => {
    const component = decodeText(`(component
      (import "b:c/d@1.0.0" (instance
        (export "z" (func)) (export "r" (type $r (sub resource))) (export "[method]r.m" (func (param "self" (borrow $r)))) (export "a" (func))))
      (import "only:types/x" (instance (export "t" (type (sub resource)))))
      (import "f" (func async))
      (import "m" (core module))
      (import "t" (type (sub resource))))`);
    expect(component.imports.map(({ name, kind, functions, typeOnly, async }) => ({ name, kind, functions, typeOnly, async }))).toEqual([
      { name: 'b:c/d@1.0.0', kind: 'instance', functions: ['z', '[method]r.m', 'a'], typeOnly: false, async: false },
      { name: 'only:types/x', kind: 'instance', functions: [], typeOnly: true, async: false },
      { name: 'f', kind: 'func', functions: [], typeOnly: false, async: true },
      { name: 'm', kind: 'core-module', functions: [], typeOnly: false, async: false },
      { name: 't', kind: 'type', functions: [], typeOnly: false, async: false },
    ]);
  });

  test('show functions hidden in a nested instance', () => {
    const [entry] = decodeText('(component (import "a" (instance (export "b" (instance (export "f" (func async)))))))').imports;
    expect(entry).toMatchObject({ functions: ['b#f'], typeOnly: false, async: true });
  });

  test('follow an instance type through outer and export aliases', () => {
    const component = decodeText(`(component
      (type $i (instance (export "f" (func))))
      (component (alias outer 1 $i (type $j)) (import "x:y/z" (instance (type $j))))
      (import "i" (instance $p (export "n" (instance (export "g" (func))))))
      (alias export $p "n" (instance $n))
      (export "q" (instance $n)))`);
    expect(component.components[0]!.imports[0]!.functions).toEqual(['f']);
    expect(component.exports).toMatchObject([{ name: 'q', kind: 'instance', functions: ['g'] }]);
  });

  test('keep every attribute and name code', () => {
    const component = decodeBytes(
      list(SECTION.type, TYPE.emptyInstance),
      list(SECTION.import,
        [...attributed('store', [0, 'w:kv/s@1.0.0'], [2, 'https://x/\u2603']), 0x05, 0x00],
        [...attributed('a:b/c@0.2', [1, '.12']), 0x05, 0x00],
        [0x01, ...text('d'), 0x05, 0x00],
        [...externName('url=<https://example.com/a.wasm>,integrity=<sha256-YWJj>'), 0x05, 0x00]),
    );
    expect(component.problems).toEqual([]);
    expect(component.imports).toMatchObject([
      { name: 'store', implements: 'w:kv/s@1.0.0', externalId: 'https://x/\u2603', versionSuffix: null },
      { name: 'a:b/c@0.2', versionSuffix: '.12', implements: null },
      { name: 'd', dependency: null },
      { dependency: { kind: 'url', target: 'https://example.com/a.wasm', integrity: 'sha256-YWJj' } },
    ]);
    expect(component.features.map(({ feature }) => feature)).toEqual(['component-model', 'component-implements', 'component-canonical-versions', 'component-dependency-names']);
    expect(component.anomalies).toMatchObject([{ kind: 'historic-encoding' }]);
  });

  test('have places that cut the entry out of the file', () => {
    const bytes = componentBytes(list(SECTION.type, TYPE.func), list(SECTION.import, importedFunction('first'), importedFunction('second')));
    const { imports } = decodeComponent(bytes, 0, bytes.length);
    expect(imports.map(({ offset, length }) => [...bytes.subarray(offset, offset + length)])).toEqual([importedFunction('first'), importedFunction('second')]);
  });

  test.each([
    ['two names that differ in case only', [importedFunction('a-b'), importedFunction('A-b')], 'duplicate-name'],
    ['a name out of the grammar', [importedFunction('wasi:http/types ')], 'invalid-name'],
    ['a suffix that would lengthen a number', [[...attributed('a:b/c@0.2', [1, '1.0']), 0x01, 0x00]], 'invalid-name'],
    ['a suffix on a full version', [[...attributed('a:b/c@0.2.1', [1, '-x']), 0x01, 0x00]], 'invalid-name'],
    ['implements on a function', [[...attributed('a', [0, 'a:b/c']), 0x01, 0x00]], 'invalid-name'],
    ['an attribute twice', [[...attributed('a', [2, 'x'], [2, 'y']), 0x01, 0x00]], 'duplicate-name'],
    ['an unknown type', [[...externName('a'), 0x01, 0x05]], 'invalid-index'],
    ['a type of another kind', [[...externName('a'), 0x05, 0x00]], 'invalid-type'],
  ])('refuse %s', (_, entries, code) => {
    expect(decodeBytes(list(SECTION.type, TYPE.func), list(SECTION.import, ...entries)).problems).toMatchObject([{ code, effect: 'malformed', section: 'import' }]);
  });
});

describe('what is inside', () => {
  test('is decoded with places that count from the start of the file', () => {
    const module = moduleBytes();
    const bytes = componentBytes(section(SECTION.custom, text('x')), section(SECTION.module, module), section(SECTION.component, componentBytes(section(SECTION.module, module))));
    const component = decodeComponent(bytes, 0, bytes.length);
    expect(component.problems).toEqual([]);
    for (const { range } of [component.modules[0]!, component.components[0]!.modules[0]!]) expect([...bytes.subarray(range.offset, range.offset + range.length)]).toEqual([...module]);
    expect(component.customs).toMatchObject([{ name: 'x' }]);
    expect(component.sections.map(({ name }) => name)).toEqual(['custom', 'core module', 'component']);
  });

  test('reports a damaged module and goes on', () => {
    const component = decodeBytes(section(SECTION.module, [...moduleBytes(), 0xff]), list(SECTION.type, TYPE.func), list(SECTION.import, importedFunction('f')));
    expect(component.problems).toMatchObject([{ code: 'section-id', effect: 'malformed' }]);
    expect(component.imports).toMatchObject([{ name: 'f' }]);
    expect(component.linking).toBeNull();
  });

  test('is not looked into, nor linked, at depth imports', () => {
    const bytes = watToWasm('(component (core module (func unreachable)) (import "f" (func)))');
    const component = decodeComponent(bytes, 0, bytes.length, { depth: 'imports' });
    expect(component.modules[0]).toMatchObject({ analysed: 'imports', code: null });
    expect(component.linking).toBeNull();
    expect(component.imports).toHaveLength(1);
  });

  test('is not linked where the outermost version is a draft', () => {
    const bytes = componentBytes(list(SECTION.type, TYPE.func), list(SECTION.import, importedFunction('f')));
    bytes[4] = 0x0c;
    expect(decodeComponent(bytes, 0, bytes.length)).toMatchObject({ imports: [{ name: 'f' }], linking: null });
    expect(decode(bytes).problems).toMatchObject([{ code: 'unknown-encoding', effect: 'unanalysed' }]);
  });

  test('of another version is refused', () => {
    const old = [...COMPONENT_PREAMBLE];
    old[4] = 0x0c;
    expect(decodeBytes(section(SECTION.component, old)).problems).toMatchObject([{ code: 'unknown-version' }]);
    expect(decodeBytes(section(SECTION.component, moduleBytes())).problems).toMatchObject([{ code: 'unknown-version' }]);
    expect(decodeBytes(section(SECTION.module, COMPONENT_PREAMBLE)).problems).toMatchObject([{ code: 'unknown-version' }]);
  });
});

describe('types and canonical functions', () => {
  test('note what is not part of every engine', () => {
    const component = decodeBytes(
      list(SECTION.type, TYPE.asyncFunc, [0x66, 0x01, 0x7d], [0x65, 0x00], [0x63, 0x73, 0x79], [0x67, 0x7d, 0x03], [0x64], [0x3f, 0x7e, 0x00]),
      list(SECTION.canon, [0x0e, 0x01], [0x11, 0x01, 0x01], [0x26], [0x1e], [0x42], [0x0a, 0x7f, 0x00]),
    );
    expect(component.problems).toEqual([]);
    expect(component.canonicals.map(({ name, async }) => [name, async])).toEqual([
      ['stream.new', false], ['stream.cancel-read', true], ['thread.index', false], ['error-context.drop', false], ['thread.available-parallelism', false], ['context.get', false],
    ]);
    expect(component.features.map(({ feature }) => feature)).toEqual([
      'component-model', 'component-async', 'component-map', 'component-threads', 'component-async-builtins', 'component-fixed-length-lists', 'component-error-context', 'component-memory64', 'shared-everything-threads',
    ]);
  });

  test('take what older drafts wrote, and say so', () => {
    const component = decodeBytes(list(SECTION.type, [0x3f, 0x7f, 0x00]), list(SECTION.canon, [0x07, 0x00], [0x08], [0x0c, 0x01]));
    expect(component.problems).toEqual([]);
    expect(component.canonicals).toMatchObject([{ name: 'resource.drop', async: true }, { name: 'backpressure.set' }, { name: 'thread.yield' }]);
    expect(component.anomalies.map(({ kind }) => kind)).toEqual(['historic-encoding', 'historic-encoding', 'historic-encoding']);
  });

  test('keep the string encoding and the async option', () => {
    const component = decodeText('(component (import "f" (func)) (import "g" (func async)) (core func (canon lower (func 0) string-encoding=utf16)) (core func (canon lower (func 1) async)))');
    expect(component.canonicals).toMatchObject([{ name: 'lower', stringEncoding: 'utf16', async: false }, { name: 'lower', stringEncoding: null, async: true }]);
  });

  test.each([
    ['a list of a later type', list(SECTION.type, [0x70, 0x01], TYPE.string), 'invalid-index'],
    ['a list of itself', list(SECTION.type, [0x70, 0x00]), 'invalid-index'],
    ['a list of functions', list(SECTION.type, TYPE.func, [0x70, 0x00]), 'invalid-type'],
    ['a handle of a string', list(SECTION.type, TYPE.string, [0x69, 0x00]), 'invalid-type'],
    ['a stream function of a future', [...list(SECTION.type, [0x65, 0x00]), ...list(SECTION.canon, [0x0e, 0x00])], 'invalid-type'],
    ['fields of equal name', list(SECTION.type, [0x72, 0x02, 0x01, 0x61, 0x73, 0x01, 0x61, 0x73]), 'duplicate-name'],
    ['two string encodings', [...list(SECTION.type, TYPE.func), ...list(SECTION.import, importedFunction('f')), ...list(SECTION.canon, [0x01, 0x00, 0x00, 0x02, 0x00, 0x01])], 'invalid-flags'],
    ['a lowered function that is not there', list(SECTION.canon, [0x01, 0x00, 0x00, 0x00]), 'invalid-index'],
    ['a second start section', [...list(SECTION.type, TYPE.func), ...list(SECTION.import, importedFunction('f')), ...section(SECTION.start, [0, 0, 0]), ...section(SECTION.start, [0, 0, 0])], 'section-order'],
  ])('refuse %s', (_, bytes, code) => expect(decodeBytes(bytes).problems).toMatchObject([{ code, effect: 'malformed' }]));

  test('read values and the start function', () => {
    const component = decodeBytes(list(SECTION.type, TYPE.func), list(SECTION.import, importedFunction('f')), list(SECTION.value, [0x73, 0x02, 0x01, 0x61]), section(SECTION.start, [0, 1, 0, 1]));
    expect(component).toMatchObject({ problems: [], hasStart: true });
    expect(component.features.map(({ feature }) => feature)).toContain('component-values');
    expect(component.linking?.hostFunctions).toEqual(['f']);
  });
});

describe('instances', () => {
  test.each([
    ['an argument that is missing', '(component $c (import "a" (func))) (instance (instantiate $c))'],
    ['an argument of another sort', '(component $c (import "a" (func))) (import "i" (instance $i)) (instance (instantiate $c (with "a" (instance $i))))'],
    ['a module import that is missing', '(core module $m (import "a" "b" (func))) (core instance (instantiate $m))'],
    ['a field that is missing', '(core module $m (import "a" "b" (func))) (core instance $e) (core instance (instantiate $m (with "a" (instance $e))))'],
    ['an export of another sort', '(import "i" (instance $i (export "f" (instance)))) (alias export $i "f" (func $f)) (export "g" (func $f))'],
    ['a core export of another sort', '(core module $m (memory (export "f") 1)) (core instance $i (instantiate $m)) (alias core export $i "f" (core func $f))'],
    ['an export that is missing', '(import "i" (instance $i)) (alias export $i "f" (func $f)) (export "g" (func $f))'],
  ])('refuse %s', (_, body) => expect(decodeText(`(component ${body})`).problems).toMatchObject([{ code: 'invalid-index' }]));
});

describe('WIT packages', () => {
  const interfaces = '(type (component (export "a:b/c" (instance (export "f" (func))))))';

  test('are recognised by what they hold', () => {
    expect(decodeText(`(component ${interfaces} (export "c" (type 0)))`).witPackage).toBe(true);
    expect(decodeText(`(component ${interfaces} (export "a:b/wit" (type 0)))`).witPackage).toBe(true);
  });

  test.each([
    ['nothing exported', '(component)'],
    ['another type exported', '(component (type string) (export "c" (type 0)))'],
    ['an import beside it', `(component ${interfaces} (import "f" (func)) (export "c" (type 0)))`],
    ['code beside it', `(component ${interfaces} (export "c" (type 0)) (core module))`],
  ])('are not: %s', (_, source) => expect(decodeText(source).witPackage).toBe(false));
});

function decodeText(source: string): Component {
  const decoded = decode(watToWasm(source));
  if (decoded.kind !== 'component') throw new Error(`Decoded as ${decoded.kind}`);
  return decoded;
}

function decodeBytes(...sections: readonly (readonly number[])[]): Component {
  const bytes = componentBytes(...sections);
  return decodeComponent(bytes, 0, bytes.length);
}
