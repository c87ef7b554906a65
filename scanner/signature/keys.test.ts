import { Buffer } from 'node:buffer';
import { constants, createHash, createPublicKey, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalBase64, canonicalBase64Url } from './base64-strict.ts';
import { hashOfKey, KeyError, keyOfSpki, parsePublicKey, parseWasmKey, rawEd25519, verifyDigestWithKey, verifyWithKey } from './keys.ts';

const message = Buffer.from('what is signed');
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = Object.fromEntries(['prime256v1', 'secp384r1', 'secp521r1'].map((namedCurve) => [namedCurve, generateKeyPairSync('ec', { namedCurve })]));
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const pemOfDer = (der: Uint8Array) => `-----BEGIN PUBLIC KEY-----\n${Buffer.from(der).toString('base64')}\n-----END PUBLIC KEY-----\n`;
const digestOf = (hash: string) => createHash(hash).update(message).digest();

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof KeyError) {
      expect(error.message).toMatch(/^[A-Z].*: .*[^.]$/);
      return error.code;
    }
    throw error;
  }
  return 'accepted';
}

/** Adds the group order to S: the same signature, spelt otherwise. */
function withLargeS(signature: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  const changed = Buffer.from(signature);
  for (let at = 32; at < 64; at++, s >>= 8n) changed[at] = Number(s & 255n);
  return changed;
}

describe('public keys', () => {
  test.each([
    ['Ed25519', ed.publicKey, null],
    ['RSA', rsa.publicKey, 'sha256'],
    ['P-256', curves.prime256v1!.publicKey, 'sha256'],
    ['P-384', curves.secp384r1!.publicKey, 'sha384'],
    ['P-521', curves.secp521r1!.publicKey, 'sha512'],
  ])('%s is read, with the digest its signatures have', (_, key, hash) => {
    const parsed = parsePublicKey(`\n${pemOf(key).replaceAll('\n', '\r\n')}\n`);
    expect(hashOfKey(parsed)).toBe(hash);
    expect(parsed.id).toBe(createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('hex'));
  });

  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
  const compressed = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
  test.each([
    ['a private key', ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private-key'],
    ['an EC private key', curves.prime256v1!.privateKey.export({ type: 'sec1', format: 'pem' }).toString(), 'private-key'],
    ['an encrypted cosign key', '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----', 'private-key'],
    ['a private key behind a public one', pemOf(ed.publicKey) + ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private-key'],
    ['a certificate', certificate, 'certificate'],
    ['a trusted certificate', certificate.replaceAll('CERT', 'TRUSTED CERT'), 'certificate'],
    ['PKCS #1', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), 'unsupported-key'],
    ['two keys', pemOf(ed.publicKey) + pemOf(rsa.publicKey), 'several-keys'],
    ['no PEM', 'key', 'not-a-key'],
    ['nothing', '', 'not-a-key'],
    ['text around', `note\n${pemOf(ed.publicKey)}`, 'malformed-key'],
    ['base64 with junk', pemOf(ed.publicKey).replace('MCow', 'MC ow'), 'malformed-key'],
    ['DER with bytes behind', pemOfDer(Buffer.concat([curves.prime256v1!.publicKey.export({ type: 'spki', format: 'der' }), Buffer.of(0, 0)])), 'malformed-key'],
    ['a point cut short', pemOfDer(compressed), 'malformed-key'],
    ['RSA of 1024 bits', pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), 'weak-key'],
    ['P-224', pemOf(generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).publicKey), 'unsupported-key'],
    ['secp256k1', pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey), 'unsupported-key'],
    ['explicit curve parameters', pemOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' }).publicKey), 'malformed-key'],
    ['RSA-PSS keys', pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey), 'unsupported-key'],
    ['Ed448', pemOf(generateKeyPairSync('ed448').publicKey), 'unsupported-key'],
    ['X25519', pemOf(generateKeyPairSync('x25519').publicKey), 'unsupported-key'],
  ])('%s is refused by name', (_, text, code) => {
    expect(codeOf(() => parsePublicKey(text))).toBe(code);
  });

  test('RSA with exponent 1, where every message is its own signature, is refused', () => {
    const jwk = rsa.publicKey.export({ format: 'jwk' });
    expect(codeOf(() => parsePublicKey(pemOf(createPublicKey({ key: { ...jwk, e: 'AQ' }, format: 'jwk' }))))).toBe('weak-key');
  });

  test.each([
    ['zero', '00'.repeat(32)],
    ['the neutral element', `01${'00'.repeat(31)}`],
    ['order 2', `ec${'ff'.repeat(30)}7f`],
    ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['order 8, negative', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
    ['another of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['not canonical', `ee${'ff'.repeat(30)}7f`],
    ['off the curve', `02${'00'.repeat(31)}`],
  ])('Ed25519 point "%s" is no key', (_, hex) => {
    expect(codeOf(() => parsePublicKey(pemOfDer(Buffer.from(`302a300506032b6570032100${hex}`, 'hex'))))).toBe('weak-key');
    expect(codeOf(() => parseWasmKey(Buffer.from(hex, 'hex')))).toBe('weak-key');
  });

  test('a hash that Ed25519 does not use is refused', () => {
    expect(codeOf(() => parsePublicKey(pemOf(ed.publicKey), 'sha256'))).toBe('unsupported-key');
  });
});

describe('signatures over a message', () => {
  test.each([
    ['Ed25519', ed, null], ['RSA', rsa, 'sha256'], ['P-256', curves.prime256v1!, 'sha256'], ['P-384', curves.secp384r1!, 'sha384'], ['P-521', curves.secp521r1!, 'sha512'],
  ] as const)('%s', (_, pair, hash) => {
    const key = parsePublicKey(pemOf(pair.publicKey));
    const signature = sign(hash, message, pair.privateKey);
    expect(verifyWithKey(key, message, signature)).toBe(true);
    expect(verifyWithKey(key, Buffer.from('something else'), signature)).toBe(false);
    expect(verifyWithKey(key, message, signature.subarray(1))).toBe(false);
    expect(verifyWithKey(key, message, Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
    expect(verifyWithKey(key, message, new Uint8Array(0))).toBe(false);
    expect(verifyWithKey(key, message, new Uint8Array(signature.length))).toBe(false);
  });

  test('the hash of the policy counts, and no other', () => {
    const signature = sign('sha512', message, rsa.privateKey);
    expect(verifyWithKey(parsePublicKey(pemOf(rsa.publicKey), 'sha512'), message, signature)).toBe(true);
    expect(verifyWithKey(parsePublicKey(pemOf(rsa.publicKey)), message, signature)).toBe(false);
  });

  test('an Ed25519 signature has one spelling', () => {
    const signature = sign(null, message, ed.privateKey);
    expect(verifyWithKey(parsePublicKey(pemOf(ed.publicKey)), message, withLargeS(signature))).toBe(false);
  });
});

describe('signatures over a digest', () => {
  test.each([['RSA', rsa], ['P-256', curves.prime256v1!], ['P-384', curves.secp384r1!], ['P-521', curves.secp521r1!]] as const)('%s', (_, pair) => {
    const key = parsePublicKey(pemOf(pair.publicKey));
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      const signature = sign(hash, message, pair.privateKey);
      expect(verifyDigestWithKey(key, digestOf(hash), signature)).toBe(true);
      expect(verifyDigestWithKey(keyOfSpki(pair.publicKey.export({ type: 'spki', format: 'der' }), hash), digestOf(hash), signature)).toBe(true);
      expect(verifyDigestWithKey({ ...key, hash: hash === 'sha256' ? 'sha384' : 'sha256' }, digestOf(hash), signature)).toBe(false);
      expect(verifyDigestWithKey(key, createHash(hash).update('other').digest(), signature)).toBe(false);
      expect(verifyDigestWithKey(key, digestOf(hash), signature.subarray(1))).toBe(false);
      expect(verifyDigestWithKey(key, digestOf(hash), Buffer.concat([Buffer.of(0), signature]))).toBe(false);
      expect(verifyDigestWithKey(key, digestOf(hash), Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
    }
    expect(verifyDigestWithKey(key, digestOf('sha1'), sign('sha1', message, pair.privateKey))).toBe(false);
  });

  test('of RSA with the probabilistic padding does not count', () => {
    const signature = sign('sha256', message, { key: rsa.privateKey, padding: 6 });
    expect(verifyDigestWithKey(parsePublicKey(pemOf(rsa.publicKey)), digestOf('sha256'), signature)).toBe(false);
    expect(verifyWithKey(parsePublicKey(pemOf(rsa.publicKey)), message, signature)).toBe(false);
  });

  test('of RSA hold for one block only, padding and all', () => {
    const key = parsePublicKey(pemOf(rsa.publicKey));
    const info = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), digestOf('sha256')]);
    const sealed = (block: Uint8Array) => privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, block);
    const good = Buffer.concat([Buffer.of(0, 1), Buffer.alloc(256 - 3 - info.length, 0xff), Buffer.of(0), info]);
    expect(verifyDigestWithKey(key, digestOf('sha256'), sealed(good))).toBe(true);
    for (const at of [1, 2, 100, 256 - info.length - 1, 256 - info.length, 256 - 33]) {
      const block = Buffer.from(good);
      block[at]! ^= 1;
      expect(verifyDigestWithKey(key, digestOf('sha256'), sealed(block))).toBe(false);
    }
  });

  test('of RSA have the length of the key, leading zeros included', () => {
    let signature = Buffer.alloc(0);
    let text = Buffer.alloc(0);
    for (let index = 0; signature[0] !== 0; index++) {
      text = Buffer.from(`message ${index}`);
      signature = sign('sha256', text, rsa.privateKey);
    }
    const digest = createHash('sha256').update(text).digest();
    const key = parsePublicKey(pemOf(rsa.publicKey));
    expect([signature, signature.subarray(1)].map((bytes) => verifyDigestWithKey(key, digest, bytes))).toEqual([true, false]);
    expect(verifyWithKey(key, text, signature.subarray(1))).toBe(false);
  });

  test('cannot be by Ed25519', () => {
    expect(codeOf(() => verifyDigestWithKey(parsePublicKey(pemOf(ed.publicKey)), digestOf('sha256'), sign(null, message, ed.privateKey)))).toBe('unsupported-key');
  });
});

describe('keys of signatures inside modules', () => {
  const der = ed.publicKey.export({ type: 'spki', format: 'der' });
  const raw = der.subarray(12);
  const prefixed = Buffer.concat([Buffer.of(1), raw]);
  const ssh = Buffer.concat([Buffer.from('0000000b7373682d6564323535313900000020', 'hex'), raw]).toString('base64');

  test.each([
    ['raw', Uint8Array.from(raw)], ['after 01', prefixed], ['DER', der], ['PEM', pemOf(ed.publicKey)], ['bytes of PEM', Buffer.from(pemOf(ed.publicKey))],
    ['OpenSSH', `ssh-ed25519 ${ssh} me@here\n`], ['bytes of OpenSSH', Buffer.from(`ssh-ed25519 ${ssh}\n`)],
    ['hexadecimal', prefixed.toString('hex')], ['base64', `${prefixed.toString('base64')}\n`], ['base64 of the raw form', raw.toString('base64')],
  ])('%s', (_, source) => {
    expect(Buffer.from(rawEd25519(parseWasmKey(source))!).equals(raw)).toBe(true);
  });

  test.each([
    ['a pair', Buffer.concat([Buffer.of(0x81), Buffer.alloc(64, 1)]), 'private-key'],
    ['a pair without its mark', Buffer.alloc(64, 1), 'private-key'],
    ['a pair in hexadecimal', `81${'01'.repeat(64)}`, 'private-key'],
    ['a private key', ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private-key'],
    ['an OpenSSH private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----', 'private-key'],
    ['another kind of key', pemOf(curves.prime256v1!.publicKey), 'unsupported-key'],
    ['another kind of OpenSSH key', 'ssh-rsa AAAA', 'unsupported-key'],
    ['two OpenSSH keys', `ssh-ed25519 ${ssh}\nssh-ed25519 ${ssh}`, 'several-keys'],
    ['an OpenSSH key that is another kind inside', `ssh-ed25519 ${ssh.replace('AAAAC3', 'AAAAC4')}`, 'malformed-key'],
    ['another first byte', Buffer.concat([Buffer.of(2), raw]), 'not-a-key'],
    ['nothing', new Uint8Array(0), 'not-a-key'],
  ])('%s is refused', (_, source, code) => {
    expect(codeOf(() => parseWasmKey(source))).toBe(code);
  });

  test('are no other key', () => {
    expect(rawEd25519(parsePublicKey(pemOf(rsa.publicKey)))).toBeNull();
  });
});

describe('base64 with one spelling', () => {
  test.each([['', ''], ['AA==', '00'], ['AAE=', '0001'], ['+/+/', 'fbffbf']])('%j', (text, hex) => {
    expect(Buffer.from(canonicalBase64(text)!).toString('hex')).toBe(hex);
  });
  test.each(['AA', 'AA=', 'AB==', 'AA==\n', ' AA==', 'A=A=', '-_-_', 'AA==AA==', '\u0100AAA'])('%j is refused', (text) => {
    expect(canonicalBase64(text)).toBeNull();
  });
  test('in the alphabet for addresses', () => {
    expect(Buffer.from(canonicalBase64Url('-_-_AA')!).toString('hex')).toBe('fbffbf00');
    for (const text of ['AA==', 'AB', '+/+/', 'A', 'AA\n']) expect(canonicalBase64Url(text)).toBeNull();
  });
});
