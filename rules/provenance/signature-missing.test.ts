import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { packagingOf, provenanceOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['signature-missing'];
const bytes = watToWasm('(module)');

test('a trusted signature is enough', async () => {
  expect(await findingsOf(bytes, { rules, provenance: 'trusted' })).toEqual([]);
});

test('"nobody looked" is not "there is none"', async () => {
  expect((await findingsOf(bytes, { rules, provenance: 'unknown' })).map(({ message }) => message)).toEqual(['No trusted signature is established: nothing has looked for one']);
  expect((await findingsOf(bytes, { rules, provenance: 'absent' })).map(({ message }) => message)).toEqual(['No signature exists']);
});

test.each(['untrusted', 'invalid', 'unsupported', 'error'] as const)('%s is not trusted', async (provenance) => {
  expect((await findingsOf(bytes, { rules, provenance })).map(({ severity, confidence }) => [severity, confidence])).toEqual([['error', 'high']]);
});

test('the message says what stands behind the answer', async () => {
  const said = async (over: NonNullable<Parameters<typeof provenanceOf>[0]>): Promise<string> => (await findingsOf(bytes, { rules, provenance: provenanceOf(over) }))[0]!.message;
  expect(await said({ status: 'untrusted', authorities: ['a', 'b'], signatures: [{ authority: 'a' }, { authority: 'b' }] })).toBe('Signed for a, b, which is not all that the policy asks for');
  expect(await said({ status: 'untrusted', signatures: [{ status: 'untrusted', message: 'Signed by you', predicateType: 'x' }, { status: 'untrusted', message: 'Signed by me' }] })).toBe('The signature is by nobody whom the policy trusts (Signed by me)');
  expect(await said({ status: 'error', signatures: [{ status: 'error', message: 'The registry answered 503' }] })).toBe('No trusted signature is established: verification failed before it had an answer (The registry answered 503)');
});

test('native code beside Wasm in a package is not asked, and native code alone is', async () => {
  const native = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, ...Array.from({ length: 56 }, () => 0)]);
  expect(await findingsOf(native, { rules, packaging: packagingOf({ form: 'image' }) })).toEqual([]);
  expect(await findingsOf(native, { rules })).toHaveLength(1);
  expect(await findingsOf(bytes, { rules, packaging: packagingOf() })).toHaveLength(1);
});

test('level baseline does not ask', async () => {
  expect(await findingsOf(bytes, { rules, policy: { kind: 'level', name: 'baseline' } })).toEqual([]);
});
