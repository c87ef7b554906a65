import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { LIMITS } from '../wasm/limits.ts';
import { looksLikeManifests, readManifests } from './read.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n';
const read = (text: string): ReturnType<typeof readManifests> => readManifests(text, 'k.yaml');
const names = (text: string): unknown[] => read(text).objects.map(({ document, base, kind, name, namespace }) => [document, base, kind, name, namespace]);
const faults = (text: string): unknown[] => read(text).faults.map(({ document, line, column, message }) => [document, line, column, message]);

describe('readManifests', () => {
  test('numbers documents as they are marked, empty ones included', () => {
    expect(names(`# Source: chart\n---\n${POD}---\n---\n# nothing\n---\n${POD}...\n${POD}`)).toEqual([[0, '', 'Pod', 'a', null], [3, '', 'Pod', 'a', null], [4, '', 'Pod', 'a', null]]);
  });

  test('numbers every stream as a whole YAML reader does', () => {
    const piece = fc.constantFrom('---\n', '--- # x\n', 'a: b\n...\n', '# c\n', '\n', 'a: b\n', '---\na: |\n  text\n', '--- |\n ---\n', '%YAML 1.2\n---\n', '{"a": 1}\n---\n');
    fc.assert(fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const marked = `${pieces.join('')}---\n${POD}`;
      const all = parseAllDocuments(marked);
      if ('empty' in all || all.some(({ errors }) => errors.length > 0)) return;
      const whole = all.findIndex((document) => (document.toJS() as { kind?: string } | null)?.kind === 'Pod');
      expect({ marked, documents: read(marked).objects.map(({ document }) => document) }).toEqual({ marked, documents: [whole] });
    }), { numRuns: 500 });
  });

  test('takes lists apart, typed ones and lists in lists', () => {
    expect(names('apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: x, namespace: n}\n- null\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Secret}\n')).toEqual([[0, '/items/0', 'Pod', 'x', 'n'], [0, '/items/2/items/0', 'Secret', '', null]]);
    expect(names('{"apiVersion":"apps/v1","kind":"DeploymentList","items":[{"metadata":{"generateName":"g-"}}]}')).toEqual([[0, '/items/0', 'Deployment', 'g-', null]]);
    expect(names('[{"apiVersion":"v1","kind":"Pod"}]')).toEqual([[0, '/0', 'Pod', '', null]]);
  });

  test('leaves documents alone that are no objects', () => {
    expect(read('replicas: 2\nimage: {repository: x}\n---\n- 1\n---\ntext\n')).toEqual({ objects: [], faults: [] });
  });

  test('tells of a broken document and reads the others', () => {
    const text = `${POD}---\nkind: Pod\nspec: [\n---\nkind: Pod\na: 1\na: 2\n---\n${POD}`;
    expect(names(text)).toEqual([[0, '', 'Pod', 'a', null], [3, '', 'Pod', 'a', null]]);
    expect(faults(text)).toEqual([[1, 8, 1, expect.stringContaining('Flow sequence')], [2, 11, 1, 'Key a is written twice']]);
  });

  test('says that a template was not rendered', () => {
    expect(faults(`${POD}---\napiVersion: v1\n{{- if .Values.x }}\nkind: Pod\n{{- end }}\n`)).toEqual([[1, 7, 1, 'The document is a template that was not rendered ({{ }}); render it first, for example with helm template']]);
    expect(faults(`${POD}spec:\n  image: {{ .Values.image }}\n`)).toHaveLength(1);
    expect(faults(`${POD}spec:\n  note: "{{ $labels.pod }}"\n`)).toEqual([]);
  });

  test('tells places in the whole file: byte order mark, carriage returns, lists, blocks, JSON', () => {
    const places = (text: string, pointer: string): unknown => read(text).objects.at(-1)?.positionOf(pointer);
    expect(places(`\ufeff${POD}`.replaceAll('\n', '\r\n'), '/metadata/name')).toEqual({ line: 4, column: 9 });
    expect(places(`a: b\n---\n${POD}spec:\n- x: {y: z}\n`, '/spec/0/x/y')).toEqual({ line: 8, column: 10 });
    expect(places('# c\n{\n\t"apiVersion": "v1", "kind": "Pod",\n\t"a/b": [1, {"~": "x"}]\n}\n', '/a~1b/1/~0')).toEqual({ line: 4, column: 19 });
    expect(places(POD, '/metadata/nothing/here')).toEqual({ line: 4, column: 3 });
  });

  test('tells places inside texts that are written as they read', () => {
    const inside = (text: string, pointer: string, offset: number): unknown => read(text).objects[0]?.positionInside?.(pointer, offset);
    expect(inside(`${POD}data:\n  x: |\n\n    one\n      two\n`, '/data/x', 7)).toEqual({ line: 9, column: 7 });
    expect(inside(`${POD}data:\n  x: "abc"\n`, '/data/x', 2)).toEqual({ line: 6, column: 9 });
    expect(inside(`${POD}data:\n  x: "a\\nc"\n`, '/data/x', 2)).toEqual({ line: 6, column: 6 });
  });

  test('reads JSON values one after another, and repeated keys in none', () => {
    expect(names('{"apiVersion":"v1","kind":"Pod"}\n{"apiVersion":"v1","kind":"Secret"}')).toEqual([[0, '', 'Pod', '', null], [1, '', 'Secret', '', null]]);
    expect(faults('{"apiVersion":"v1","kind":"Pod","a":{"b":1,"\\u0062":2}}')).toEqual([[0, 1, 44, 'Key b is written twice']]);
  });

  test('reads aliases and merge keys, and no bombs of them', () => {
    const merged = read(`x: &x {kind: Pod}\n<<: *x\napiVersion: v1\n`).objects[0]!;
    expect([merged.kind, merged.positionOf('/kind')]).toEqual(['Pod', { line: 1, column: 1 }]);
    const bomb = `${POD}a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefg'[index]!},`.repeat(9)}]`).join('\n')}\n`;
    expect(faults(bomb)).toEqual([[0, 1, 1, expect.stringContaining('alias')]]);
    expect(faults(`${POD}a: &a {b: *a}\n`)).toHaveLength(1);
  });

  test('lets nobody hide a line from one reader behind an odd line end', () => {
    expect(read(`${POD}# note\rspec: {runtimeClassName: wasm}\n`).objects[0]!.value['spec']).toEqual({ runtimeClassName: 'wasm' });
    for (const end of ['\u2028', '\u2029', '\u0085']) expect(faults(`${POD}# note${end}spec: {}\n`)).toEqual([[0, 5, 7, expect.stringContaining('line separator')]]);
  });

  test('takes no value whose tag readers understand differently', () => {
    expect(faults(`${POD}spec: {image: !!binary Z2hjci5pby94}\n`)).toEqual([[0, 5, 24, 'Tag tag:yaml.org,2002:binary is read in different ways']]);
    expect(faults(`${POD}spec: !!set {a, b}\n`)).toHaveLength(1);
    expect(faults(`${POD}spec: !!map {image: !!str x}\n`)).toEqual([]);
  });

  test('bounds nesting, text and documents', () => {
    expect(faults(`${POD}a: ${'['.repeat(250)}${']'.repeat(250)}\n`)).toEqual([[0, 1, 1, `The document is nested deeper than ${LIMITS.kubernetesDepth} levels`]]);
    expect(faults(`{"apiVersion":"v1","kind":"Pod","a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)).toEqual([[0, 1, 236, `The text is nested deeper than ${LIMITS.kubernetesDepth} levels`]]);
    expect(faults(`${POD}a: ${'['.repeat(20_000)}`)).toHaveLength(1);
    const many = read('---\n'.repeat(LIMITS.kubernetesDocuments + 5) + POD);
    expect([many.objects, many.faults.map(({ message }) => message)]).toEqual([[], [expect.stringContaining('documents')]]);
    expect(read(' '.repeat(LIMITS.kubernetesText + 1)).faults).toHaveLength(1);
  });

  test('takes keys that objects treat in their own way as plain data', () => {
    for (const text of [`${POD}__proto__: {kind: X}\nconstructor: y\n`, '{"__proto__":{"apiVersion":"v1","kind":"Pod"}}', `${POD}metadata2: 1\nspec: {__proto__: {runtimeClassName: wasm}}\n`]) {
      const { objects } = read(text);
      for (const { value } of objects) expect([Object.getPrototypeOf(value), Object.hasOwn(value, 'runtimeClassName')]).toEqual([Object.prototype, false]);
      expect(objects.length).toBe(text.startsWith('{') ? 0 : 1);
    }
    expect(names('apiVersion: 1\nkind: [x]\nmetadata: 5\n')).toEqual([]);
    expect(names('apiVersion: v1\nkind: Pod\nmetadata: 5\n')).toEqual([[0, '', 'Pod', '', null]]);
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(POD, '---\n', '{', '}', '[', '"', '\\', 'a: ', '&x ', '*x', '- ', '|\n', '{{', '\t', '\r', '\u2028', ' ', '\n', '!!binary ', 'items:', 'kind: List\n', '?')), (pieces) => {
      for (const { positionOf, value } of read(pieces.join('')).objects) expect([typeof value, positionOf('/x/0').line > 0]).toEqual(['object', true]);
    }), { numRuns: 2_000 });
  });
});

describe('looksLikeManifests', () => {
  test.each([
    [POD, true], [`\ufeff# c\r\n---\r\n${POD.replaceAll('\n', '\r\n')}`, true], ['{"kind":"Pod","apiVersion":"v1"}', true], ['{"kind":"Pod","apiVers\\u0069on":"v1"}', true], ['---\n{apiVersion: v1, kind: Pod}\n', true], ['"apiVersion": v1\n"kind": Pod\n', true],
    ['- apiVersion: v1\n  kind: Pod\n', true],
    ['# Title\n\n```yaml\napiVersion: v1\nkind: Pod\n```\n', false], ['replicas: 2\nimage: x\n', false], ['{"name": "x"}', false], ['const apiVersion = 1; // kind: x', false], ['', false],
  ])('%j: %s', (text, expected) => {
    expect(looksLikeManifests(text)).toBe(expected);
  });
});
