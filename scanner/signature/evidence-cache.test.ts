import { describe, expect, test, vi } from 'vitest';
import { claims, keyAuthority, keylessAuthority, manifest, NOW, SIGNER, simpleSigning, STRANGER } from '../../test/support/cosign-2.ts';
import { createEvidenceCache } from './evidence-cache.ts';
import type { Candidate } from './subject.ts';
import { verifyCandidate } from './verify-candidate.ts';

const HEX = 'ab'.repeat(32);
const made = simpleSigning(claims(`sha256:${HEX}`), { key: SIGNER, log: true });
const candidate: Candidate = { form: 'cosign-signature', where: 'tag', about: manifest(HEX), ...made };
const authorities = [keyAuthority([SIGNER])];
const OPTIONS = { ttl: 60_000, maxBytes: 1 << 20, version: '1' };
const later = (milliseconds: number): Date => new Date(NOW.getTime() + milliseconds);

function counted(options = OPTIONS) {
  const verify = vi.fn(verifyCandidate);
  return { verify, cache: createEvidenceCache(options, verify) };
}

describe('evidence', () => {
  test('is verified once, and told with the place of whoever asks', () => {
    const { verify, cache } = counted();
    const first = cache.verify(candidate, authorities, NOW);
    expect(first).toMatchObject([{ status: 'trusted', where: 'tag' }]);
    expect(cache.verify({ ...candidate, where: 'elsewhere' }, authorities, later(1))).toEqual([{ ...first[0], where: 'elsewhere' }]);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  test.each<[string, Candidate]>([
    ['another subject', { ...candidate, about: manifest('cd'.repeat(32)) }],
    ['a subject with more digests', { ...candidate, about: { ...candidate.about, digests: { sha256: HEX, sha512: 'a' } } }],
    ['a subject of another kind', { ...candidate, about: { ...candidate.about, kind: 'bytes' } }],
    ['a subject of another type', { ...candidate, about: { ...candidate.about, mediaType: 'x' } }],
    ['a subject at hand', { ...candidate, about: { ...candidate.about, bytes: new Uint8Array(1) } }],
    ['other bytes', { ...candidate, payload: Buffer.concat([made.payload, Buffer.from(' ')]) }],
    ['other annotations', { ...candidate, annotations: { ...made.annotations, more: '' } }],
    ['another form', { form: 'cosign-attestation', where: 'tag', about: candidate.about, envelope: made.payload, annotations: made.annotations }],
  ])('of %s is another', (_name, other) => {
    const { verify, cache } = counted();
    cache.verify(candidate, authorities, NOW);
    expect(cache.verify(other, authorities, NOW)).toEqual(verifyCandidate(other, authorities, NOW));
    expect(verify).toHaveBeenCalledTimes(2);
  });

  test('tells bytes of one part from those of the next', () => {
    const { verify, cache } = counted();
    const split = (at: number): Candidate => ({ form: 'detached', where: 'x', about: candidate.about, signature: Buffer.from('abcdef').subarray(0, at), certificate: Buffer.from('abcdef').subarray(at) });
    cache.verify(split(2), authorities, NOW);
    cache.verify(split(3), authorities, NOW);
    expect(verify).toHaveBeenCalledTimes(2);
  });

  test('under other authorities is another, though they look alike', () => {
    const { verify, cache } = counted();
    const strangers = [{ ...keyAuthority([STRANGER]), name: 'keys' }];
    cache.verify(candidate, authorities, NOW);
    expect(cache.verify(candidate, strangers, NOW)).toMatchObject([{ status: 'untrusted', code: 'key-mismatch' }]);
    cache.verify(candidate, [...authorities, keylessAuthority()], NOW);
    cache.verify(candidate, [], NOW);
    expect(verify).toHaveBeenCalledTimes(4);
    cache.verify(candidate, [...authorities], NOW);
    expect(verify).toHaveBeenCalledTimes(4);
  });

  test('counts for its time only, and not at all where the clock goes back', () => {
    const { verify, cache } = counted();
    cache.verify(candidate, authorities, NOW);
    cache.verify(candidate, authorities, later(OPTIONS.ttl - 1));
    expect(verify).toHaveBeenCalledTimes(1);
    cache.verify(candidate, authorities, later(OPTIONS.ttl));
    expect(verify).toHaveBeenCalledTimes(2);
    cache.verify(candidate, authorities, later(-1));
    expect(verify).toHaveBeenCalledTimes(3);
  });

  test('of errors is not kept', () => {
    const { verify, cache } = counted();
    const failed: Candidate = { form: 'unknown', where: 'tag', about: candidate.about, status: 'error', code: 'http-503', reason: 'Down' };
    for (const status of ['error', 'error', 'unsupported', 'unsupported'] as const) cache.verify({ ...failed, status }, authorities, NOW);
    expect(verify).toHaveBeenCalledTimes(3);
    expect(cache.size).toBe(1);
  });

  test('is kept up to a size, the least asked for going first', () => {
    const { verify, cache } = counted({ ...OPTIONS, maxBytes: 3 * 4_000 });
    const numbered = (number: number, length = 1_000): Candidate => ({ form: 'dsse', where: 'x', about: manifest(HEX), envelope: new Uint8Array(length).fill(number) });
    for (let number = 0; number < 100; number += 1) {
      cache.verify(numbered(0), authorities, NOW);
      cache.verify(numbered(number), authorities, NOW);
    }
    expect(cache.size).toBe(3);
    expect(verify).toHaveBeenCalledTimes(100);
    cache.verify(numbered(1, 20_000), authorities, NOW);
    expect(cache.size).toBe(3);
  });
});
