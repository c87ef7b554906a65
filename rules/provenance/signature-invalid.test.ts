import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { provenanceOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['signature-invalid'];
const bytes = watToWasm('(module)');

test.each(['privileged', 'baseline', 'restricted'])('an invalid signature is an error at level %s', async (name) => {
  expect((await findingsOf(bytes, { rules, provenance: 'invalid', policy: { kind: 'level', name } })).map(({ severity }) => severity)).toEqual(['error']);
});

test('it says which one, and why', async () => {
  const signatures = [{ status: 'invalid', predicateType: 'x', message: 'An attestation' }, { status: 'invalid', where: 'app.wasm.sig', message: 'Another digest' }] as const;
  expect(await findingsOf(bytes, { rules, provenance: provenanceOf({ status: 'invalid', signatures }) })).toMatchObject([{ message: 'The signature in app.wasm.sig does not hold: Another digest' }]);
});

test.each(['unknown', 'trusted', 'untrusted', 'absent', 'unsupported', 'error'] as const)('%s is not invalid', async (provenance) => {
  expect(await findingsOf(bytes, { rules, provenance })).toEqual([]);
});
