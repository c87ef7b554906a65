import { createHash } from 'node:crypto';
import { assert, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { sha256Hex } from './sha256.ts';

it('agrees with another implementation, also around the block size', () => {
  const reference = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  for (let length = 0; length < 200; length++) expect(sha256Hex(new Uint8Array(length).fill(length))).toBe(reference(new Uint8Array(length).fill(length)));
  assert(property(uint8Array({ maxLength: 300 }), (bytes) => sha256Hex(bytes) === reference(bytes)));
});
