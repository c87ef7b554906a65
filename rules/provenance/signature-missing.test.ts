import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
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

test('level baseline does not ask', async () => {
  expect(await findingsOf(bytes, { rules, policy: { kind: 'level', name: 'baseline' } })).toEqual([]);
});
