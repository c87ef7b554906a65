import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushTo } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { moduleBytes } from '../support/module.ts';
import type { Verdict } from './cases.ts';
import { NOTARY_IDENTITY, openNotary, type Notary, type NotaryForm, type NotaryQuestion } from './notary.ts';
import { certificatePem, notaryPolicyOf, ourVerdict, type Material } from './ours.ts';
import { transplant, type Change } from './tampering.ts';
import { haveSigningTools } from './tools.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const APP = wasmArtifact(moduleBytes());
const OTHER = wasmArtifact(moduleBytes({ customs: [{ name: 'other', payload: [1] }] }));

const RIGHT: NotaryQuestion = { authority: 'acme', identity: NOTARY_IDENTITY };
const flippedAt = (at: number): Change => ({ layers }) => void (layers[0]![Math.floor(layers[0]!.length * at)]! ^= 1);
const TAMPERINGS = {
  'moved to another artifact': { change: (() => {}) as Change, elsewhere: true },
  'a byte of the start is flipped': { change: flippedAt(0.1), elsewhere: false },
  'a byte of the middle is flipped': { change: flippedAt(0.5), elsewhere: false },
  'extra fields are added': { change: (({ layers }) => void (layers[0] = Buffer.from(JSON.stringify({ ...JSON.parse(layers[0]!.toString()) as object, more: 1 })))) as Change, elsewhere: false },
};

interface Case { readonly form: NotaryForm; readonly question: NotaryQuestion; readonly tampering?: keyof typeof TAMPERINGS; readonly ours: Verdict; readonly theirs?: Verdict; readonly why?: string }

const FORMATS = ['jws', 'cose'] as const;
const CASES: readonly Case[] = [
  ...FORMATS.flatMap((format): Case[] => {
    const form = { format, key: 'p256', timestamp: 'without' } as const;
    return [
      ...(['rsa', 'p256', 'p384'] as const).map((key): Case => ({ form: { ...form, key }, question: RIGHT, ours: 'accepted' })),
      { form: { ...form, timestamp: 'with' }, question: RIGHT, ours: 'accepted' },
      { form, question: { ...RIGHT, authority: 'other' }, ours: 'refused' },
      { form, question: { ...RIGHT, identity: NOTARY_IDENTITY.replace('acme', 'evil') }, ours: 'refused' },
      { form, question: { ...RIGHT, identity: '*' }, ours: 'accepted' },
      { form, question: RIGHT, tampering: 'moved to another artifact', ours: 'refused' },
      { form, question: RIGHT, tampering: 'a byte of the start is flipped', ours: 'refused' },
      { form, question: RIGHT, tampering: 'a byte of the middle is flipped', ours: 'refused' },
    ];
  }),
  { form: { format: 'jws', key: 'p256', timestamp: 'without' }, question: RIGHT, tampering: 'extra fields are added', ours: 'refused', theirs: 'accepted', why: 'notation passes over fields that an envelope may not have' },
];

describe.skipIf(!haveSigningTools())('signed by notation', () => {
  let bench: Workbench;
  let notary: Notary;
  let registry: TestRegistry;
  let material: Material;
  const signed = new Map<string, Promise<string>>();

  beforeAll(async () => {
    registry = await startRegistry();
    bench = await openWorkbench();
    notary = openNotary(bench);
    material = { trustedRoot: '', keys: () => '', certificates: { acme: certificatePem(notary.authorities.acme), other: certificatePem(notary.authorities.other), times: certificatePem(notary.timestampAuthority) } };
  });
  afterAll(async () => {
    await bench?.close();
    await registry?.close();
  });

  function repositoryOf(form: NotaryForm): Promise<string> {
    const repository = `signed/${Object.values(form).join('-')}`;
    const made = signed.get(repository) ?? (async () => {
      await pushTo(registry, repository, 'v1', APP);
      await notary.sign(form, `${registry.host}/${repository}@${APP.digest}`);
      return repository;
    })();
    signed.set(repository, made);
    return made;
  }

  const rows = CASES.map((one, index) => ({ ...one, index, name: `${Object.values(one.form).join(' ')} timestamp, asked for ${one.question.authority} and ${one.question.identity}${one.tampering ? `, ${one.tampering}` : ''}: ${one.ours}${one.theirs ? `, ${one.theirs} by notation` : ''}` }));

  test.for(rows)('$name', async ({ form, question, tampering, index, ours, theirs = ours }) => {
    const repository = await repositoryOf(form);
    const copy = tampering ? `changed/${index}` : repository;
    const { url } = registry;
    if (tampering) await transplant({ from: { url, repository }, to: { url, repository: copy }, signed: APP, placed: TAMPERINGS[tampering].elsewhere ? OTHER : APP, change: TAMPERINGS[tampering].change });
    const digest = tampering && TAMPERINGS[tampering].elsewhere ? OTHER.digest : APP.digest;
    const reference = `${registry.host}/${copy}@${digest}`;
    const said = await notary.verify(form, question, reference);
    const { accepted, provenance } = await ourVerdict(notaryPolicyOf(question, material), { host: registry.host, reference, folder: bench.folder });
    expect({ ours: accepted ? 'accepted' : 'refused', theirs: said.code === 0 ? 'accepted' : 'refused' }, `${said.output.slice(-600)}\n${JSON.stringify(provenance, null, 1)}`).toEqual({ ours, theirs });
  });
});
