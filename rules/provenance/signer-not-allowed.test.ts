import { describe, expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { packagingOf, provenanceOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['signer-not-allowed'];
const bytes = watToWasm('(module)');
const stranger = { status: 'untrusted', code: 'identity-mismatch', message: 'Asked for is me@example.com', identity: 'you@example.com', issuer: 'https://issuer.example' } as const;
const provenance = provenanceOf({ status: 'untrusted', signatures: [stranger] });

describe('severity', () => {
  test.each([['privileged', 'note'], ['baseline', 'note'], ['restricted', 'error']])('at level %s: %s', async (name, severity) => {
    expect(await findingsOf(bytes, { rules, provenance, policy: { kind: 'level', name } })).toMatchObject([{ severity, subject: 'signer:you@example.com' }]);
  });

  test('an error as soon as the policy asks for signatures', async () => {
    const text = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: x }\nspec: { level: privileged, signatures: { authorities: [{ name: a, key: { file: k.pem } }] } }';
    expect(await findingsOf(bytes, { rules, provenance, policy: { kind: 'file', name: 'p.yaml', text } })).toMatchObject([{ severity: 'error', message: 'Signed by you@example.com of https://issuer.example, whom the policy does not name: Asked for is me@example.com' }]);
  });
});

test('each signer is named once', async () => {
  const signatures = [stranger, stranger, { ...stranger, identity: 'they@example.com' }];
  expect((await findingsOf(bytes, { rules, provenance: provenanceOf({ status: 'untrusted', signatures }) })).map(({ subject }) => subject)).toEqual(['signer:they@example.com', 'signer:you@example.com']);
});

test.each([{ code: 'unverifiable' }, { covers: 'partial' as const }, { predicateType: 'https://slsa.dev/provenance/v1' }, { status: 'invalid' as const }, { status: 'trusted' as const }])('%j is no signature by somebody else', async (over) => {
  expect(await findingsOf(bytes, { rules, provenance: provenanceOf({ status: 'untrusted', signatures: [{ ...stranger, ...over }] }) })).toEqual([]);
});

test('native code beside Wasm is not asked', async () => {
  const native = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, ...Array.from({ length: 56 }, () => 0)]);
  expect(await findingsOf(native, { rules, provenance, packaging: packagingOf({ form: 'image' }) })).toEqual([]);
});
