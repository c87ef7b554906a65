import { expect, test } from 'vitest';
import type { CompositionFact } from '../facts/composition/model.ts';
import { compositionRows } from './inspect-composition.ts';

const plain: CompositionFact = { modules: [{ path: 'module[0]', instances: 1, declared: ['stdio'], effective: ['stdio'] }], declared: ['stdio'], effective: ['stdio'], hostFunctions: [], entered: true, virtualised: [], handles: [], shared: [], problem: null };

function shown(changed: Partial<CompositionFact>): string[] {
  return compositionRows({ composition: { ...plain, ...changed } }).filter(([, text]) => text !== '').map((row) => row.join(': '));
}

test('a component whose parts ask for what it asks for needs no words', () => {
  expect(shown({})).toEqual([]);
  expect(compositionRows({ composition: null })).toEqual([]);
});

test('what is asked for inside and what is left of it are told apart', () => {
  expect(shown({ effective: [] })).toEqual(['Asks inside: stdio', 'Effective: nothing of the host']);
  expect(shown({ declared: ['fs-read', 'stdio'] })).toEqual(['Asks inside: fs-read, stdio', 'Effective: stdio']);
});

test('functions that are played are named after the interface that they stand for', () => {
  const one = { module: 'module[0]', export: 'z', asked: ['actual 1', 'wasi:cli/stderr get-stderr'], reaches: [] };
  expect(shown({ virtualised: [one] })).toEqual(['Played: 1 host function played by code inside: wasi:cli/stderr get-stderr']);
});

test('what is shared and handed on is named, shims are not', () => {
  const table = { kind: 'table', owner: 'module[1]', modules: ['module[1]', 'module[2]'], instances: 2 } as const;
  expect(shown({ shared: [{ ...table, shim: true }, { ...table, kind: 'memory', shim: false }] })).toEqual(['Shares: memory of module[1] with module[2]']);
  expect(shown({ handles: [{ to: 'export', function: 'a:b/c#f', resource: 'wasi:x/y#z', handle: 'own' }], modules: [{ ...plain.modules[0]!, instances: 3 }] }))
    .toEqual(['Repeated: module[0] 3 times', 'Hands on: own wasi:x/y#z through a:b/c#f']);
});

test('names stay text', () => expect(shown({ handles: [{ to: 'export', function: 'f\u001b[31m', resource: 'r', handle: 'borrow' }] }).join()).not.toContain('\u001b'));
