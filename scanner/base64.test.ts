import { assert, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';

it('reads what an encoder of either alphabet writes', () => {
  assert(property(uint8Array(), (bytes) => {
    const buffer = Buffer.from(bytes);
    for (const text of [buffer.toString('base64'), buffer.toString('base64url')]) expect(decodeBase64(text)).toEqual(bytes);
  }));
});

it('skips line ends and refuses what is no base64', () => {
  expect(decodeBase64('QU\r\nJD\n')).toEqual(Uint8Array.of(65, 66, 67));
  for (const text of ['Q', 'QUJDR', 'QU=JD', 'Q!==', 'é===', 'QQ===']) expect(decodeBase64(text), text).toBeNull();
});
