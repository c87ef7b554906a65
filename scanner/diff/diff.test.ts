import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../test/support/wat.ts';
import { collectFacts } from '../facts/collect.ts';
import { UNKNOWN_PROVENANCE, type Provenance, type SignatureEvidence } from '../provenance.ts';
import { decode } from '../wasm/decode.ts';
import { compareShapes, type Change } from './compare.ts';
import { pairUp, type Sided } from './pair.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './trait.ts';

const WRITE = '(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))';
const CLOCK = '(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))';

function shape(text: string, provenance: Provenance | null = null): Shape {
  const bytes = watToWasm(text);
  return shapeOf(collectFacts({ name: 'x.wasm', bytes, digest: 'sha256:0' }, decode(bytes), { provenance: UNKNOWN_PROVENANCE }), provenance);
}

/** Changes as short lines, size apart: it changes with every byte. */
function lines(before: string, after: string): string[] {
  return told(compareShapes(shape(before), shape(after)));
}

function told(changes: readonly Change[]): string[] {
  const values = ({ from, to }: Change): string => (from === null && to === null ? '' : ` ${from} -> ${to}`);
  return changes.filter(({ area }) => area !== 'size').map((one) => `${one.increase ? '!' : ' '} ${one.change} ${one.area} ${one.name}${values(one)}`);
}

describe('what is no change', () => {
  test('the order of imports and exports, and the names of functions', () => {
    const before = `(module ${WRITE} ${CLOCK} (func $one (export "a")) (func $two (export "b")))`;
    const after = `(module ${CLOCK} ${WRITE} (func $other (export "b")) (func $names (export "a")))`;
    expect(lines(before, after)).toEqual([]);
  });

  test('an import that is listed twice', () => {
    expect(lines(`(module ${WRITE})`, `(module ${WRITE} ${WRITE})`)).toEqual([]);
  });
});

describe('what is an increase', () => {
  test('a capability and the imports that bring it; not what went away', () => {
    expect(lines(`(module ${WRITE})`, `(module ${CLOCK})`)).toEqual([
      '! added capability clock-read', '  removed capability stdio',
      '! added import wasi_snapshot_preview1.clock_time_get', '  removed import wasi_snapshot_preview1.fd_write',
    ]);
  });

  test('more memory and a bound that is gone; less memory is a change', () => {
    expect(lines('(module (memory 1 4))', '(module (memory 2))')).toEqual(['! changed limit memory, initial bytes 65536 -> 131072', '! changed limit memory, most bytes 262144 -> null']);
    expect(lines('(module (memory 2))', '(module (memory 1 4))')).toEqual(['  changed limit memory, initial bytes 131072 -> 65536', '  changed limit memory, most bytes null -> 262144']);
  });

  test('memory that the host has to make counts like memory of its own', () => {
    expect(lines('(module (import "env" "memory" (memory 1 4)))', '(module (import "env" "memory" (memory 9 9)))')).toEqual([
      '! changed limit memory, initial bytes 65536 -> 589824', '! changed limit memory, most bytes 262144 -> 589824',
    ]);
  });

  test('a table that only grows is none, one without a bound is', () => {
    expect(lines('(module (table 1 1 funcref))', '(module (table 2 2 funcref))')).toEqual(['  changed limit table, initial elements 1 -> 2', '  changed limit table, most elements 1 -> 2']);
    expect(lines('(module (table 1 1 funcref))', '(module (table 1 funcref))')).toEqual(['! changed limit table, most elements 1 -> null']);
  });

  test('a feature; an export that appears is none', () => {
    const after = '(module (func (export "copy") (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))) (memory 1 1))';
    expect(lines('(module (memory 1 1))', after)).toEqual(['  added export copy', '! added feature bulk-memory']);
  });

  test('an import of another kind under the same name', () => {
    expect(lines('(module (import "env" "x" (func)))', '(module (import "env" "x" (global i32)))')).toContain('! added import env.x (global)');
  });
});

test('a newer version of an interface is a change of that interface and nothing new', () => {
  const component = (version: string): string => `(component (import "wasi:clocks/wall-clock@${version}" (instance (export "now" (func)))))`;
  expect(lines(component('0.2.0'), component('0.2.6'))).toEqual(['  changed import wasi:clocks/wall-clock#now 0.2.0 -> 0.2.6']);
});

describe('signers', () => {
  const evidence = (identity: string): SignatureEvidence => ({ form: 'sigstore-bundle', status: 'trusted', code: 'ok', message: '', authority: 'release', identity, issuer: 'https://issuer.example', covers: 'whole', uncovered: [], signedAt: null, predicateType: null, where: '' });
  const by = (identity: string): Provenance => ({ ...UNKNOWN_PROVENANCE, status: 'trusted', authorities: ['release'], signatures: [evidence(identity)] });

  test('that are gone are an increase', () => {
    const changes = compareShapes(shape('(module)', by('alice')), shape('(module)', { ...UNKNOWN_PROVENANCE, status: 'absent' }));
    expect(told(changes)).toEqual(['! removed signer authority release', '  removed signer identity alice by https://issuer.example', '! changed signer provenance trusted -> absent']);
  });

  test('of the same authority that follow each other are a change', () => {
    expect(told(compareShapes(shape('(module)', by('alice')), shape('(module)', by('bob'))))).toEqual(['  removed signer identity alice by https://issuer.example', '  added signer identity bob by https://issuer.example']);
  });

  test('are not compared where nobody was asked', () => {
    expect(shape('(module)').traits.some(({ area }) => area === 'signer')).toBe(false);
  });
});

describe('reachability', () => {
  const of = (values: readonly [string, string | null][]): Shape => ({ name: 'x', digest: 'sha256:0', size: 1, traits: values.flatMap(([name, value]) => [{ area: 'import' as const, name, value: null }, ...(value === null ? [] : [{ area: 'reachability' as const, name, value }])]) });

  test('an import that can be called now is an increase, one that no longer can is a change', () => {
    expect(told(compareShapes(of([['env.a', 'unreachable'], ['env.b', 'reachable']]), of([['env.a', 'reachable'], ['env.b', 'unreachable']])))).toEqual([
      '! changed reachability env.a unreachable -> reachable', '  changed reachability env.b reachable -> unreachable',
    ]);
  });

  test('that one side does not know is not compared, and a new import is told once', () => {
    expect(told(compareShapes(of([['env.a', null]]), of([['env.a', 'reachable'], ['env.b', 'reachable']])))).toEqual(['! added import env.b']);
  });
});

describe('pairs', () => {
  const side = (key: string, text = '(module)'): Sided => ({ key, name: key, shape: shape(text), failure: null });

  test('are found by path, in order of paths, whatever the order of the sides', () => {
    const pairs = pairUp([side('b.wasm'), side('a.wasm')], [side('a.wasm'), side('b.wasm')]);
    expect(pairs.map(({ key, before, after }) => [key, before?.key, after?.key])).toEqual([['a.wasm', 'a.wasm', 'a.wasm'], ['b.wasm', 'b.wasm', 'b.wasm']]);
  });

  test('the one left on each side is the same artifact under another name', () => {
    expect(pairUp([side('a.wasm'), side('old.wasm')], [side('a.wasm'), side('new.wasm')]).map(({ before, after }) => [before?.key, after?.key])).toEqual([['a.wasm', 'a.wasm'], ['old.wasm', 'new.wasm']]);
  });

  test('an artifact that comes is an increase even when it only computes, one that goes is none', () => {
    const [, come] = pairUp([side('a')], [side('a'), side('b')]);
    expect(come!.changes.filter(({ increase }) => increase).map(({ area }) => area)).toEqual(['kind']);
    const [, gone] = pairUp([side('a'), side('b', `(module ${WRITE})`)], [side('a')]);
    expect(gone!.changes.length).toBeGreaterThan(2);
    expect(gone!.changes.some(({ increase }) => increase)).toBe(false);
  });

  test('of what was not read to its end nothing is compared', () => {
    const [pair] = pairUp([side('a', `(module ${WRITE})`)], [{ ...side('a'), failure: 'Broken at 0x9' }]);
    expect(pair).toMatchObject({ failure: 'Broken at 0x9', changes: [] });
  });

  test('equal paths on one side stay apart', () => {
    expect(pairUp([side('a'), side('a')], [side('a'), side('a')]).map(({ key }) => key)).toEqual(['a', 'a (2)']);
  });
});
