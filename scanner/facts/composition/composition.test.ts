import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { UNKNOWN_PROVENANCE } from '../../provenance.ts';
import { decode } from '../../wasm/decode.ts';
import { collectFacts } from '../collect.ts';
import type { Facts } from '../facts.ts';
import type { CompositionFact } from './model.ts';

const FILES = 'wasi:filesystem/preopens@0.2.0';
const CLOCK = 'wasi:clocks/wall-clock@0.2.0';

/** A component that asks for files, and calls what it is given. */
const PROGRAM = `(component $program (import "${FILES}" (instance $i (export "get-directories" (func)))) (alias export $i "get-directories" (func $open)) (core func $l (canon lower (func $open)))
  (core module $main (import "${FILES}" "get-directories" (func $open)) (func (export "run") (call $open)))
  (core instance $m (instantiate $main (with "${FILES}" (instance (export "get-directories" (func $l)))))) (func $run (canon lift (core func $m "run"))) (export "run" (func $run)))`;

/** Plays the part of the host's files, and asks for the time only; `uses` says what its code does. */
function virtual(uses: string): string {
  return `(component $virtual (import "${CLOCK}" (instance $i (export "now" (func)))) (alias export $i "now" (func $now)) (core func $l (canon lower (func $now)))
    (core module $fake (import "clock" "now" (func $now)) (func (export "open") ${uses}) (func (export "unused") (call $now)))
    (core instance $f (instantiate $fake (with "clock" (instance (export "now" (func $l)))))) (func $open (canon lift (core func $f "open")))
    (instance $e (export "get-directories" (func $open))) (export "${FILES}" (instance $e)))`;
}

function composed(uses: string): string {
  return `(import "${CLOCK}" (instance $clock (export "now" (func)))) ${PROGRAM} ${virtual(uses)}
    (instance $v (instantiate $virtual (with "${CLOCK}" (instance $clock)))) (alias export $v "${FILES}" (instance $files))
    (instance $p (instantiate $program (with "${FILES}" (instance $files)))) (alias export $p "run" (func $run)) (export "run" (func $run))`;
}

describe('capabilities of a program whose files are played by another component', () => {
  test('are those that the player reaches, not those that the program asks for', () => {
    const facts = factsOf(composed('(call $now)'));
    expect(facts.composition).toMatchObject({
      declared: ['clock-read', 'fs-preopen'], effective: ['clock-read'], hostFunctions: [`${CLOCK}#now`], problem: null,
      virtualised: [{ module: 'component[1]/module[0]', export: 'open', asked: [`${FILES} get-directories`], reaches: [`${CLOCK}#now`] }],
    });
    expect(facts.composition!.modules).toEqual([
      { path: 'component[0]/module[0]', instances: 1, declared: ['fs-preopen'], effective: ['clock-read'] },
      { path: 'component[1]/module[0]', instances: 1, declared: ['clock-read'], effective: ['clock-read'] },
    ]);
    expect(facts.capabilities).toEqual(['clock-read']);
    expect(facts.imports.map(({ reachable }) => reachable)).toEqual([true]);
  });

  test('are none when the player calls nobody, though it could', () => {
    const facts = factsOf(composed(''));
    expect(facts.composition).toMatchObject({ declared: ['clock-read', 'fs-preopen'], effective: [], virtualised: [{ reaches: [] }] });
    expect(facts.component!.linking!.hostFunctions).toEqual([`${CLOCK}#now`]);
    expect(facts.imports.map(({ reachable }) => reachable)).toEqual([false]);
  });
});

const HOST = `(import "${CLOCK}" (instance $h (export "now" (func)))) (alias export $h "now" (func $now)) (core func $l (canon lower (func $now)))`;
const CALLER = '(core module $caller (import "x" "f" (func $f)) (func $r (export "run") (call $f)) (func (export "idle")))';
const GIVEN = '(core instance $c (instantiate $caller (with "x" (instance (export "f" (func $l))))))';
const lifted = (name: string): string => `(func $out (canon lift (core func $c "${name}"))) (export "out" (func $out))`;

describe('a host function is effective', () => {
  test.each<[string, string, boolean]>([
    ['when a lifted function calls it', `${HOST} ${CALLER} ${GIVEN} ${lifted('run')}`, true],
    ['not when only another export calls it', `${HOST} ${CALLER} ${GIVEN} ${lifted('idle')}`, false],
    ['when the start function of a module calls it', `${HOST} (core module $caller (import "x" "f" (func $f)) (start $s) (func $s (call $f)) (func (export "idle"))) ${GIVEN} ${lifted('idle')}`, true],
    ['when the canonical ABI calls what calls it', `${HOST} ${CALLER} ${GIVEN} (func $out (canon lift (core func $c "idle") (post-return (core func $c "run")))) (export "out" (func $out))`, true],
    ['when it is exported again', `${HOST} (export "out" (func $now))`, true],
    ['through a shim, exactly', `${HOST} ${CALLER} ${shimmed('(i32.const 0) (call_indirect $t (type 0))')} ${lifted('run')}`, true],
    ['not through a shim that nobody calls', `${HOST} ${CALLER} ${shimmed('(i32.const 0) (call_indirect $t (type 0))')} ${lifted('idle')}`, false],
    ['through a shim that is no plain one', `${HOST} ${CALLER} ${shimmed('(nop) (i32.const 0) (call_indirect $t (type 0))')} ${lifted('run')}`, true],
    ['through a table that another module fills and calls', `${HOST} ${tableShared('')}`, true],
    ['not through such a table of modules that never run', `${HOST} ${tableShared('idle')}`, false],
    ['through a reference that passes between modules', `${HOST} (core module $giver (import "x" "f" (func $f)) (elem declare func $f) (func (export "give") (result funcref) (ref.func $f)))
      (core module $taker (type $t (func)) (import "g" "give" (func $give (result funcref))) (table $tab 1 funcref) (func (export "run") (table.set $tab (i32.const 0) (call $give)) (call_indirect $tab (type $t) (i32.const 0))))
      (core instance $g (instantiate $giver (with "x" (instance (export "f" (func $l)))))) (core instance $c (instantiate $taker (with "g" (instance $g)))) ${lifted('run')}`, true],
    ['when the whole instance is given to a module of the host', `(import "m" (core module $m (import "y" "run" (func)))) ${HOST} ${CALLER} ${GIVEN} (core instance (instantiate $m (with "y" (instance $c))))`, true],
    ['in the second of two instances too', `${HOST} ${CALLER} (core module $dull (func (export "f"))) (core instance $d (instantiate $dull)) (core instance $first (instantiate $caller (with "x" (instance $d)))) ${GIVEN}
      (func $one (canon lift (core func $first "run"))) (export "one" (func $one)) ${lifted('run')}`, true],
    ['not in the instance that was given something else', `${HOST} ${CALLER} (core module $dull (func (export "f"))) (core instance $d (instantiate $dull)) (core instance $c (instantiate $caller (with "x" (instance $d))))
      (core instance (instantiate $caller (with "x" (instance (export "f" (func $l)))))) ${lifted('run')}`, false],
  ])('%s', (_, source, effective) => {
    const { composition } = factsOf(source);
    expect(composition!.hostFunctions).toEqual(effective ? [`${CLOCK}#now`] : []);
    expect(composition!.problem).toBeNull();
  });

  test('and is not known to be reached or not in what is no program', () => expect(factsOf(HOST).imports.map(({ reachable }) => reachable)).toEqual([null]));
});

test('a table of threads that the component model starts counts as called', () => {
  const source = `${HOST} (core module $m (import "x" "f" (func $f)) (type (func (param i32))) (table (export "t") 1 funcref) (elem (i32.const 0) func 1) (func (param i32) (call $f)) (func (export "idle")))
    (core instance $c (instantiate $m (with "x" (instance (export "f" (func $l)))))) (core type $start (func (param i32))) (alias core export $c "t" (core table $t)) (core func (canon thread.spawn-indirect $start (core table $t))) ${lifted('idle')}`;
  expect(factsOf(source).composition!.hostFunctions).toEqual([`${CLOCK}#now`]);
});

test('memories and tables that different modules see are listed, those of one module are not', () => {
  const composition = compositionOfText(`(core module $a (memory (export "m") 1) (func (export "f"))) (core module $b (import "a" "m" (memory 1)) (func (export "g")))
    (core instance $ia (instantiate $a)) (core instance $ib (instantiate $b (with "a" (instance $ia)))) (core instance (instantiate $b (with "a" (instance $ia))))`);
  expect(composition.shared).toEqual([{ kind: 'memory', owner: 'module[0]', modules: ['module[0]', 'module[1]'], instances: 3, shim: false }]);
  expect(composition.modules.map(({ instances }) => instances)).toEqual([1, 2]);
});

test('a host function that no import declares is a contradiction, which changes no verdict', () => {
  const bytes = watToWasm(`(component ${HOST} ${CALLER} ${GIVEN} ${lifted('run')})`);
  const component = decode(bytes);
  if (component.kind !== 'component') throw new Error('Not a component');
  const linking = { ...component.linking!, hostFunctions: ['a:b/hidden#f'] };
  const { problems } = collectFacts({ name: 'x.wasm', bytes, digest: '' }, { ...component, linking }, { provenance: UNKNOWN_PROVENANCE });
  expect(problems).toMatchObject([{ code: 'composition-disagrees', effect: 'degraded', message: expect.stringContaining(CLOCK) as string }]);
});

test('a module that is never instantiated asks for what it asks for, and gets nothing', () => {
  expect(compositionOfText(`(core module (import "${FILES}" "get-directories" (func)))`).modules).toEqual([{ path: 'module[0]', instances: 0, declared: ['fs-preopen'], effective: [] }]);
});

function shimmed(body: string): string {
  return `(core module $shim (type (func)) (table $t (export "$imports") 1 funcref) (func (export "f") (type 0) ${body}))
    (core module $fixup (type (func)) (import "" "$imports" (table 1 funcref)) (import "" "0" (func (type 0))) (elem (i32.const 0) func 0))
    (core instance $s (instantiate $shim)) (alias core export $s "$imports" (core table $tab)) (core instance $c (instantiate $caller (with "x" (instance $s))))
    (core instance (instantiate $fixup (with "" (instance (export "$imports" (table $tab)) (export "0" (func $l))))))`;
}

/** One module calls through its table what another puts there. */
function tableShared(called: string): string {
  return `(core module $apart (func (export "idle"))) (core instance $a (instantiate $apart))
    (core module $owner (type (func)) (import "a" "idle" (func)) (table (export "t") 4 funcref) (func (export "run") (param i32) (call_indirect (type 0) (local.get 0))))
    (core module $filler (import "x" "f" (func $f)) (import "o" "t" (table 4 funcref)) (func $own (call $f)) (elem (i32.const 2) func $own) (func (export "idle")))
    (core instance $o (instantiate $owner (with "a" (instance $a)))) (alias core export $o "t" (core table $t))
    (core instance (instantiate $filler (with "x" (instance (export "f" (func $l)))) (with "o" (instance (export "t" (table $t))))))
    ${called === 'idle' ? '(func $out (canon lift (core func $a "idle")))' : '(func $out (param "x" u32) (canon lift (core func $o "run")))'} (export "out" (func $out))`;
}

function compositionOfText(source: string): CompositionFact {
  return factsOf(source).composition!;
}

function factsOf(source: string): Facts {
  const bytes = watToWasm(`(component ${source})`);
  const facts = collectFacts({ name: 'x.wasm', bytes, digest: `sha256:${'0'.repeat(64)}` }, decode(bytes), { provenance: UNKNOWN_PROVENANCE });
  expect(facts.problems).toEqual([]);
  return facts;
}
