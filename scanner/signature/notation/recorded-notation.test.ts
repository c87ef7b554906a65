import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../../test/support/imports.ts';
import { makeSelfSigned } from '../../../test/support/notation.ts';
import type { SignatureEvidence } from '../../provenance.ts';
import { verifyNotation } from './verify-notation.ts';

interface Recorded {
  readonly manifest: string;
  readonly mediaType: string;
  readonly timestampRoot: string;
  readonly signatures: readonly { readonly name: string; readonly form: 'notation-jws' | 'notation-cose'; readonly expires: boolean; readonly timestamp: boolean; readonly root: string; readonly envelope: string }[];
}

/** When the recorded signatures were made, and when their certificates have expired. */
const THEN = new Date('2026-11-24T22:00:00Z');
const LATER = new Date('2028-01-01T00:00:00Z');

/** Envelopes by the notation command, which verified its own timestamps by another maker of them when it signed. */
describe.each(['jws', 'cose'])('envelopes that notation made: %s', (format) => {
  const recorded = JSON.parse(readFileSync(join(ROOT, `test/fixtures/notation/${format}.json`), 'utf8')) as Recorded;
  const manifest = Buffer.from(recorded.manifest, 'base64');

  function verify(one: Recorded['signatures'][number], now: Date, change: { readonly root?: X509Certificate; readonly envelope?: Uint8Array; readonly manifest?: Uint8Array } = {}): SignatureEvidence {
    const bytes = change.manifest ?? manifest;
    const about = { kind: 'manifest', digests: { sha256: createHash('sha256').update(bytes).digest('hex') }, bytes, mediaType: recorded.mediaType, size: bytes.length } as const;
    const certificate = (text: string): X509Certificate => new X509Certificate(Buffer.from(text, 'base64'));
    const [evidence, ...more] = verifyNotation({ form: one.form, envelope: change.envelope ?? Buffer.from(one.envelope, 'base64'), about, where: 'x' }, [{
      name: 'notary', kind: 'notation', authorities: [change.root ?? certificate(one.root)], timestampAuthorities: [certificate(recorded.timestampRoot)], identities: ['C=DE, S=Berlin, O=acme'], level: 'strict',
    }], now);
    expect(more).toEqual([]);
    return evidence!;
  }

  test('are seven', () => expect(recorded.signatures).toHaveLength(7));

  test.each(recorded.signatures)('$name', (one) => {
    expect(verify(one, THEN)).toMatchObject({ status: 'trusted', signedAt: one.timestamp ? expect.stringContaining('2026-11-24T20:') as string : null });
    const code = one.expires ? 'signature-expired' : one.timestamp ? 'ok' : 'certificate-expired';
    expect(verify(one, LATER)).toMatchObject({ status: code === 'ok' ? 'trusted' : 'invalid', code });
    expect(verify(one, THEN, { root: makeSelfSigned().root })).toMatchObject({ status: 'untrusted', code: 'chain-untrusted' });
    expect(verify(one, THEN, { manifest: Buffer.concat([manifest, Buffer.from(' ')]) })).toMatchObject({ status: 'invalid', code: 'digest-mismatch' });
  });

  test.each(recorded.signatures.filter(({ timestamp, form, name }) => name.startsWith('p256') && timestamp === (form === 'notation-cose')))('$name: flipped bytes are never trusted', (one) => {
    const good = Buffer.from(one.envelope, 'base64');
    const now = one.timestamp ? LATER : THEN;
    // Nobody signs the name of the agent, and the root that the token brings is not the one that counts: that of the policy is.
    const root = Buffer.from(recorded.timestampRoot, 'base64');
    const unsigned = [[good.indexOf('notation-go/') - 1, 30], ...(one.timestamp ? [[good.indexOf(root), root.length]] : [])] as const;
    const places = [...good.keys()].filter((at) => at % 13 === 0 && unsigned.every(([from, length]) => at < from || at >= from + length));
    const trusted = places.filter((at) => {
      const flipped = Uint8Array.from(good);
      flipped[at]! ^= 1 << (at % 8);
      return verify(one, now, { envelope: flipped }).status === 'trusted';
    });
    expect(trusted).toEqual([]);
  });
});
