import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['signature-invalid'];
const bytes = watToWasm('(module)');

test.each(['privileged', 'baseline', 'restricted'])('an invalid signature is an error at level %s', async (name) => {
  expect((await findingsOf(bytes, { rules, provenance: 'invalid', policy: { kind: 'level', name } })).map(({ severity }) => severity)).toEqual(['error']);
});

test.each(['unknown', 'trusted', 'untrusted', 'absent', 'unsupported', 'error'] as const)('%s is not invalid', async (provenance) => {
  expect(await findingsOf(bytes, { rules, provenance })).toEqual([]);
});
