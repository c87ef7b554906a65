import { describe, expect, test } from 'vitest';
import { LEVELS } from '../../policies/index.ts';
import { watToWasm } from '../../test/support/wat.ts';
import { collectFacts } from '../facts/collect.ts';
import { UNKNOWN_PROVENANCE } from '../provenance.ts';
import { decode } from '../wasm/decode.ts';
import { learnerFor, withHeadroom, type Learned, type LearnedFrom } from './learn.ts';
import { findLevel } from './vocabulary.ts';

function factsOf(text: string, name = 'x.wasm', reference = name): LearnedFrom {
  const bytes = watToWasm(text);
  return collectFacts({ name, reference, bytes, digest: `sha256:${name}` }, decode(bytes), { provenance: UNKNOWN_PROVENANCE });
}

function learned(...all: readonly LearnedFrom[]): Learned {
  const learner = learnerFor(findLevel('baseline', LEVELS)!);
  for (const facts of all) learner.add(facts);
  return learner.learned();
}

test('each power is learned once, with everyone who needs it', () => {
  const clock = '(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))';
  const { capabilities, artifacts } = learned(factsOf(`(module ${clock})`, 'a.wasm'), factsOf(`(module ${clock})`, 'b.wasm'));
  expect(artifacts).toBe(2);
  expect(capabilities).toEqual([{ value: 'clock-read', by: ['a.wasm', 'b.wasm'], because: 'wasi_snapshot_preview1.clock_time_get' }]);
});

describe('an import that nobody knows', () => {
  const importOf = (module: string, name: string): string => `(module (import ${JSON.stringify(module)} ${JSON.stringify(name)} (func)))`;

  test('is named, and never becomes the capability unknown', () => {
    const { capabilities, imports } = learned(factsOf(importOf('acme', 'thing')));
    expect(capabilities).toEqual([]);
    expect(imports.map(({ value }) => value)).toEqual(['acme.thing']);
  });

  test('is named in two parts where its text can be read in several ways', () => {
    expect(learned(factsOf(importOf('acme.x', 'thing'))).imports.map(({ value }) => value)).toEqual([{ module: 'acme.x', name: 'thing' }]);
  });

  test.each([['acme', '*'], ['ac*me', 'thing'], ['acme', ''], ['', 'thing']])('is left out where its name %s %s would allow more than itself', (module, name) => {
    const { imports, notNameable } = learned(factsOf(importOf(module, name)));
    expect(imports).toEqual([]);
    expect(notNameable).toEqual([`${module}.${name}`]);
  });

  test('of a component is named with its function', () => {
    expect(learned(factsOf('(component (import "acme:app/thing@1.0.0" (instance (export "run" (func)))))')).imports.map(({ value }) => value)).toEqual(['acme:app/thing@1.0.0#run']);
  });
});

test('references are learned only where everything comes from a registry', () => {
  const remote = factsOf('(module)', 'a', 'oci://ghcr.io/acme/app:v1');
  expect(learned(remote, factsOf('(module)', 'b', 'oci://ghcr.io/acme/app:v2')).references?.map(({ value }) => value)).toEqual(['ghcr.io/acme/app']);
  expect(learned(remote, factsOf('(module)')).references).toBeNull();
});

test('features are allowed where the level denies them, not where it warns', () => {
  const pages = factsOf('(module (memory 1 1 (pagesize 1)))');
  const extra = (level: string): readonly string[] => {
    const learner = learnerFor(findLevel(level, LEVELS)!);
    learner.add(pages);
    return learner.learned().extraFeatures.map(({ value }) => value);
  };
  expect(extra('restricted')).toEqual(['custom-page-sizes']);
  expect(extra('baseline')).toEqual([]);
});

test('limits are those of the largest', () => {
  expect(learned(factsOf('(module (memory 1) (func) (func))'), factsOf('(module (memory 3))'))).toMatchObject({ memory: 196_608, functions: 2 });
});

test.each([[0, 0], [1, '1Ki'], [50_000, '62Ki'], [700_000, '860Ki'], [1 << 20, '2Mi'], [75_500_000, '91Mi'], [300 << 20, '380Mi']])('%d bytes with headroom are %s', (amount, written) => {
  expect(withHeadroom(amount, 'bytes')).toBe(written);
});

test('headroom is never less than a quarter and never far more', () => {
  for (let amount = 1; amount < 1e6; amount = Math.ceil(amount * 1.37)) {
    const written = withHeadroom(amount, 'count') as number;
    expect(written).toBeGreaterThanOrEqual(amount * 1.25);
    expect(written).toBeLessThanOrEqual(amount * 1.25 * 1.1 + 1);
  }
});
