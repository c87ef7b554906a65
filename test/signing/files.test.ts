import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moduleBytes } from '../support/module.ts';
import { CURVE, PREHASHED, type Verdict } from './cases.ts';
import { FILE_FORMS, signFile, theirFileVerdict, type FileFormName } from './file-forms.ts';
import type { Question } from './forms.ts';
import { flagsOf, ourFileVerdict, policyOf, type Material } from './ours.ts';
import { haveSigningTools } from './tools.ts';
import { ALICE, openWorkbench, type KeyName, type Workbench } from './workbench.ts';

type Tampering = 'the file is another' | 'the log entry is removed' | 'a byte is changed beside it';

interface Case {
  readonly form: FileFormName;
  readonly who: { readonly key: KeyName } | { readonly subject: string; readonly issuer: 'people' | 'workflows' };
  readonly log?: 'ignore';
  readonly attestation?: 'custom';
  readonly tampering?: Tampering;
  readonly ours: Verdict;
  /** As ours unless said. */
  readonly theirs?: Verdict;
  readonly why?: string;
  /** Code of our evidence, where the reason matters. */
  readonly code?: string;
}

const alice = { subject: ALICE, issuer: 'people' } as const;
const p256 = { key: 'p256' } as const;
const CASES: readonly Case[] = [
  { form: 'bundle p256', who: p256, ours: 'accepted' },
  { form: 'bundle p256', who: { key: 'stranger' }, ours: 'refused' },
  { form: 'bundle p256', who: alice, ours: 'refused' },
  { form: 'bundle p256', who: p256, tampering: 'the file is another', ours: 'refused' },
  { form: 'bundle p256', who: p256, tampering: 'the log entry is removed', ours: 'refused' },
  { form: 'bundle p384', who: { key: 'p384' }, ours: 'accepted', theirs: 'refused', why: CURVE },
  { form: 'bundle rsa', who: { key: 'rsa' }, ours: 'accepted' },
  { form: 'bundle ed25519', who: { key: 'ed25519' }, ours: 'refused', why: PREHASHED, code: 'ed25519ph-unsupported' },
  { form: 'bundle alice', who: alice, ours: 'accepted' },
  { form: 'bundle alice', who: { ...alice, subject: 'mallory@acme.test' }, ours: 'refused' },
  { form: 'bundle alice', who: { ...alice, issuer: 'workflows' }, ours: 'refused' },
  { form: 'bundle alice', who: p256, ours: 'refused' },
  { form: 'bundle alice', who: alice, tampering: 'the file is another', ours: 'refused' },
  { form: 'bundle alice', who: alice, tampering: 'the log entry is removed', ours: 'refused' },
  { form: 'attestation p256', who: p256, attestation: 'custom', ours: 'accepted' },
  { form: 'attestation p256', who: { key: 'stranger' }, attestation: 'custom', ours: 'refused' },
  { form: 'attestation p256', who: p256, attestation: 'custom', tampering: 'the file is another', ours: 'refused' },
  { form: 'old bundle p256', who: p256, ours: 'accepted' },
  { form: 'old bundle p256', who: { key: 'stranger' }, ours: 'refused' },
  { form: 'old bundle p256', who: p256, tampering: 'the file is another', ours: 'refused' },
  { form: 'old bundle alice', who: alice, ours: 'accepted' },
  { form: 'old bundle alice', who: { ...alice, issuer: 'workflows' }, ours: 'refused' },
  { form: 'old bundle alice', who: alice, tampering: 'the file is another', ours: 'refused' },
  { form: 'detached p256', who: p256, log: 'ignore', ours: 'accepted' },
  { form: 'detached p256', who: { key: 'stranger' }, log: 'ignore', ours: 'refused' },
  { form: 'detached p256', who: p256, ours: 'refused' },
  { form: 'detached p256', who: p256, log: 'ignore', tampering: 'a byte is changed beside it', ours: 'refused' },
  { form: 'detached rsa', who: { key: 'rsa' }, log: 'ignore', ours: 'accepted' },
  { form: 'detached rsa', who: { key: 'rsa' }, log: 'ignore', tampering: 'the file is another', ours: 'refused' },
];

describe.skipIf(!haveSigningTools())('files signed by cosign', () => {
  let bench: Workbench;
  let material: Material;
  const signed = new Map<string, Promise<string>>();

  beforeAll(async () => {
    bench = await openWorkbench();
    material = { trustedRoot: readFileSync(bench.sigstore.trustedRoot, 'utf8'), keys: (name) => bench.key(name as KeyName).pem };
  });
  afterAll(() => bench?.close());

  /** A folder with `app.wasm` and its signature, made once for each form. */
  function folderOf(form: FileFormName): Promise<string> {
    const made = signed.get(form) ?? signFile(bench, form);
    signed.set(form, made);
    return made;
  }

  async function prepared({ form, tampering }: Case, index: number): Promise<string> {
    const folder = await folderOf(form);
    if (tampering === undefined) return folder;
    const copy = join(bench.folder, `changed-${index}`);
    cpSync(folder, copy, { recursive: true });
    tamper(copy, tampering);
    return copy;
  }

  const rows = CASES.map((one, index) => ({ ...one, index, name: `${one.form}, asked for ${'key' in one.who ? `key ${one.who.key}` : `${one.who.subject} of ${one.who.issuer}`}${one.log ? ', log ignored' : ''}${one.tampering ? `, ${one.tampering}` : ''}: ${one.ours}${one.theirs && one.theirs !== one.ours ? `, ${one.theirs} by cosign` : ''}` }));

  test.for(rows)('$name', async (row) => {
    const cwd = await prepared(row, row.index);
    const who = 'key' in row.who ? row.who : { subject: row.who.subject, issuer: bench.sigstore.issuer(row.who.issuer) };
    const question: Question = { who, log: row.log ?? 'required', ...(row.attestation ? { attestation: row.attestation } : {}) };
    const theirs = await theirFileVerdict(bench, FILE_FORMS[row.form], { question, cwd });
    const { accepted, provenance } = await ourFileVerdict(policyOf(question, material), { path: join(cwd, 'app.wasm'), folder: cwd, flags: flagsOf(question, { keyFile: (name) => bench.key(name as KeyName).open, trustedRoot: bench.sigstore.trustedRoot }) });
    expect({ ours: accepted ? 'accepted' : 'refused', theirs: theirs.code === 0 ? 'accepted' : 'refused' }, `${theirs.output.slice(-600)}\n${JSON.stringify(provenance, null, 1)}`).toEqual({ ours: row.ours, theirs: row.theirs ?? row.ours });
    if (row.code !== undefined) expect(provenance.signatures.map((one) => one.code)).toEqual([row.code]);
  });
});

function tamper(folder: string, tampering: Tampering): void {
  const change = (name: string, edit: (bytes: Buffer) => string | Uint8Array) => writeFileSync(join(folder, name), edit(readFileSync(join(folder, name))));
  if (tampering === 'the file is another') writeFileSync(join(folder, 'app.wasm'), moduleBytes({ customs: [{ name: 'other', payload: [1] }] }));
  if (tampering === 'the log entry is removed') change('app.wasm.sigstore.json', (bytes) => {
    const bundle = JSON.parse(bytes.toString()) as { verificationMaterial: { tlogEntries: unknown[] } };
    bundle.verificationMaterial.tlogEntries = [];
    return JSON.stringify(bundle);
  });
  if (tampering === 'a byte is changed beside it') change('app.wasm.sig', (bytes) => {
    const signature = Buffer.from(bytes.toString(), 'base64');
    signature[20]! ^= 1;
    return signature.toString('base64');
  });
}
