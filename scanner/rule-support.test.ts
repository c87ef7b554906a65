import { expect, test } from 'vitest';
import { listing } from './rule-support.ts';

test('each name once, cut after ten', () => {
  expect(listing(['b', 'a', 'b'])).toBe('b, a');
  expect(listing(Array.from({ length: 12 }, (_, at) => `n${at}`))).toBe('n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 2 more');
});

test('functions of one interface name it once', () => {
  expect(listing(['wasi:io/poll@0.2.0#poll', 'wasi:io/poll@0.2.0#block', 'wasi:io/streams@0.2.0#read', 'wasi:io/poll@0.2.0#again']))
    .toBe('wasi:io/poll@0.2.0#poll, #block, wasi:io/streams@0.2.0#read, wasi:io/poll@0.2.0#again');
  expect(listing(['a#b', 'a#c'])).toBe('a#b, a#c');
});
