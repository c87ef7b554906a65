import { describe, expect, test } from 'vitest';
import { blob, keyAuthority, keylessAuthority, manifest, NOW, SIGNER } from '../../test/support/cosign-2.ts';
import { SIGNATURE_FORMS, type SignatureForm } from '../provenance.ts';
import type { Authority } from './authority.ts';
import type { Candidate } from './subject.ts';
import { verifyCandidate } from './verify-candidate.ts';

const AUTHORITIES: readonly Authority[] = [
  keyAuthority([SIGNER]), keylessAuthority(),
  { name: 'certificates', kind: 'certificate', roots: [], identities: [], timestamps: { atLeast: 0 }, root: null },
  { name: 'sections', kind: 'wasmSignature', keys: [], scope: 'wholeModule', sections: [] },
  { name: 'claims', kind: 'wasmcloud', issuers: [] },
  { name: 'notation', kind: 'notation', authorities: [], timestampAuthorities: [], identities: [], level: 'strict' },
];
const about = manifest('ab'.repeat(32));
const ABOUT = { where: 'somewhere', about };

/** Every form around the same bytes. */
function candidates(bytes: Uint8Array): readonly Candidate[] {
  const texts: Record<string, string> = Object.fromEntries(['dev.cosignproject.cosign/signature', 'dev.sigstore.cosign/bundle', 'dev.sigstore.cosign/certificate', 'dev.sigstore.cosign/rfc3161timestamp'].map((name) => [name, Buffer.from(bytes).toString('latin1')]));
  const inside = { where: 'somewhere', about: { ...blob(''), bytes } };
  return [
    { form: 'sigstore-bundle', ...ABOUT, bundle: bytes }, { form: 'blob-bundle', ...ABOUT, bundle: bytes },
    { form: 'cosign-signature', ...ABOUT, payload: bytes, annotations: texts }, { form: 'cosign-attestation', ...ABOUT, envelope: bytes, annotations: texts },
    { form: 'detached', ...inside, signature: bytes, certificate: bytes }, { form: 'detached', ...inside, signature: bytes, certificate: null }, { form: 'dsse', ...ABOUT, envelope: bytes },
    { form: 'wasm-section', ...inside }, { form: 'wasmcloud-claims', ...inside },
    { form: 'notation-jws', ...ABOUT, envelope: bytes }, { form: 'notation-cose', ...ABOUT, envelope: bytes },
    { form: 'unknown', ...ABOUT, status: 'unsupported', code: 'x', reason: 'Because' },
  ];
}

const JUNK = ['', 'x', '{}', '[]', 'null', '{"__proto__":{}}', '{"payload":1,"payloadType":{},"signatures":[null]}', '{"critical":null}', '{"base64Signature":[]}', '\u0001\u0001\u0001'.repeat(40), '[['.repeat(5_000), '\0asm\u0001\0\0\0', '\uFEFF{}'].map((text) => Buffer.from(text))
  .concat([Buffer.alloc(3, 0xff), Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0xd2, 0x84, 0x43]), Buffer.alloc(1 << 16, 0x9f)]);

describe('a candidate of any form', () => {
  test('is covered here', () => {
    expect(new Set(candidates(new Uint8Array()).map(({ form }) => form))).toEqual(new Set<SignatureForm>(SIGNATURE_FORMS));
  });

  test('that holds junk gives evidence of that form and place, never trust, never a bug', () => {
    for (const candidate of JUNK.flatMap(candidates)) {
      const evidence = [AUTHORITIES, []].map((authorities) => verifyCandidate(candidate, authorities, NOW));
      for (const one of evidence.map((some) => some[0]!)) {
        expect(one).toMatchObject({ form: candidate.form, where: 'somewhere' });
        expect(['untrusted', 'invalid', 'unsupported'], `${candidate.form} ${one.code}`).toContain(one.status);
      }
      expect(evidence.every((some) => some.length > 0)).toBe(true);
    }
  });

  test('that was not read says why', () => {
    expect(verifyCandidate({ form: 'unknown', ...ABOUT, status: 'error', code: 'http-503', reason: 'Down' }, AUTHORITIES, NOW)).toMatchObject([{ status: 'error', code: 'http-503', message: 'Down', authority: null }]);
  });

  test('that makes something throw is an error and nothing else', () => {
    const thrower: Candidate = { form: 'dsse', where: 'somewhere', about, get envelope(): Uint8Array { throw new TypeError('A bug'); } };
    expect(verifyCandidate(thrower, AUTHORITIES, NOW)).toMatchObject([{ form: 'dsse', where: 'somewhere', status: 'error', code: 'internal', authority: null }]);
  });
});
