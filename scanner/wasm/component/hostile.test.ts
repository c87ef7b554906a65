import { describe, expect, test } from 'vitest';
import { componentBytes, externName, importedFunction, list, nestedComponents, SECTION, section, TYPE } from '../../../test/support/component.ts';
import { body, moduleBytes, signed, text, unsigned } from '../../../test/support/module.ts';
import { watToWasm } from '../../../test/support/wat.ts';
import type { Component } from '../component.ts';
import { decode } from '../decode.ts';
import { LIMITS } from '../limits.ts';
import { decodeComponent } from './decode.ts';

const HUGE = unsigned(0xffff_ffff);

describe('counts', () => {
  test.each(Object.entries(SECTION).filter(([name]) => !['custom', 'module', 'component', 'start'].includes(name)))('of 2^32 - 1 in the %s section cost nothing', (_, id) => {
    expect(decodeSections(section(id, HUGE)).problems).toMatchObject([{ code: 'count-too-large', effect: 'malformed' }]);
  });

  test.each([
    ['fields', [0x72]], ['cases', [0x71]], ['tuple items', [0x6f]], ['flags', [0x6e]], ['enum cases', [0x6d]], ['parameters', [0x40]], ['declarations', [0x41]], ['instance declarations', [0x42]],
  ])('of 2^32 - 1 %s cost nothing', (_, opcode) => {
    expect(decodeSections(list(SECTION.type, [...opcode, ...HUGE])).problems).toMatchObject([{ code: 'count-too-large' }]);
  });

  test('of module type declarations, attributes, options, arguments and start results are held too', () => {
    const func = [...list(SECTION.type, TYPE.func), ...list(SECTION.import, importedFunction('f'))];
    expect(decodeSections(list(SECTION.coreType, [0x50, ...HUGE])).problems).toMatchObject([{ code: 'count-too-large' }]);
    expect(decodeSections(list(SECTION.import, [0x02, ...text('a'), ...HUGE])).problems).toMatchObject([{ code: 'count-too-large' }]);
    expect(decodeSections(func, list(SECTION.canon, [0x01, 0x00, 0x00, ...HUGE])).problems).toMatchObject([{ code: 'count-too-large' }]);
    expect(decodeSections(section(SECTION.module, moduleBytes()), list(SECTION.coreInstance, [0x00, 0x00, ...HUGE])).problems).toMatchObject([{ code: 'count-too-large' }]);
    expect(decodeSections(func, section(SECTION.start, [0x00, 0x00, ...HUGE])).problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed' }]);
  });

  test('of scopes to climb end at the outermost one', () => {
    expect(decodeSections(list(SECTION.alias, [0x03, 0x02, ...HUGE, 0x00])).problems).toMatchObject([{ code: 'invalid-index' }]);
    expect(decodeSections(list(SECTION.coreType, [0x50, 0x01, 0x02, 0x10, 0x01, ...HUGE, 0x00])).problems).toMatchObject([{ code: 'invalid-index' }]);
  });
});

describe('bombs', () => {
  test('of 5,000 nested components stop at the limit, and what is outside still stands', () => {
    const component = decodeSections(list(SECTION.type, TYPE.func), section(SECTION.component, nestedComponents(5_000)), list(SECTION.import, importedFunction('f')));
    expect(component.problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed' }]);
    expect(component.imports).toHaveLength(1);
    expect(component.linking).toBeNull();
  });

  test('at exactly the limit of nesting are read to the end', () => {
    const nested = nestedComponents(LIMITS.componentDepth);
    expect(decodeComponent(nested, 0, nested.length).problems).toEqual([]);
  });

  test('of instances that double at each level give no linking rather than an empty one', () => {
    const levels = Array.from({ length: 30 }, (_, index) => `(component $c${index + 1} (alias outer 1 $c${index} (component $d)) (instance (instantiate $d)) (instance (instantiate $d)))`);
    const component = decodeText(`(component (import "a:b/c" (instance (export "f" (func)))) (component $c0) ${levels.join(' ')} (instance (instantiate $c30)))`);
    expect(component.problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed' }]);
    expect(component.linking).toBeNull();
    expect(component.imports).toHaveLength(1);
  });

  test('of components that instantiate each other in a long chain end too', () => {
    const levels = Array.from({ length: 2_000 }, (_, index) => `(component $c${index + 1} (alias outer 1 $c${index} (component $d)) (instance (instantiate $d)))`);
    const component = decodeText(`(component (component $c0) ${levels.join(' ')} (instance (instantiate $c2000)))`);
    expect(component.problems).toMatchObject([{ code: 'limit-exceeded' }]);
    expect(component.linking).toBeNull();
  });

  test('of nested instance types that double what they list are cut off', () => {
    const levels = Array.from({ length: 40 }, (_, index) => `(type $t${index + 1} (instance (alias outer 1 $t${index} (type $p)) (export "a" (instance (type $p))) (export "b" (instance (type $p)))))`);
    const component = decodeText(`(component (type $t0 (instance (export "f" (func)))) ${levels.join(' ')} (import "i" (instance (type $t40))))`);
    expect(component.problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed' }]);
  });

  test('of types inside types stop at the limit, by index and by nesting', () => {
    const chain = [TYPE.string, ...Array.from({ length: 5_000 }, (_, index) => [0x70, ...signed(index)])];
    expect(decodeSections(list(SECTION.type, ...chain)).problems).toMatchObject([{ code: 'limit-exceeded' }]);
    const deep = Array.from({ length: 20_000 }, () => [0x41, 0x01, 0x01]).flat();
    expect(decodeSections(list(SECTION.type, [...deep, 0x73])).problems).toMatchObject([{ code: 'limit-exceeded' }]);
  });

  test('of many small parts are counted over the whole artifact', () => {
    const group = componentBytes(...Array.from({ length: 200 }, () => section(SECTION.component, componentBytes())));
    const component = decodeSections(...Array.from({ length: 200 }, () => section(SECTION.component, group)));
    expect(component.problems).toMatchObject(Array.from({ length: component.problems.length }, () => ({ code: 'limit-exceeded' })));
    expect(component.problems.length).toBeGreaterThan(0);
    expect(component.components.length).toBeLessThan(100);
  });

  test('of instances of one module with many imports are paid per import', () => {
    const imports = Array.from({ length: 5_000 }, () => [...text(''), ...text('f'), 0x00, 0x00]);
    const module = moduleBytes({ types: [[0x60, 0x00, 0x00]], imports });
    const one = moduleBytes({ types: [[0x60, 0x00, 0x00]], functions: [0], exports: [[...text('f'), 0x00, 0x00]], code: [body([])] });
    const instances = Array.from({ length: 5_000 }, () => [0x00, 0x01, 0x01, ...text(''), 0x12, 0x00]);
    const component = decodeSections(section(SECTION.module, one), section(SECTION.module, module), list(SECTION.coreInstance, [0x00, 0x00, 0x00], ...instances));
    expect(component.problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed' }]);
  });

  test('of damaged parts keep no more problems than the limit', () => {
    const damaged = section(SECTION.module, [0x00]);
    expect(decodeSections(...Array.from({ length: 500 }, () => damaged)).problems).toHaveLength(LIMITS.problems);
  });
});

describe('a component cut short', () => {
  const whole = watToWasm(`(component
    (import "a:b/c@1.0.0" (implements "x:y/z") (external-id "k") (instance $i (export "r" (type (sub resource))) (export "f" (func async (param "p" (list (record (field "x" string))))))))
    (core module $m (import "i" "f" (func)) (memory (export "mem") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
    (component $n (export "k" (func $g)) (import "g" (func $g)))
    (alias export $i "f" (func $f))
    (type $v (variant (case "a" (tuple u8 (option string))) (case "b")))
    (core type (module (import "a" "b" (func)) (export "c" (memory 1))))
    (export "again" (func $f)))`.replace('(export "k" (func $g)) (import "g" (func $g))', '(import "g" (func $g)) (export "k" (func $g))').replace('(implements "x:y/z") ', ''));

  test('is refused at every byte that ends no section, and throws at none', () => {
    const { sections, problems } = decodeComponent(whole, 0, whole.length);
    expect(problems).toEqual([]);
    const ends = new Set([8, ...sections.map(({ offset, length }) => offset + length)]);
    for (let length = 8; length < whole.length; length++) {
      const component = decodeComponent(whole.slice(0, length), 0, length);
      expect(component.problems.length > 0, `cut at ${length}`).toBe(!ends.has(length));
    }
  });

  test('never makes the decoder throw, whatever one byte says', () => {
    for (let at = 8; at < whole.length; at++) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const changed = whole.slice();
        changed[at] = value;
        expect(() => decode(changed), `byte ${at} = ${value}`).not.toThrow();
      }
    }
  });
});

describe('names', () => {
  test.each(['wasi:io/error\u0000', 'WASI:io/error', 'wasi:io/error@0.2.0 ', 'wasi:i\u043e/error', '\ufeffwasi:io/error', 'wasi:io//error', '__proto__', 'wasi:io/error#f'])('%j is no name', (name) => {
    expect(decodeSections(list(SECTION.type, TYPE.emptyInstance), list(SECTION.import, [...externName(name), 0x05, 0x00])).problems).toMatchObject([{ code: 'invalid-name', effect: 'malformed' }]);
  });

  test('of JavaScript objects are names like others', () => {
    const component = decodeText('(component (import "constructor" (func)) (import "to-string" (func)) (import "i" (instance (export "constructor" (func)) (export "has-own-property" (func)))))');
    expect(component.problems).toEqual([]);
    expect(component.imports[2]!.functions).toEqual(['constructor', 'has-own-property']);
  });

  test('too long for an engine are not kept', () => {
    expect(decodeSections(list(SECTION.type, TYPE.func), list(SECTION.import, importedFunction('a'.repeat(LIMITS.nameBytes + 1)))).problems).toMatchObject([{ code: 'limit-exceeded' }]);
  });
});

function decodeText(source: string): Component {
  const bytes = watToWasm(source);
  return decodeComponent(bytes, 0, bytes.length);
}

function decodeSections(...sections: readonly (readonly number[])[]): Component {
  const bytes = componentBytes(...sections);
  return decodeComponent(bytes, 0, bytes.length);
}
