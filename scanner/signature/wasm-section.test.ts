import { Buffer } from 'node:buffer';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { concat } from '../../test/support/bytes.ts';
import { COMPONENT_HEADER, custom, delimiter, HEADER, hashesOf, keyOfSeed, leb, payloadOf, rawOfSeed, section, signatureSet, signedModule, withLength } from '../../test/support/wasm-signing.ts';
import type { SetParts } from '../../test/support/wasm-signing.ts';
import { LIMITS } from '../wasm/limits.ts';
import type { Authority } from './authority.ts';
import { parsePublicKey, parseWasmKey } from './keys.ts';
import type { Candidate } from './subject.ts';
import { hasWasmSection, verifyWasmDetached, verifyWasmSection } from './wasm-section.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const file = JSON.parse(readFileSync(new URL('../../test/fixtures/wasmsign2.json', import.meta.url), 'utf8')) as { vectors: Record<string, string> };
const vector = Object.fromEntries(Object.entries(file.vectors).map(([name, hex]) => [name, Uint8Array.from(Buffer.from(hex, 'hex'))])) as Record<string, Uint8Array>;

const about = (bytes: Uint8Array | null): Candidate['about'] => ({ kind: 'bytes', digests: { sha256: '' }, bytes, mediaType: null, size: null });
const authority = (name: string, keys: readonly ReturnType<typeof keyOfSeed>[], sections: readonly string[] | null = null): Authority => ({ name, kind: 'wasmSignature', keys, scope: sections ? 'partial' : 'wholeModule', sections: sections ?? [] });
const one = authority('one', [keyOfSeed(1)]);
const two = authority('two', [keyOfSeed(2)]);

const verify = (bytes: Uint8Array, authorities: readonly Authority[] = [one]) => verifyWasmSection({ form: 'wasm-section', where: 'app.wasm', about: about(bytes) }, authorities, NOW);
const verifyBeside = (payload: Uint8Array, bytes: Uint8Array, authorities: readonly Authority[] = [one]) => verifyWasmDetached({ form: 'detached', where: 'app.sig', about: about(bytes), signature: payload, certificate: null }, authorities, NOW);
const brief = (evidence: ReturnType<typeof verify>) => evidence.map(({ status, code, authority: name }) => `${status} ${code} ${name}`);
const trustedBy = (evidence: ReturnType<typeof verify>) => evidence.filter(({ status }) => status === 'trusted').map(({ authority: name }) => name);

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at < 0 ? copy.length + at : at] = value;
  return copy;
}

/** The signature section of a module and the rest behind it. */
function parted(bytes: Uint8Array): { signature: Uint8Array; rest: Uint8Array } {
  const size = bytes[9]! < 0x80 ? { value: bytes[9]!, length: 1 } : { value: (bytes[9]! & 0x7f) | (bytes[10]! << 7), length: 2 };
  const end = 9 + size.length + size.value;
  return { signature: bytes.slice(8, end), rest: bytes.slice(end) };
}

describe('modules that wasmsign2 signed', () => {
  test.each([['simple', ['one']], ['simple_keyid', ['one']], ['two_signers', ['one', 'two']], ['split_signed', ['one']]])('%s is trusted', (name, names) => {
    const evidence = verify(vector[name]!, [one, two]);
    expect(trustedBy(evidence)).toEqual(names);
    for (const { covers, uncovered, form, where } of evidence) expect({ covers, uncovered, form, where }).toEqual({ covers: 'whole', uncovered: [], form: 'wasm-section', where: 'app.wasm' });
  });

  test('split_detached is trusted beside its module', () => {
    const module = concat([HEADER, parted(vector.split_signed!).rest]);
    expect(trustedBy(verifyBeside(vector.split_detached!, module, [one, two]))).toEqual(['one']);
    expect(verifyBeside(vector.split_detached!, module)[0]!.form).toBe('detached');
  });

  test('the public keys are read', () => {
    expect([parseWasmKey(vector.pk1!).id, parseWasmKey(vector.pk2!).id]).toEqual([keyOfSeed(1).id, keyOfSeed(2).id]);
  });

  const simple = parted(vector.simple!);
  const split = Buffer.from(vector.split_signed!);
  test.each([
    ['no signature', vector.unsigned!, 'invalid section-missing null'],
    ['cut behind the first delimiter', Uint8Array.from(split.subarray(0, split.indexOf(Buffer.alloc(16, 0xd1)) + 16)), 'invalid module-cut null'],
    ['an unsigned section at the end', concat([split, Buffer.from('0006046576696301', 'hex')]), 'invalid partial-coverage one'],
    ['the header of a component', changed(changed(vector.simple!, 4, 0x0d), 6, 1), 'unsupported component null'],
    ['the signature in front of another module', concat([HEADER, simple.signature, Buffer.from('010401600000030201000a05010300000b', 'hex')]), 'invalid digest-mismatch null'],
    ['the signature twice', concat([vector.simple!, simple.signature]), 'invalid section-repeated null'],
    ['the last byte flipped', changed(vector.simple!, -1, 0x2b), 'invalid digest-mismatch null'],
    ['a size in two bytes', concat([HEADER, simple.signature, Buffer.from('018400', 'hex'), simple.rest.subarray(2)]), 'invalid length-not-minimal null'],
  ])('%s is refused', (_, bytes, expected) => {
    expect(brief(verify(bytes, [one, two]))).toEqual([expected]);
    expect(hasWasmSection(bytes)).toBe(bytes !== vector.unsigned);
  });

  test.each([['simple', [one]], ['simple_keyid', [one]], ['split_signed', [one]], ['two_signers', [authority('both', [keyOfSeed(1)])]]])('%s: no bit of it is free', (name, authorities) => {
    const bytes = vector[name]!;
    const free: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 0x80, 0xff]) if (verify(changed(bytes, at, bytes[at]! ^ bit), authorities).some(({ status }) => status === 'trusted')) free.push(at);
    }
    // Only the signature of the other signer, whose key this authority does not name.
    const other = Buffer.from(bytes).indexOf(Buffer.from('43000140cf22', 'hex'));
    const last = Math.max(...free, 0);
    expect(free.every((at) => other > 0 && at >= other && at <= other + 0x43), `${free.length} free, last ${last}`).toBe(true);
    if (name !== 'two_signers') expect(free).toEqual([]);
  });

  test('split_detached: no bit of payload or module is free', () => {
    const module = concat([HEADER, parted(vector.split_signed!).rest]);
    const payload = vector.split_detached!;
    for (let at = 0; at < payload.length; at++) expect(trustedBy(verifyBeside(changed(payload, at, payload[at]! ^ 1), module))).toEqual([]);
    for (let at = 0; at < module.length; at++) expect(trustedBy(verifyBeside(payload, changed(module, at, module[at]! ^ 1)))).toEqual([]);
  });

  test('no beginning of a module is trusted', () => {
    for (const bytes of [vector.simple!, vector.split_signed!]) for (let end = 0; end < bytes.length; end++) expect(trustedBy(verify(bytes.slice(0, end)))).toEqual([]);
  });
});

const TYPES = section(1, Uint8Array.of(1, 0x60, 0, 0));
const DATA = custom('data', Uint8Array.of(42));
const parts = [TYPES, DATA];
const whole: SetParts = { hashes: hashesOf(parts), signers: [{ seed: 1 }] };

describe('the signature section', () => {
  test('of this encoder is what wasmsign2 writes', () => {
    const { rest } = parted(vector.simple!);
    expect(signedModule([rest], payloadOf([{ hashes: hashesOf([rest]), signers: [{ seed: 1 }] }]))).toEqual(vector.simple);
    expect(trustedBy(verify(signedModule(parts, payloadOf([whole]))))).toEqual(['one']);
  });

  test.each([
    ['second', concat([HEADER, TYPES, custom('signature', payloadOf([whole])), DATA]), 'invalid section-not-first null'],
    ['last', concat([HEADER, TYPES, DATA, custom('signature', payloadOf([whole]))]), 'invalid section-not-first null'],
    ['empty', signedModule(parts, new Uint8Array(0)), 'invalid malformed null'],
    ['without sets', signedModule(parts, payloadOf([])), 'invalid signature-empty null'],
    ['without hashes', signedModule(parts, payloadOf([{ hashes: [], signers: [{ seed: 1 }] }])), 'invalid malformed null'],
    ['without signatures', signedModule(parts, payloadOf([{ ...whole, signers: [] }])), 'invalid malformed null'],
    ['with bytes behind', signedModule(parts, concat([payloadOf([whole]), [0]])), 'invalid malformed null'],
    ['with bytes behind a set', signedModule(parts, concat([[1, 1, 1, 1], withLength(concat([signatureSet(whole), [0]]))])), 'invalid malformed null'],
    ['with 65 hashes', signedModule(parts, payloadOf([{ ...whole, hashes: Array.from({ length: 65 }, () => new Uint8Array(32)) }])), 'invalid limit-exceeded null'],
    ['with 257 signatures', signedModule(parts, payloadOf([{ ...whole, signers: Array.from({ length: 257 }, () => ({ seed: 2, signature: new Uint8Array(64) })) }])), 'invalid limit-exceeded null'],
    ['with 257 signatures in two sets', signedModule(parts, payloadOf([200, 57].map((length) => ({ ...whole, signers: Array.from({ length }, () => ({ seed: 2, signature: new Uint8Array(64) })) })))), 'invalid limit-exceeded null'],
    ['with 65 sets', signedModule(parts, payloadOf(Array.from({ length: 65 }, () => whole))), 'invalid limit-exceeded null'],
    ['with a count that no bytes can hold', signedModule(parts, Uint8Array.of(1, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f)), 'invalid limit-exceeded null'],
    ['with a signature of 63 bytes', signedModule(parts, payloadOf([{ ...whole, signers: [{ seed: 1, signature: new Uint8Array(63) }] }])), 'invalid malformed null'],
    ['of an algorithm that is not known', signedModule(parts, payloadOf([{ ...whole, signers: [{ seed: 1, algorithm: 2 }] }])), 'unsupported algorithm-unknown null'],
    ['of Sigil', signedModule(parts, concat([[2, 2], leb(64), new Uint8Array(64), [0]])), 'unsupported keyless-section null'],
    ['of version 2', signedModule(parts, payloadOf([whole], [2, 1, 1])), 'unsupported version-unknown null'],
    ['of another content', signedModule(parts, payloadOf([whole], [1, 2, 1])), 'unsupported version-unknown null'],
    ['of another hash', signedModule(parts, payloadOf([whole], [1, 1, 2])), 'unsupported version-unknown null'],
    ['of a component', signedModule(parts, payloadOf([whole]), COMPONENT_HEADER), 'unsupported component null'],
    ['of an unknown version of Wasm', signedModule(parts, payloadOf([whole]), Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0)), 'invalid malformed null'],
    ['over another domain', signedModule(parts, payloadOf([{ ...whole, domain: Buffer.from('wasmsig\u0001\u0002\u0001', 'latin1') }])), 'untrusted key-unknown null'],
    ['over no domain', signedModule(parts, payloadOf([{ ...whole, domain: new Uint8Array(0) }])), 'untrusted key-unknown null'],
    ['of another key', signedModule(parts, payloadOf([{ ...whole, signers: [{ seed: 3 }] }])), 'untrusted key-unknown null'],
    ['of another key by the name of ours', signedModule(parts, payloadOf([{ ...whole, signers: [{ seed: 3, keyId: vector.keyId1! }] }])), 'invalid signature-mismatch one'],
    ['of our key by another name', signedModule(parts, payloadOf([{ ...whole, signers: [{ seed: 1, keyId: Uint8Array.of(1, 2, 3) }] }])), 'untrusted key-unknown null'],
    ['with hashes in another order', signedModule([TYPES, delimiter(1), DATA, delimiter(2)], payloadOf([{ hashes: hashesOf([TYPES, delimiter(1), DATA, delimiter(2)], [2, 4]).toReversed(), signers: [{ seed: 1 }] }])), 'invalid digest-mismatch null'],
    ['with the last hash alone', signedModule([TYPES, delimiter(1), DATA, delimiter(2)], payloadOf([{ hashes: hashesOf([TYPES, delimiter(1), DATA, delimiter(2)], [4]), signers: [{ seed: 1 }] }])), 'invalid digest-mismatch null'],
    ['with a first hash that is another', signedModule([TYPES, delimiter(1), DATA, delimiter(2)], payloadOf([{ hashes: [new Uint8Array(32), ...hashesOf([TYPES, delimiter(1), DATA, delimiter(2)])], signers: [{ seed: 1 }] }])), 'invalid digest-mismatch null'],
    ['with a replaced part', signedModule([TYPES, delimiter(1), DATA, delimiter(2)], payloadOf([{ hashes: [...hashesOf([TYPES, delimiter(1)]), new Uint8Array(32)], signers: [{ seed: 1 }] }])), 'invalid digest-mismatch null'],
    ['in front of too many sections', concat([signedModule([], payloadOf([whole])), new Uint8Array(3 * LIMITS.sections).map((_, at) => (at % 3 === 1 ? 1 : 0))]), 'invalid limit-exceeded null'],
    ['in front of a section with too long a name', signedModule([custom('x'.repeat(LIMITS.nameBytes + 1), new Uint8Array(0))], payloadOf([whole])), 'invalid limit-exceeded null'],
    ['over 65 parts', signedModule(Array.from({ length: 65 }, () => delimiter(1)), payloadOf([{ ...whole, hashes: hashesOf([delimiter(1)]) }])), 'invalid limit-exceeded null'],
  ])('%s is refused', (_, bytes, expected) => {
    expect(hasWasmSection(bytes)).toBe(!expected.includes('malformed null') || bytes[4] === 1);
    expect(brief(verify(bytes))).toEqual([expected]);
    expect(trustedBy(verify(bytes, [authority('any', [keyOfSeed(1), keyOfSeed(2)], ['data', 'signature', 'signature_delimiter'])]))).toEqual([]);
  });

  test('may hold 64 hashes and 256 signatures', () => {
    const many = Array.from({ length: 64 }, (_, index) => delimiter(index));
    const signers = Array.from({ length: 256 }, (_, index) => ({ seed: index === 255 ? 1 : 3, ...(index === 255 ? {} : { signature: new Uint8Array(64) }) }));
    expect(trustedBy(verify(signedModule(many, payloadOf([{ hashes: hashesOf(many, many.map((_, index) => index + 1)), signers }]))))).toEqual(['one']);
  });

  test('with more pairs of keys and signatures than the limit is refused', () => {
    const signers = Array.from({ length: 256 }, () => ({ seed: 3, signature: new Uint8Array(64) }));
    const keys = Array.from({ length: 5 }, (_, index) => keyOfSeed(index + 10));
    expect(brief(verify(signedModule(parts, payloadOf([{ ...whole, signers }])), [authority('many', keys)]))).toEqual(['invalid limit-exceeded null']);
  });

  test('names and lengths in more bytes than needed are refused', () => {
    const payload = payloadOf([whole]);
    const padded = (bytes: Uint8Array) => concat([[bytes.length | 0x80, 0], bytes]);
    const longName = section(0, concat([padded(Buffer.from('signature')), payload]));
    const longSize = concat([[0], [(payload.length + 10) & 0x7f | 0x80, 0x80 | (payload.length + 10) >> 7, 0], withLength(Buffer.from('signature')), payload]);
    for (const own of [longName, longSize]) {
      const bytes = concat([HEADER, own, ...parts]);
      expect(hasWasmSection(bytes)).toBe(true);
      expect(brief(verify(bytes))).toEqual(['invalid length-not-minimal null']);
    }
    expect(brief(verify(signedModule(parts, concat([[1, 1, 1, 0x81, 0], withLength(signatureSet(whole))]))))).toEqual(['invalid length-not-minimal null']);
  });

  test('by algorithms that are not known is passed over beside one that is', () => {
    expect(trustedBy(verify(signedModule(parts, payloadOf([{ ...whole, signers: [{ seed: 1, algorithm: 9 }, { seed: 1 }] }]))))).toEqual(['one']);
  });

  test('counts for a later set as well', () => {
    const other: SetParts = { hashes: [new Uint8Array(32)], signers: [{ seed: 1 }] };
    expect(trustedBy(verify(signedModule(parts, payloadOf([other, { ...whole, signers: [{ seed: 2 }] }, whole])), [one, two]))).toEqual(['one', 'two']);
  });

  test('is held against Ed25519 keys alone', () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const key = parsePublicKey(curve.publicKey.export({ type: 'spki', format: 'pem' }).toString());
    expect(brief(verify(vector.simple!, [authority('other', [key])]))).toEqual(['untrusted key-unknown null']);
    expect(brief(verify(vector.simple_keyid!, [authority('other', [key])]))).toEqual(['untrusted key-unknown null']);
  });

  test('inside a nested module of a component is none of the component', () => {
    const component = concat([COMPONENT_HEADER, section(1, vector.simple!)]);
    expect(hasWasmSection(component)).toBe(false);
    expect(trustedBy(verify(component))).toEqual([]);
  });

  test('covers an empty module too', () => {
    expect(trustedBy(verify(signedModule([], payloadOf([{ hashes: hashesOf([]), signers: [{ seed: 1 }] }]))))).toEqual(['one']);
  });

  test('is told by who signed', () => {
    const [evidence] = verify(vector.simple!);
    expect(evidence).toMatchObject({ identity: `sha256:${keyOfSeed(1).id}`, signer: `key:${keyOfSeed(1).id}`, signedAt: null, predicateType: null });
  });

  test('without an authority is good and unasked for, or bad', () => {
    const notation: Authority = { name: 'claims', kind: 'wasmcloud', issuers: [] };
    expect(brief(verify(vector.simple!, [notation]))).toEqual(['untrusted unverifiable null']);
    expect(brief(verify(changed(vector.simple!, -1, 0), []))).toEqual(['invalid digest-mismatch null']);
  });

  test('cannot be verified by a digest alone', () => {
    expect(brief(verifyWasmSection({ form: 'wasm-section', where: 'x', about: about(null) }, [one], NOW))).toEqual(['error bytes-missing null']);
  });

  test('whatever the bytes, verification answers', () => {
    for (const bytes of [new Uint8Array(0), HEADER, HEADER.slice(0, 3), concat([HEADER, [0]]), concat([HEADER, [0, 0xff, 0xff, 0xff, 0xff, 0x0f]]), concat([HEADER, [0, 2, 1, 0xff]])]) {
      expect(verify(bytes).map(({ status }) => status)).toEqual(['invalid']);
      expect(hasWasmSection(bytes)).toBe(false);
    }
  });
});

describe('partial coverage', () => {
  const sections = [TYPES, delimiter(1), DATA, custom('name', Uint8Array.of(1))];
  const first: SetParts = { hashes: hashesOf(sections, [2]), signers: [{ seed: 1 }] };
  const bytes = signedModule(sections, payloadOf([first]));

  test('is trusted where the authority names every section that is left out, and lists them', () => {
    const [evidence] = verify(bytes, [authority('part', [keyOfSeed(1)], ['name', 'data'])]);
    expect(evidence).toMatchObject({ status: 'trusted', covers: 'partial', uncovered: ['section[3] custom:data', 'section[4] custom:name'] });
    expect(evidence!.message).toContain('in part');
  });

  test.each([
    ['whole modules are asked for', one],
    ['whole modules are asked for, whatever sections are named', { ...one, sections: ['name', 'data'] } as Authority],
    ['one section is not named', authority('one', [keyOfSeed(1)], ['name'])],
    ['no section is named', authority('one', [keyOfSeed(1)], [])],
  ])('is refused where %s', (_, asked) => {
    expect(verify(bytes, [asked])).toMatchObject([{ status: 'invalid', code: 'partial-coverage', authority: 'one', covers: 'partial', uncovered: ['section[3] custom:data', 'section[4] custom:name'] }]);
  });

  test('never leaves out sections that run', () => {
    const code = [TYPES, delimiter(1), section(10, Uint8Array.of(0))];
    const [evidence] = verify(signedModule(code, payloadOf([{ hashes: hashesOf(code, [2]), signers: [{ seed: 1 }] }])), [authority('part', [keyOfSeed(1)], ['code', 'custom:code', 'section[3] code'])]);
    expect(evidence).toMatchObject({ status: 'invalid', code: 'partial-coverage', uncovered: ['section[3] code'] });
  });

  test('of a whole signature that was cut is refused under any scope', () => {
    const set = { hashes: hashesOf(sections, [2, 4]), signers: [{ seed: 1 }] };
    expect(brief(verify(signedModule(sections.slice(0, 2), payloadOf([set])), [authority('part', [keyOfSeed(1)], ['name', 'data'])]))).toEqual(['invalid module-cut null']);
  });

  test('by one signer and whole by another: each authority gets its own answer', () => {
    const both = signedModule(sections, payloadOf([first, { hashes: hashesOf(sections, [2, 4]), signers: [{ seed: 2 }] }]));
    expect(brief(verify(both, [one, two]))).toEqual(['trusted ok two']);
    expect(verify(both, [one])).toMatchObject([{ status: 'invalid', code: 'partial-coverage' }]);
    expect(verify(both, [two])).toMatchObject([{ status: 'trusted', covers: 'whole' }]);
  });

  test('gives way to a whole signature by the same key, in whatever order they stand', () => {
    const later = { hashes: hashesOf(sections, [2, 4]), signers: [{ seed: 1 }] };
    expect(verify(signedModule(sections, payloadOf([first, later])), [one])).toMatchObject([{ status: 'trusted', covers: 'whole' }]);
  });

  test('by nobody known is said to be partial', () => {
    expect(verify(bytes, [two])).toMatchObject([{ status: 'untrusted', code: 'key-unknown', covers: 'partial' }]);
    expect(verify(bytes, [])).toMatchObject([{ status: 'untrusted', code: 'unverifiable', covers: 'partial' }]);
  });
});

describe('a detached signature', () => {
  const module = concat([HEADER, ...parts]);
  test('holds for its module', () => {
    expect(trustedBy(verifyBeside(payloadOf([whole]), module))).toEqual(['one']);
  });

  test.each([
    ['another module', payloadOf([whole]), concat([HEADER, DATA]), 'invalid digest-mismatch null'],
    ['a component', payloadOf([whole]), concat([COMPONENT_HEADER, ...parts]), 'unsupported component null'],
    ['a module with a signature of its own', payloadOf([whole]), signedModule(parts, payloadOf([whole])), 'invalid section-repeated null'],
    ['nothing', new Uint8Array(0), module, 'invalid malformed null'],
    ['text', Buffer.from('MEUCIQ=='), module, 'unsupported version-unknown null'],
  ])('is refused for %s', (_, payload, bytes, expected) => {
    expect(brief(verifyBeside(payload, bytes))).toEqual([expected]);
  });

  test('with raw keys of the test is what the helper says', () => {
    expect(Buffer.from(rawOfSeed(1)).equals(vector.pk1!.subarray(1))).toBe(true);
  });
});
