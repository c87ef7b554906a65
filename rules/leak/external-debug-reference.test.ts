import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { escaped } from '../../test/support/miner-parts.ts';
import { watToWasm } from '../../test/support/wat.ts';

test.each([
  ['high', 'http://10.1.2.3/maps/shop.wasm.map'],
  ['high', 'https://user@[fd00::7]:8443/shop.map'],
  ['high', 'http://build-7/shop.map'],
  ['medium', '/home/mjones/shop/shop.map'],
  ['medium', 'file:///C:/shop/shop.map'],
  ['medium', 'C:\\shop\\shop.map'],
  ['medium', '\\\\server\\share\\shop.map'],
  ['low', 'shop.wasm.map'],
  ['low', '../shop.map'],
  ['low', 'https://example.com/shop.map'],
])('%s: %s', async (confidence, url) => {
  expect(await find(url)).toMatchObject([{ confidence, message: expect.stringContaining(url.replace('user@', '')) as string }]);
});

test('credentials and queries in an address are not repeated', async () => {
  for (const url of ['https://bob:hunter2@maps.example/shop.map?token=hunter2#hunter2', 'https://maps.example/shop.map?x=hunter2', 'https://hunter2@maps.example/shop.map']) {
    const shown = JSON.stringify(await find(url));
    expect(shown).toContain('https://maps.example/shop.map');
    expect(shown).not.toContain('hunter2');
  }
});

test('a map inside the address is not shown, and a long address is cut', async () => {
  expect(JSON.stringify(await find(`data:application/json;base64,${'QUJD'.repeat(20)}`))).not.toContain('QUJD');
  const [found] = await find(`https://maps.example/${'a'.repeat(2000)}`);
  expect(found?.message.length).toBeLessThan(200);
});

test('a section with nothing readable in it is none of this rule', async () => {
  expect(await findingsOf(watToWasm('(module (@custom "sourceMappingURL" "\\ff\\01"))'), { rules: ['external-debug-reference'] })).toEqual([]);
});

function find(url: string) {
  const bytes = Buffer.from(url);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return findingsOf(watToWasm(`(module (@custom "sourceMappingURL" "${escaped(Buffer.concat([Buffer.from(length), bytes]))}"))`), { rules: ['external-debug-reference'] });
}
