import { expect, test } from 'vitest';
import { carrierOf } from '../../test/support/surroundings.ts';
import { NAME, placedFailure, placedFinding, placedName, placeless } from './places.ts';

const place = (line: number, file = 'app.yaml') => ({ file, document: 1, pointer: '/spec/hosts', line, column: 2 });
const carrier = carrierOf({ grants: [{ place: place(20) }, { place: null }], settings: [{ place: place(30) }] });
const finding = (path: string, file: string) => ({ message: 'Something', subject: 'x', location: { path, offset: 0, length: 0, source: { file, document: 0, pointer: '/p', line: 1, column: 1 } } });

test('carriers that differ in name, namespace, secrets and places are one', () => {
  const other = { ...carrier, name: 'other', namespace: 'far', file: 'b.yaml', line: 99, document: 4, column: 3, pullSecrets: ['s'], grants: [{ ...carrier.grants[0]!, place: place(1, 'b.yaml') }, carrier.grants[1]!] };
  expect(placeless(other).key).toBe(placeless(carrier).key);
  expect(placeless(other).places.map(({ line }) => line)).toEqual([99, 1, 30]);
});

test.each([
  ['another reference', { reference: 'x' }], ['a host', { host: { profile: 'spin', sure: false } }], ['signals', { signals: ['x'] }], ['a kind', { kind: 'Pod' }], ['a pointer', { pointer: '/x' }],
  ['a grant', { grants: [{ ...carrier.grants[0]!, everything: true }] }], ['a process', { process: { command: ['x'], args: null } }], ['certainty', { certain: false }], ['a role', { role: 'native' }],
] as const)('%s tells them apart', (_name, over) => {
  expect(placeless({ ...carrier, ...over }).key).not.toBe(placeless(carrier).key);
});

test('places come back, each its own', () => {
  const placed = { carrier, places: placeless(carrier).places, name: 'real' };
  expect(placedFinding(finding(`WasmPlugin/${NAME} /spec/hosts`, '{2}'), placed).location).toMatchObject({ path: 'WasmPlugin/auth /spec/hosts', source: place(30) });
  expect(placedFinding(finding('config', '{0}'), placed).location).toMatchObject({ path: 'config', source: { file: 'plugin.yaml', line: 7 } });
  for (const file of ['{9}', '{-1}', 'x{0}', '{0}x', '']) expect(placedFinding(finding(`WasmPlugin/${NAME} /x`, file), placed).location.source!.file).toBe(file);
  expect(placedName(`${NAME}!/a`, placed)).toBe('real!/a');
  expect(placedFailure({ kind: 'unreadable', code: 'x', message: `Cannot read ${NAME}` }, { name: '$& real' }).message).toBe('Cannot read $& real');
});
