import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { provenanceOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['signature-partial-coverage'];
const bytes = watToWasm('(module)');
const partial = { form: 'wasm-section', covers: 'partial', uncovered: ['section[3] custom:name', 'section[4] custom:producers'] } as const;

test.each([['privileged', 'note'], ['baseline', 'note'], ['restricted', 'warning']])('at level %s: %s', async (name, severity) => {
  const found = await findingsOf(bytes, { rules, policy: { kind: 'level', name }, provenance: provenanceOf({ status: 'trusted', signatures: [partial] }) });
  expect(found).toMatchObject([{ severity, message: 'A signature leaves parts of the module uncovered: section[3] custom:name, section[4] custom:producers' }]);
});

test('what does not hold covers nothing', async () => {
  expect(await findingsOf(bytes, { rules, provenance: provenanceOf({ status: 'invalid', signatures: [{ ...partial, status: 'invalid' }] }) })).toEqual([]);
});
