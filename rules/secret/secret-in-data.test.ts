import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { findingsOf, scanBytes } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

// Put together at run time, so that no scanner of repositories takes this file for a leak.
const TOKEN = ['gh', 'p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'].join('');
const UNCHECKED = ['gh', 'p_tB7xQ2mV9kL4wR8nZ3cF6hJ1pD5sG0yA7eU2'].join('');

test('a token whose checksum holds has high confidence, one that only looks right has medium', async () => {
  expect(await find(TOKEN)).toMatchObject([{ confidence: 'high', location: { path: 'data[0]', length: 40 } }]);
  expect(await find(UNCHECKED)).toMatchObject([{ confidence: 'medium' }]);
});

test('at baseline a verified secret denies and another one is a note', async () => {
  const at = async (secret: string) => scanBytes(withData(secret), { policy: { kind: 'level', name: 'baseline' }, rules: ['secret-in-data'] });
  expect(await at(TOKEN)).toMatchObject({ verdict: 'deny', findings: [{ severity: 'error' }] });
  expect(await at(UNCHECKED)).toMatchObject({ verdict: 'allow', findings: [{ severity: 'note' }] });
});

test('private keys are found as text and in binary', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  expect(await find(String(privateKey.export({ type: 'pkcs8', format: 'pem' })))).toMatchObject([{ confidence: 'high' }]);
  expect(await find(privateKey.export({ type: 'pkcs8', format: 'der' }))).toMatchObject([{ confidence: 'high' }]);
});

test('nothing that is reported holds more of the secret than its first four characters', async () => {
  for (const secret of [TOKEN, UNCHECKED]) {
    const { facts, findings, problems } = await scanBytes(withData(secret), { rules: ['secret-in-data'] });
    const shown = JSON.stringify([findings, problems, facts?.secrets]);
    expect(shown).toContain(secret.slice(0, 4));
    expect(shown).not.toContain(secret.slice(4, 10));
    expect(shown).not.toContain(Buffer.from(secret).toString('base64').slice(8, 24));
  }
});

test('the subject stays when the secret moves, and differs from one secret to the next', async () => {
  const subject = async (text: string) => (await find(text))[0]?.subject;
  expect(await subject(`moved to somewhere else ${TOKEN}`)).toBe(await subject(TOKEN));
  expect(await subject(UNCHECKED)).not.toBe(await subject(TOKEN));
});

function find(secret: string | Uint8Array) {
  return findingsOf(withData(secret), { rules: ['secret-in-data'] });
}

function withData(secret: string | Uint8Array): Uint8Array {
  return watToWasm(`(module (memory 1) (data (i32.const 1024) "${Buffer.from(secret).toString('hex').replace(/../g, '\\$&')}"))`);
}
