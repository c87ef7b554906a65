import { describe, expect, it } from 'vitest';
import { makeLeaf, utf8 } from '../../../test/support/private-sigstore.ts';
import { extension, testKey } from '../../../test/support/x509-maker.ts';
import { readCertificate } from './certificate.ts';
import { FULCIO_EXTENSIONS, fulcioExtension, identityIssuer } from './extensions.ts';

const raw = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('extensions of Fulcio', () => {
  it.each(Object.entries(FULCIO_EXTENSIONS))('%s is read by its name', (name, number) => {
    expect(fulcioExtension(withExtension(number, number >= 8 ? utf8('value') : raw('value')), name)).toBe('value');
    expect(fulcioExtension(withExtension(99, utf8('value')), name)).toBeNull();
  });

  it('may be longer than one byte of length says', () => {
    for (const length of [127, 128, 255, 256, 70_000]) expect(fulcioExtension(withExtension(12, utf8('x'.repeat(length))), 'sourceRepositoryURI')).toHaveLength(length);
  });

  it.each([
    ['raw text', raw('github-hosted')],
    ['a longer length than needed', Uint8Array.of(0x0c, 0x81, 1, 0x61)],
    ['a length that is too short', Uint8Array.of(0x0c, 1, 0x61, 0x61)],
    ['a length that is too long', Uint8Array.of(0x0c, 3, 0x61)],
    ['no end of length', Uint8Array.of(0x0c, 0x80, 0x61)],
    ['another kind of text', Uint8Array.of(0x13, 1, 0x61)],
    ['no UTF-8', Uint8Array.of(0x0c, 1, 0xff)],
    ['nothing', Uint8Array.of(0x0c)],
  ])('with %s are refused', (_, value) => {
    expect(() => fulcioExtension(withExtension(11, value), 'runnerEnvironment')).toThrow(/is no text/);
  });

  it('give the issuer in either form, and none where they differ', () => {
    expect(identityIssuer(withExtension(8, utf8('a')))).toBe('a');
    expect(identityIssuer(withExtension(1, raw('a')))).toBe('a');
    expect(identityIssuer(withExtension(8, utf8('a'), [1, raw('a')]))).toBe('a');
    expect(() => identityIssuer(withExtension(8, utf8('a'), [1, raw('b')]))).toThrow(/two issuers/);
    expect(identityIssuer(withExtension(9, utf8('a')))).toBeNull();
  });
});

function withExtension(number: number, value: Uint8Array, ...more: readonly (readonly [number, Uint8Array])[]): ReturnType<typeof readCertificate> {
  const extensions = [[number, value] as const, ...more].map(([id, content]) => extension(`1.3.6.1.4.1.57264.1.${id}`, content));
  return readCertificate(makeLeaf(testKey('p256', 'signer'), { extensions, sct: 'none' }));
}
