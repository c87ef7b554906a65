import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushTo } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { moduleBytes } from '../support/module.ts';
import { basicConstraints, extendedKeyUsage, keyUsage, makeCertificate, testKey, type KeyKind, type Name } from '../support/x509-maker.ts';
import { FORMS, type Verdict } from './cases.ts';
import { asked, signAs, type Question } from './forms.ts';
import { flagsOf, ourVerdict, policyOf } from './ours.ts';
import { haveSigningTools, run } from './tools.ts';
import { ALICE, openWorkbench, type Workbench } from './workbench.ts';

const APP = wasmArtifact(moduleBytes());

interface Validity { start: string; end?: string }
interface Log { logId: { keyId: string }; publicKey: { rawBytes: string; validFor: Validity } }
interface Authority { certChain: { certificates: { rawBytes: string }[] }; validFor: Validity }
interface Root { tlogs: Log[]; ctlogs: Log[]; certificateAuthorities: Authority[]; timestampAuthorities: Authority[] }

const spki = (kind: KeyKind) => createPublicKey(testKey(kind, 'another')).export({ type: 'spki', format: 'der' }).toString('base64');
const other = (logs: Log[], kind: KeyKind) => { for (const { publicKey } of logs) publicKey.rawBytes = spki(kind); };
const unknown = (logs: Log[]) => { for (const { logId } of logs) logId.keyId = Buffer.alloc(32, 9).toString('base64'); };
const ended = (parts: { validFor: Validity }[]) => { for (const { validFor } of parts) validFor.end = '2026-02-01T00:00:00Z'; };
const begun = (parts: { validFor: Validity }[]) => { for (const { validFor } of parts) validFor.start = '2030-01-01T00:00:00Z'; };
const keysOf = (logs: Log[]) => logs.map(({ publicKey }) => publicKey);

/** A chain with the same names and other keys. */
function impostor(purpose: 'codeSigning' | 'timeStamping'): { rawBytes: string }[] {
  const names: readonly Name[] = purpose === 'codeSigning' ? [[['O', 'sigstore.test'], ['CN', 'root']], [['O', 'sigstore.test'], ['CN', 'intermediate']]] : [[['O', 'sigstore.test'], ['CN', 'timestamp root']], [['O', 'sigstore.test'], ['CN', 'timestamps']]];
  const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };
  const root = { subject: names[0]!, key: testKey('p384', 'impostor root') };
  const last = purpose === 'codeSigning' ? [basicConstraints('ca', 0), keyUsage(['keyCertSign']), extendedKeyUsage(['codeSigning'])] : [basicConstraints('leaf'), keyUsage(['digitalSignature']), extendedKeyUsage(['timeStamping'], 'critical')];
  const certificates = [
    makeCertificate({ subject: names[1]!, key: testKey('p384', 'impostor'), issuer: root, serial: 2, ...validity, extensions: last }),
    makeCertificate({ ...root, ...validity, extensions: [basicConstraints('ca', 1), keyUsage(['keyCertSign'])] }),
  ];
  return certificates.map(({ raw }) => ({ rawBytes: raw.toString('base64') }));
}

interface Case {
  readonly name: string;
  readonly change: (root: Root) => unknown;
  readonly ours: Verdict;
  /** Of our evidence. */
  readonly code: string;
  /** As ours unless said. */
  readonly theirs?: Verdict;
  readonly why?: string;
}

const UNTIMED = 'cosign holds no time against the validity of the key of a Rekor 2 log';

const CASES: readonly Case[] = [
  { name: 'as it is', code: 'ok', change: () => {}, ours: 'accepted' },
  { name: 'another key of the log', code: 'log-entry-invalid', change: ({ tlogs }) => other(tlogs.slice(1), 'ed25519'), ours: 'refused' },
  { name: 'a log of another name', code: 'log-unknown', change: ({ tlogs }) => unknown(tlogs.slice(1)), ours: 'refused' },
  { name: 'a log whose key has ended', code: 'log-key-expired', change: ({ tlogs }) => ended(keysOf(tlogs.slice(1))), ours: 'refused', theirs: 'accepted', why: UNTIMED },
  { name: 'a log whose key has not begun', code: 'log-key-expired', change: ({ tlogs }) => begun(keysOf(tlogs.slice(1))), ours: 'refused', theirs: 'accepted', why: UNTIMED },
  { name: 'another key of the certificate log', code: 'sct-invalid', change: ({ ctlogs }) => other(ctlogs, 'p256'), ours: 'refused' },
  { name: 'a certificate log of another name', code: 'sct-invalid', change: ({ ctlogs }) => unknown(ctlogs), ours: 'refused' },
  { name: 'a certificate log whose key has ended', code: 'sct-invalid', change: ({ ctlogs }) => ended(keysOf(ctlogs)), ours: 'refused' },
  { name: 'certificate authorities of other keys', code: 'certificate-invalid', change: ({ certificateAuthorities: [authority] }) => (authority!.certChain.certificates = impostor('codeSigning')), ours: 'refused' },
  { name: 'a certificate authority that has ended', code: 'certificate-invalid', change: ({ certificateAuthorities }) => ended(certificateAuthorities), ours: 'refused' },
  { name: 'a certificate authority that has not begun', code: 'certificate-invalid', change: ({ certificateAuthorities }) => begun(certificateAuthorities), ours: 'refused' },
  { name: 'timestamp authorities of other keys', code: 'timestamp-invalid', change: ({ timestampAuthorities: [authority] }) => (authority!.certChain.certificates = impostor('timeStamping')), ours: 'refused' },
  { name: 'a timestamp authority that has ended', code: 'timestamp-invalid', change: ({ timestampAuthorities }) => ended(timestampAuthorities), ours: 'refused' },
];

describe.skipIf(!haveSigningTools())('signed by cosign, asked under other trust roots', () => {
  let bench: Workbench;
  let registry: TestRegistry;
  let reference: string;
  beforeAll(async () => {
    registry = await startRegistry();
    bench = await openWorkbench();
    reference = `${registry.host}/signed/app`;
    await pushTo(registry, 'signed/app', 'v1', APP);
    await signAs(bench, FORMS['bundle alice'], `${reference}@${APP.digest}`);
  });
  afterAll(async () => {
    await bench?.close();
    await registry?.close();
  });

  test.for(CASES.map((one, index) => ({ ...one, index })))('$name: $ours', async ({ change, code, index, ours, theirs = ours }) => {
    const root = JSON.parse(readFileSync(bench.sigstore.trustedRoot, 'utf8')) as Root;
    change(root);
    const trustedRoot = bench.write(`root-${index}.json`, JSON.stringify(root));
    const question: Question = { who: { subject: ALICE, issuer: bench.sigstore.issuer('people') }, log: 'required' };
    const said = await run('cosign', ['verify', ...asked(bench, question), '--trusted-root', trustedRoot, '--allow-http-registry', `${reference}:v1`], { cwd: bench.folder });
    const policy = policyOf(question, { trustedRoot: JSON.stringify(root), keys: () => '' });
    const { accepted, provenance } = await ourVerdict(policy, { host: registry.host, reference: `${reference}:v1`, folder: bench.folder, flags: flagsOf(question, { keyFile: () => '', trustedRoot }) });
    expect({ ours: accepted ? 'accepted' : 'refused', theirs: said.code === 0 ? 'accepted' : 'refused' }, `${said.output.slice(-600)}\n${JSON.stringify(provenance, null, 1)}`).toEqual({ ours, theirs });
    expect(provenance.signatures.map((one) => one.code)).toEqual([code]);
  });
});
