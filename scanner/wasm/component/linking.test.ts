import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import type { InnerImport, Linking } from '../component.ts';
import { decodeComponent } from './decode.ts';

const HOST = '(import "a:b/host" (instance $h (export "f" (func)) (export "g" (func)))) (alias export $h "f" (func $f)) (alias export $h "g" (func $g))';
const LOWERED = `${HOST} (core func $lf (canon lower (func $f))) (core func $lg (canon lower (func $g)))`;
const USER = '(core module $user (import "x" "f" (func)) (func (export "run")))';

describe('an import of a core module ends', () => {
  test('with the host, when it is given a lowered host function', () => {
    const linking = link(`${LOWERED} ${USER} (core instance (instantiate $user (with "x" (instance (export "f" (func $lf))))))`);
    expect(linking).toEqual({
      hostFunctions: ['a:b/host#f'], reexports: [], instances: [{ path: 'module[0]' }], others: [], entries: { hosts: [], functions: [], instances: [] }, shared: [], handles: [],
      inner: [{ instance: 0, modulePath: 'module[0]', module: 'x', name: 'f', satisfiedBy: 'host', host: ['a:b/host#f'], origin: { kind: 'host', function: 'a:b/host#f' }, targets: [] }],
    });
  });

  test('inside, when another module serves it, whose own calls to the host count', () => {
    const linking = link(`${LOWERED}
      (core module $adapter (import "host" "g" (func $g)) (func (export "f") (call $g))) ${USER}
      (core instance $a (instantiate $adapter (with "host" (instance (export "g" (func $lg))))))
      (core instance (instantiate $user (with "x" (instance $a))))`);
    expect(ends(linking)).toEqual(['module[0] host.g: host a:b/host#g', 'module[1] x.f: inner']);
    expect(linking.hostFunctions).toEqual(['a:b/host#g']);
  });

  test('with the host, when a module merely passes its import on', () => {
    const linking = link(`${LOWERED}
      (core module $pass (import "host" "g" (func $g)) (export "f" (func $g))) ${USER}
      (core instance $p (instantiate $pass (with "host" (instance (export "g" (func $lg))))))
      (core instance (instantiate $user (with "x" (instance $p))))`);
    expect(ends(linking)).toContain('module[1] x.f: host a:b/host#g');
  });

  test('with a built-in of the component model', () => {
    const linking = link(`(import "a:b/host" (instance $h (export "r" (type (sub resource))))) (alias export $h "r" (type $r)) (core func $drop (canon resource.drop $r))
      (core module $user (import "x" "f" (func (param i32)))) (core instance (instantiate $user (with "x" (instance (export "f" (func $drop))))))`);
    expect(ends(linking)).toEqual(['module[0] x.f: builtin']);
    expect(linking.hostFunctions).toEqual([]);
  });

  test('nowhere, while its module is never instantiated', () => {
    expect(link(`${LOWERED} ${USER}`)).toMatchObject({ hostFunctions: [], inner: [], reexports: [], instances: [] });
  });

  test('with a module that the host gives', () => {
    const linking = link(`(import "m" (core module $m (export "f" (func)))) ${USER} (core instance $i (instantiate $m)) (core instance (instantiate $user (with "x" (instance $i))))`);
    expect(ends(linking)).toEqual(['module[0] x.f: host m#f']);
  });
});

describe('a shim whose table a fix-up module fills', () => {
  const body = (slot: number) => `(i32.const ${slot}) (call_indirect $t (type 0))`;
  const shim = (first: string, second: string) => `(core module $shim (type (func)) (table $t (export "$imports") 2 funcref) (func (export "0") (type 0) ${first}) (func (export "1") (type 0) ${second}))`;
  const rest = (segment: string) => `
    (core module $main (import "x" "f" (func)) (import "x" "g" (func)))
    (core module $fixup (type (func)) (import "" "$imports" (table 2 funcref)) (import "" "0" (func (type 0))) (import "" "1" (func (type 0))) ${segment})
    (core instance $s (instantiate $shim)) (alias core export $s "$imports" (core table $tab)) (alias core export $s "0" (core func $s0)) (alias core export $s "1" (core func $s1))
    (core instance (instantiate $main (with "x" (instance (export "f" (func $s0)) (export "g" (func $s1))))))
    (core instance (instantiate $fixup (with "" (instance (export "$imports" (table $tab)) (export "0" (func $lf)) (export "1" (func $lg))))))`;

  test('is followed slot by slot', () => {
    const linking = link(`${LOWERED} ${shim(body(0), body(1))} ${rest('(elem (i32.const 0) func 0 1)')}`);
    expect(ends(linking).slice(0, 2)).toEqual(['module[1] x.f: host a:b/host#f', 'module[1] x.g: host a:b/host#g']);
  });

  test('is followed through another offset and order', () => {
    const linking = link(`${LOWERED} ${shim(body(1), body(0))} ${rest('(elem (i32.const 1) func 0) (elem (i32.const 0) func 1)')}`);
    expect(ends(linking).slice(0, 2)).toEqual(['module[1] x.f: host a:b/host#f', 'module[1] x.g: host a:b/host#g']);
  });

  test('counts as everything the fix-up has, when its code or the place in the table is not plain', () => {
    const any = ['module[1] x.f: host a:b/host#f a:b/host#g', 'module[1] x.g: host a:b/host#f a:b/host#g'];
    expect(ends(link(`${LOWERED} ${shim(`(nop) ${body(0)}`, `(nop) ${body(1)}`)} ${rest('(elem (i32.const 0) func 0 1)')}`)).slice(0, 2)).toEqual(any);
    expect(ends(link(`${LOWERED} ${shim(body(0), body(1))} ${rest('(elem (offset (i32.add (i32.const 0) (i32.const 0))) func 0 1)')}`)).slice(0, 2)).toEqual(any);
    expect(ends(link(`${LOWERED} ${shim(body(0), body(1))} ${rest('(elem func 0 1)')}`)).slice(0, 2)).toEqual(any);
  });

  test('is code inside, when it only jumps in circles', () => {
    const linking = link(`(core module $shim (type (func)) (table $t 1 funcref) (elem (i32.const 0) func 0) (func (export "f") (type 0) ${body(0)})) ${USER}
      (core instance $s (instantiate $shim)) (core instance (instantiate $user (with "x" (instance $s))))`);
    expect(ends(linking)).toEqual(['module[1] x.f: inner']);
  });
});

describe('nested components', () => {
  const asksForHost = `(component $inner (import "wasi:x/y" (instance $i (export "f" (func)))) (alias export $i "f" (func $f)) (core func $l (canon lower (func $f)))
    ${USER} (core instance (instantiate $user (with "x" (instance (export "f" (func $l)))))))`;
  const pretends = `(component $virtual (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f"))) (instance $e (export "f" (func $f))) (export "wasi:x/y" (instance $e)))`;

  test('that are served by others need no host', () => {
    const linking = link(`${asksForHost} ${pretends} (instance $v (instantiate $virtual)) (alias export $v "wasi:x/y" (instance $y)) (instance (instantiate $inner (with "wasi:x/y" (instance $y))))`);
    expect(linking).toMatchObject({ hostFunctions: [], reexports: [] });
    expect(linking.inner).toEqual([{
      instance: 1, modulePath: 'component[0]/module[0]', module: 'x', name: 'f', satisfiedBy: 'inner', host: [], origin: { kind: 'virtualised', instance: 0, export: 'f' }, targets: [{ instance: 0, index: 0 }],
    }]);
  });

  test('that are served by the host under another name lead to that name', () => {
    const linking = link(`(import "z:real/name" (instance $h (export "f" (func)))) ${asksForHost} (instance (instantiate $inner (with "wasi:x/y" (instance $h))))`);
    expect(linking.hostFunctions).toEqual(['z:real/name#f']);
  });

  test('that lower a host function and lift it again hide nothing', () => {
    const linking = link(`${HOST} ${asksForHost}
      (component $wash (import "in" (func $in)) (core func $l (canon lower (func $in))) (func $again (canon lift (core func $l))) (instance $e (export "f" (func $again))) (export "wasi:x/y" (instance $e)))
      (instance $w (instantiate $wash (with "in" (func $g)))) (alias export $w "wasi:x/y" (instance $y)) (instance (instantiate $inner (with "wasi:x/y" (instance $y))))`);
    expect(ends(linking)).toEqual(['component[0]/module[0] x.f: host a:b/host#g']);
  });

  test('take modules and components from the scope they are written in', () => {
    const linking = link(`${LOWERED} ${USER}
      (component $outer (import "k" (func $k)) (alias outer 1 $user (core module $u)) (core func $l (canon lower (func $k))) (core instance (instantiate $u (with "x" (instance (export "f" (func $l)))))))
      (component $user-of-outer (import "k" (func $k)) (alias outer 1 $outer (component $o)) (instance (instantiate $o (with "k" (func $k)))))
      (instance (instantiate $user-of-outer (with "k" (func $g))))`);
    expect(ends(linking)).toEqual(['module[0] x.f: host a:b/host#g']);
  });
});

describe('a host function counts without any core module, when it is', () => {
  test.each([
    ['exported again', `${HOST} (export "e" (func $f))`, ['a:b/host#f']],
    ['exported again with its instance', `${HOST} (export "e" (instance $h))`, ['a:b/host#f', 'a:b/host#g']],
    ['exported inside another instance', `${HOST} (instance $i (export "in" (func $g))) (export "e" (instance $i))`, ['a:b/host#g']],
    ['lowered, lifted and exported', `${LOWERED} (func $l (canon lift (core func $lg))) (export "e" (func $l))`, ['a:b/host#g']],
    ['handed to a component of the host', `${HOST} (import "c" (component $c (import "i" (func)))) (instance (instantiate $c (with "i" (func $f))))`, ['a:b/host#f']],
    ['handed to a module of the host', `${LOWERED} (import "m" (core module $m (import "x" "f" (func)))) (core instance (instantiate $m (with "x" (instance (export "f" (func $lf))))))`, ['a:b/host#f']],
    ['called after a return', `${LOWERED} (core module $m (func (export "r"))) (core instance $i (instantiate $m)) (func (canon lift (core func $i "r") (post-return (core func $lg))))`, ['a:b/host#g']],
    ['a destructor', '(import "f" (func $f (param "x" u32))) (core func $l (canon lower (func $f))) (type (resource (rep i32) (dtor (core func $l))))', ['f']],
    ['in an instance inside the imported one', '(import "a:b/c" (instance $i (export "n" (instance (export "f" (func)))))) (export "e" (instance $i))', ['a:b/c#n#f']],
  ])('%s', (_, source, hostFunctions) => expect(link(source).hostFunctions).toEqual(hostFunctions));

  test('and an export that hands it out names its import', () => {
    expect(link(`${HOST} (instance $i (export "in" (func $g))) (export "e" (instance $i)) (export "f" (func $f))`).reexports).toEqual([{ exported: 'e', imported: 'a:b/host' }, { exported: 'f', imported: 'a:b/host' }]);
  });

  test('but not when it is only imported', () => expect(link(HOST).hostFunctions).toEqual([]));
});

function link(body: string): Linking {
  const bytes = watToWasm(`(component ${body})`);
  const component = decodeComponent(bytes, 0, bytes.length);
  expect(component.problems).toEqual([]);
  return component.linking!;
}

function ends({ inner }: Linking): string[] {
  return inner.map(({ modulePath, module, name, satisfiedBy, host }: InnerImport) => [`${modulePath} ${module}.${name}: ${satisfiedBy}`, ...host].join(' '));
}
