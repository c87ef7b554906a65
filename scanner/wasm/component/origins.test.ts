import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import type { Linking } from '../component.ts';
import { decodeComponent } from './decode.ts';

const HOST = '(import "a:b/host" (instance $h (export "f" (func)) (export "g" (func)))) (alias export $h "f" (func $f)) (alias export $h "g" (func $g)) (core func $lf (canon lower (func $f))) (core func $lg (canon lower (func $g)))';
const USER = '(core module $user (import "x" "f" (func)) (func (export "run")))';
const IN = (given: string): string => `(core instance (instantiate $user (with "x" ${given})))`;

describe('the one origin of an import is', () => {
  test.each<[string, string, unknown]>([
    ['a function of the host', `${HOST} ${USER} ${IN('(instance (export "f" (func $lf)))')}`, { kind: 'host', function: 'a:b/host#f' }],
    ['an export of another module', `(core module $m (func (export "f"))) (core instance $i (instantiate $m)) ${USER} ${IN('(instance $i)')}`, { kind: 'sibling', instance: 0, export: 'f' }],
    ['the host behind a module that passes it on', `${HOST} (core module $m (import "h" "g" (func $g)) (export "f" (func $g))) (core instance $i (instantiate $m (with "h" (instance (export "g" (func $lg)))))) ${USER} ${IN('(instance $i)')}`, { kind: 'host', function: 'a:b/host#g' }],
    ['a function lifted inside', `(core module $m (func (export "z"))) (core instance $i (instantiate $m)) (func $l (canon lift (core func $i "z"))) (core func $ll (canon lower (func $l))) ${USER} ${IN('(instance (export "f" (func $ll)))')}`, { kind: 'virtualised', instance: 0, export: 'z' }],
    ['the host, lowered and lifted several times', `${HOST} (func $l (canon lift (core func $lg))) (core func $ll (canon lower (func $l))) ${USER} ${IN('(instance (export "f" (func $ll)))')}`, { kind: 'host', function: 'a:b/host#g' }],
    ['a built-in by its name', `(import "r" (type $r (sub resource))) (core func $d (canon resource.drop $r)) (core module $user (import "x" "f" (func (param i32)))) ${IN('(instance (export "f" (func $d)))')}`, { kind: 'builtin', name: 'resource.drop' }],
  ])('%s', (_, source, origin) => expect(link(source).inner.at(-1)!.origin).toEqual(origin));

  const shim = (segments: string): string => `${HOST} ${USER}
    (core module $shim (type (func)) (table $t (export "$imports") 1 funcref) (func (export "f") (type 0) (i32.const 0) (call_indirect $t (type 0))))
    (core module $fixup (type (func)) (import "" "$imports" (table 1 funcref)) (import "" "0" (func (type 0))) (import "" "1" (func (type 0))) ${segments})
    (core instance $s (instantiate $shim)) (alias core export $s "$imports" (core table $tab)) ${IN('(instance $s)')}
    (core instance (instantiate $fixup (with "" (instance (export "$imports" (table $tab)) (export "0" (func $lf)) (export "1" (func $lg))))))`;

  test('what a fix-up puts into the slot of a shim', () => expect(link(shim('(elem (i32.const 0) func 1)')).inner[0]!.origin).toEqual({ kind: 'host', function: 'a:b/host#g' }));
  test('the shim itself, where the slot is filled twice or nobody knows with what', () => {
    for (const segments of ['(elem (i32.const 0) func 0) (elem (i32.const 0) func 1)', '(elem (offset (i32.add (i32.const 0) (i32.const 0))) func 0)']) {
      expect(link(shim(segments)).inner[0]!.origin).toEqual({ kind: 'sibling', instance: 0, export: 'f' });
    }
  });
  test('not sure where a second segment has no plain place: everything there counts', () => {
    expect(link(shim('(elem (i32.const 0) func 0) (elem (offset (i32.add (i32.const 0) (i32.const 0))) func 1)')).inner[0]!.host).toEqual(['a:b/host#f', 'a:b/host#g']);
  });
});

describe('what core instances share', () => {
  const OWNER = '(core module $a (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") (mut i32) (i32.const 0)))';
  const source = `${OWNER} (core module $b (import "a" "m" (memory 1)) (import "a" "t" (table 1 funcref)) (import "a" "g" (global (mut i32))) (export "m" (memory 0)) (func (nop)))
    (core module $c (import "b" "m" (memory 1)))
    (core instance $ia (instantiate $a)) (core instance $ib (instantiate $b (with "a" (instance $ia)))) (core instance $ic (instantiate $c (with "b" (instance $ib))))`;

  test('is named with its owner, through re-exports too', () => {
    expect(link(source).shared).toEqual([
      { kind: 'memory', owner: 0, instances: [0, 1, 2], exact: false }, { kind: 'table', owner: 0, instances: [0, 1], exact: false }, { kind: 'global', owner: 0, instances: [0, 1], exact: false },
    ]);
    expect(link(source).others.map(({ instance, kind, origin }) => [instance, kind, origin])).toEqual([
      [1, 'memory', { kind: 'sibling', instance: 0, export: 'm' }], [1, 'table', { kind: 'sibling', instance: 0, export: 't' }], [1, 'global', { kind: 'sibling', instance: 0, export: 'g' }],
      [2, 'memory', { kind: 'sibling', instance: 0, export: 'm' }],
    ]);
  });

  test('is nothing between two instances with a memory of their own', () => expect(link(`${OWNER} (core instance (instantiate $a)) (core instance (instantiate $a))`).shared).toEqual([]));
});

describe('handles to resources of the host', () => {
  const FILES = '(import "a:b/files" (instance $files (export "file" (type (sub resource))))) (alias export $files "file" (type $file))';
  const CODE = '(core module $m (func (export "f") (param i32))) (core instance $i (instantiate $m))';

  test('that leave are named with the function and the way they are held', () => {
    const source = `${FILES} ${CODE} (func $own (param "x" (own $file)) (canon lift (core func $i "f"))) (export "take" (func $own))`;
    expect(link(source).handles).toEqual([{ to: 'export', function: 'take', resource: 'a:b/files#file', handle: 'own' }]);
  });

  test('are found inside other types', () => {
    const source = `${FILES} (type $b (borrow $file)) (type $o (option $b)) (type $l (tuple $o u8)) (core module $m (func (export "f") (param i32 i32 i32))) (core instance $i (instantiate $m))
      (func $deep (param "x" $l) (canon lift (core func $i "f"))) (instance $e (export "deep" (func $deep))) (export "e" (instance $e))`;
    expect(link(source).handles).toEqual([{ to: 'export', function: 'e#deep', resource: 'a:b/files#file', handle: 'borrow' }]);
  });

  const INNER = '(component $c (import "r" (type $r (sub resource))) (import "use" (func (param "x" (own $r)))))';
  test('that go to a component inside are told from those that the host gives it', () => {
    expect(link(`${FILES} ${CODE} (func $own (param "x" (own $file)) (canon lift (core func $i "f"))) ${INNER} (instance (instantiate $c (with "r" (type $file)) (with "use" (func $own))))`).handles)
      .toEqual([{ to: 'instance', function: 'component[0] use', resource: 'a:b/files#file', handle: 'own' }]);
    expect(link(`${FILES} (import "h" (func $h (param "x" (own $file)))) ${INNER} (instance (instantiate $c (with "r" (type $file)) (with "use" (func $h))))`).handles).toEqual([]);
  });

  test('keep their name through a component that names the resource anew', () => {
    const source = `${FILES} (component $c (import "r" (type $r (sub resource))) ${CODE} (func $own (param "x" (own $r)) (canon lift (core func $i "f"))) (export "take" (func $own)))
      (instance $i (instantiate $c (with "r" (type $file)))) (export "e" (instance $i))`;
    expect(link(source).handles).toEqual([{ to: 'export', function: 'e#take', resource: 'a:b/files#file', handle: 'own' }]);
  });

  test('are none where the resource is the component\'s own', () => {
    expect(link(`${CODE} (type $mine (resource (rep i32))) (export $out "mine" (type $mine)) (func $own (param "x" (own $out)) (canon lift (core func $i "f"))) (export "take" (func $own))`).handles).toEqual([]);
  });
});

function link(body: string): Linking {
  const bytes = watToWasm(`(component ${body})`);
  const component = decodeComponent(bytes, 0, bytes.length);
  expect(component.problems).toEqual([]);
  return component.linking!;
}
