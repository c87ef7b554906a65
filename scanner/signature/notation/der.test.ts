import { describe, expect, test } from 'vitest';
import { der, generalizedTime, integer, oid, time } from '../../../test/support/x509-maker.ts';
import { bitsOf, booleanOf, DerFields, oidOf, readDer, smallIntegerOf, timeOf } from './der.ts';
import { NotationFailure } from './failure.ts';
import { nameText, readName } from './name.ts';

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const ascii = (tag: number, text: string): Uint8Array => der(tag, new TextEncoder().encode(text));

describe('values', () => {
  test.each(['', '30', '3001', '3080', '30800000', '308100', '30817f', '30820001', '3085000000000100', '1f8101', '300000', '3084ffffffff'])('%s are refused', (text) => expect(() => readDer(hex(text))).toThrow(NotationFailure));

  test('have parts in their order, and no more than their format says', () => {
    const fields = new DerFields(readDer(hex('3006020101040100')));
    expect(() => new DerFields(readDer(hex('3006020101040100'))).next(4)).toThrow(NotationFailure);
    expect(fields.optional(1)).toBeNull();
    expect(smallIntegerOf(fields.next(2))).toBe(1);
    expect(() => fields.end()).toThrow(NotationFailure);
    expect(fields.rest()).toHaveLength(1);
    expect(() => fields.any()).toThrow(NotationFailure);
    expect(() => new DerFields(readDer(hex('3100')))).toThrow(NotationFailure);
  });

  test('too many in one structure are a limit', () => expect(() => new DerFields(readDer(der(0x30, new Uint8Array(6_000).fill(5).map((_five, at) => (at % 2 ? 0 : 5)))))).toThrow(expect.objectContaining({ code: 'limit-exceeded' }) as Error));
});

describe('object identifiers', () => {
  test.each(['1.2.840.113549.1.1.11', '2.5.29.15', '0.9.2342.19200300.100.1.25', '2.16.840.1.101.3.4.2.1', '1.3.101.112'])('%s', (id) => expect(oidOf(readDer(oid(id)))).toBe(id));
  test('beyond 32 bits are not cut', () => expect(oidOf(readDer(hex('0606aa90808080 01'.replace(' ', ''))))).not.toBe('1.2.1'));
  test.each(['0600', '060180', '06028001', '06032a8001', '06022a80', '0401aa', `0641${'2a'.repeat(65)}`])('%s are refused', (text) => expect(() => oidOf(readDer(hex(text)))).toThrow(NotationFailure));
});

describe('numbers, bits and truth values', () => {
  test.each([0, 1, 127, 128, 65_536, 0x7fff_ffff])('%d', (number) => expect(smallIntegerOf(readDer(integer(number)))).toBe(number));
  test.each(['0200', '020180', '02020001', '02050080000000', '040101'])('%s is no small number', (text) => expect(() => smallIntegerOf(readDer(hex(text)))).toThrow(NotationFailure));
  test('bits have their numbers', () => expect([...bitsOf(readDer(hex('03030780 80'.replace(' ', ''))))]).toEqual([0, 8]));
  test.each(['0300', '03010 1'.replace(' ', ''), '03020880', '0401 00'.replace(' ', '')])('%s are no bits', (text) => expect(() => bitsOf(readDer(hex(text)))).toThrow(NotationFailure));
  test('DER has two truth values', () => {
    expect([booleanOf(readDer(hex('0101ff'))), booleanOf(readDer(hex('010100')))]).toEqual([true, false]);
    for (const text of ['010101', '0100', '0102ffff', '0201ff']) expect(() => booleanOf(readDer(hex(text)))).toThrow(NotationFailure);
  });
});

describe('times', () => {
  test.each(['2026-05-01T12:34:56.000Z', '1999-12-31T23:59:59.000Z', '2050-01-01T00:00:00.000Z'])('%s', (iso) => expect(timeOf(readDer(iso.startsWith('1') ? ascii(0x17, '991231235959Z') : time(new Date(iso)))).toISOString()).toBe(iso));
  test('have fractions in timestamps', () => expect(timeOf(readDer(ascii(0x18, '20260501123456.7891Z'))).toISOString()).toBe('2026-05-01T12:34:56.789Z'));
  test('are the same in both forms', () => expect(timeOf(readDer(generalizedTime(new Date('2026-05-01T00:00:00Z'))))).toEqual(timeOf(readDer(time(new Date('2026-05-01T00:00:00Z'))))));
  test.each<[number, string]>([
    [0x17, '2605011234Z'], [0x17, '260501123456'], [0x17, '260501123456+0000'], [0x17, '260501123456.7Z'], [0x17, '20260501123456Z'], [0x18, '260501123456Z'], [0x18, '20260501123456.Z'], [0x18, '20260501123456.70Z'],
    [0x18, '20260231000000Z'], [0x18, '20260501250000Z'], [0x18, '20260501000060Z'], [0x0c, '20260501123456Z'], [0x18, `20260501123456.${'1'.repeat(40)}Z`],
  ])('%i %s is none', (tag, text) => expect(() => timeOf(readDer(ascii(tag, text)))).toThrow(NotationFailure));
});

test('names keep the values that have one reading', () => {
  const attribute = (value: Uint8Array): Uint8Array => der(0x31, der(0x30, Buffer.concat([oid('2.5.4.10'), value])));
  const values = [ascii(0x0c, '\u00fc'), ascii(0x13, 'a'), ascii(0x16, 'b'), ascii(0x13, '\u00fc'), der(0x0c, hex('ff')), ascii(0x1e, 'ab'), ascii(0x14, 'c')];
  const name = readName(readDer(der(0x30, Buffer.concat(values.map(attribute)))));
  expect(name.map(({ value }) => value)).toEqual(['\u00fc', 'a', 'b', null, null, null, null]);
  expect(nameText(name.slice(2, 4))).toBe('O=b, O=?');
  const shared = readName(readDer(der(0x30, der(0x31, Buffer.concat([der(0x30, Buffer.concat([oid('2.5.4.10'), ascii(0x0c, 'a')])), der(0x30, Buffer.concat([oid('2.5.4.11'), ascii(0x0c, 'b')]))])))));
  expect(shared.map((one) => one.shared)).toEqual([true, true]);
});
