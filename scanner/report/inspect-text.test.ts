import { expect, test } from 'vitest';
import { collectFacts } from '../facts/collect.ts';
import { decode } from '../wasm/decode.ts';
import { watToWasm } from '../../test/support/wat.ts';
import { inspectText } from './inspect-text.ts';
import { UNKNOWN_PROVENANCE } from '../provenance.ts';

function shown(bytes: Uint8Array): string {
  const facts = collectFacts({ name: 'app.wasm', bytes, digest: 'sha256:0' }, decode(bytes), { provenance: UNKNOWN_PROVENANCE });
  return inspectText(facts, { width: 100, paint: (_, text) => text });
}

test('a module without imports asks for nothing', () => {
  expect(shown(watToWasm('(module)'))).toContain('none: it asks the host for nothing');
});

test('what was not read to its end is never said to ask for nothing', () => {
  const whole = watToWasm('(module (import "env" "a" (func)) (import "env" "b" (func)))');
  for (const bytes of [new TextEncoder().encode('(module)'), whole.subarray(0, 12), Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 2, 9])]) {
    expect(shown(bytes)).toContain('not known: it was not read to its end');
  }
  expect(shown(Uint8Array.from([...whole, 1, 5]))).toContain('Imports (2, not read to the end)');
});
