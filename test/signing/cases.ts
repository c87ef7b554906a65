/** The combinations: how something was signed and where, what is asked, what was done to it since, and what has to come out. */
import { type Form, type Question } from './forms.ts';
import { changingAnnotation, changingBundle, flipped, type Change } from './tampering.ts';
import { ALICE, WORKFLOW, type KeyName } from './workbench.ts';

export const FORMS = {
  'bundle p256': { tool: 'cosign', signer: 'p256', packing: 'bundle', time: 'rekor2' },
  'bundle p384': { tool: 'cosign', signer: 'p384', packing: 'bundle', time: 'rekor2' },
  'bundle rsa': { tool: 'cosign', signer: 'rsa', packing: 'bundle', time: 'rekor2' },
  'bundle ed25519': { tool: 'cosign', signer: 'ed25519', packing: 'bundle', time: 'rekor2' },
  'bundle p256, no log': { tool: 'cosign', signer: 'p256', packing: 'bundle', time: 'none' },
  'bundle alice': { tool: 'cosign', signer: 'alice', packing: 'bundle', time: 'rekor2' },
  'bundle workflow': { tool: 'cosign', signer: 'workflow', packing: 'bundle', time: 'rekor2' },
  'bundle provenance p256': { tool: 'cosign', signer: 'p256', packing: 'bundle', time: 'rekor2', attestation: 'slsaprovenance1' },
  'bundle custom alice': { tool: 'cosign', signer: 'alice', packing: 'bundle', time: 'rekor2', attestation: 'custom' },
  'tags p256': { tool: 'cosign2', signer: 'p256', packing: 'tags', time: 'none' },
  'tags p256, log': { tool: 'cosign2', signer: 'p256', packing: 'tags', time: 'rekor1' },
  'tags p384': { tool: 'cosign2', signer: 'p384', packing: 'tags', time: 'none' },
  'tags rsa': { tool: 'cosign2', signer: 'rsa', packing: 'tags', time: 'none' },
  'tags ed25519': { tool: 'cosign2', signer: 'ed25519', packing: 'tags', time: 'none' },
  'tags alice': { tool: 'cosign2', signer: 'alice', packing: 'tags', time: 'rekor1' },
  'tags alice, timestamp': { tool: 'cosign2', signer: 'alice', packing: 'tags', time: 'tsa' },
  'tags workflow': { tool: 'cosign2', signer: 'workflow', packing: 'tags', time: 'rekor1' },
  'tags provenance p256': { tool: 'cosign2', signer: 'p256', packing: 'tags', time: 'none', attestation: 'slsaprovenance1' },
  'tags custom alice': { tool: 'cosign2', signer: 'alice', packing: 'tags', time: 'rekor1', attestation: 'custom' },
  'tags by cosign 3': { tool: 'cosign', signer: 'p256', packing: 'tags', time: 'none' },
} as const satisfies Record<string, Form>;
export type FormName = keyof typeof FORMS;

/** Registries: with the referrers API, with pages of one entry, without; and Debian's. */
export type Place = 'api' | 'paged' | 'none' | 'distribution';

export type Verdict = 'accepted' | 'refused';

export interface Case {
  readonly form: FormName;
  readonly place: Place;
  readonly asked: (issuers: Issuers) => Question;
  /** In words, for the name of the test. */
  readonly question: string;
  readonly tampering: keyof typeof TAMPERINGS | null;
  /** What wasmgate has to say. */
  readonly ours: Verdict;
  /** What the tool that signed says; differs only where `why` gives the reason. */
  readonly theirs: Verdict;
  /** What the other version of cosign says; as `theirs` unless given. */
  readonly second?: Verdict;
  readonly why: string | null;
  /** Code of our evidence, where the reason matters. */
  readonly code?: string;
}

export interface Issuers { readonly people: string; readonly workflows: string }

interface Asked { readonly question: string; readonly asked: (issuers: Issuers) => Question }

type Log = Question['log'];
const ignoring = (log: Log) => (log === 'ignore' ? ', log ignored' : '');

function key(name: KeyName, log: Log = 'required'): Asked {
  return { question: `key ${name}${ignoring(log)}`, asked: () => ({ who: { key: name }, log }) };
}

function person(subject: string | RegExp, { issuer = 'people', log = 'required' }: { readonly issuer?: keyof Issuers | RegExp; readonly log?: Log } = {}): Asked {
  return { question: `${String(subject)} of ${String(issuer)}${ignoring(log)}`, asked: (issuers) => ({ who: { subject, issuer: typeof issuer === 'string' ? issuers[issuer] : issuer }, log }) };
}

const alice = (log: Log = 'required') => person(ALICE, { log });
const workflow = () => person(WORKFLOW, { issuer: 'workflows' });

function attested({ question, asked }: Asked, attestation: NonNullable<Question['attestation']>): Asked {
  return { question: `${attestation} by ${question}`, asked: (issuers) => ({ ...asked(issuers), attestation }) };
}

const BUNDLE = 'dev.sigstore.cosign/bundle';

/** How signatures are changed, and then: put beside another artifact, the tag moved to one, or another referrer put before them. */
export const TAMPERINGS = {
  'nothing is changed': { change: () => {}, next: null },
  'moved to another artifact': { change: () => {}, next: 'elsewhere' },
  'the tag is moved to another artifact': { change: () => {}, next: 'tag moved' },
  'another referrer comes first': { change: () => {}, next: 'behind another' },
  'the signature of the bundle is flipped': { change: changingBundle(({ dsseEnvelope: { signatures } }) => (signatures[0]!.sig = flipped(signatures[0]!.sig))), next: null },
  'the statement is changed': { change: changingBundle(({ dsseEnvelope }) => (dsseEnvelope.payload = Buffer.from(Buffer.from(dsseEnvelope.payload, 'base64').toString().replace('{', '{ ')).toString('base64'))), next: null },
  'the log entry is removed': { change: changingBundle(({ verificationMaterial }) => (verificationMaterial.tlogEntries = [])), next: null },
  'the timestamp is removed': { change: changingBundle(({ verificationMaterial }) => delete verificationMaterial.timestampVerificationData), next: null },
  'the log entry is of something else': { change: changingBundle(({ verificationMaterial: { tlogEntries } }) => (tlogEntries![0]!.canonicalizedBody = otherDigest(tlogEntries![0]!.canonicalizedBody))), next: null },
  'the checkpoint is flipped': { change: changingBundle(({ verificationMaterial: { tlogEntries } }) => (tlogEntries![0]!.inclusionProof.checkpoint.envelope = tlogEntries![0]!.inclusionProof.checkpoint.envelope.replace(/\n1?\d/, '\n9'))), next: null },
  'the layer is changed': { change: ({ layers }) => void (layers[0] = Buffer.from(layers[0]!.toString().replace('{', '{ '))), next: null },
  'the statement in the envelope is changed': { change: ({ layers }) => void (layers[0] = changedEnvelope(layers[0]!)), next: null },
  'the signature annotation is flipped': { change: changingAnnotation('dev.cosignproject.cosign/signature', flipped), next: null },
  'the certificate annotation is removed': { change: changingAnnotation('dev.sigstore.cosign/certificate', () => undefined), next: null },
  'the bundle annotation is removed': { change: changingAnnotation(BUNDLE, () => undefined), next: null },
  'the promise of the log is flipped': { change: changingAnnotation(BUNDLE, (text) => replaceField(text, 'SignedEntryTimestamp', flipped)), next: null },
  'the time in the log is another': { change: changingAnnotation(BUNDLE, (text) => text.replace(/"integratedTime":(\d+)/, (_, time: string) => `"integratedTime":${Number(time) + 1}`)), next: null },
} as const satisfies Record<string, { readonly change: Change; readonly next: 'elsewhere' | 'tag moved' | 'behind another' | null }>;

function changedEnvelope(bytes: Buffer): Buffer {
  const envelope = JSON.parse(bytes.toString()) as { payload: string };
  envelope.payload = Buffer.from(Buffer.from(envelope.payload, 'base64').toString().replace('{', '{ ')).toString('base64');
  return Buffer.from(JSON.stringify(envelope));
}

function otherDigest(body: string): string {
  const text = Buffer.from(body, 'base64').toString();
  return Buffer.from(text.replace(/"digest":"[^"]+"/, `"digest":"${Buffer.alloc(32, 7).toString('base64')}"`)).toString('base64');
}

function replaceField(json: string, name: string, change: (text: string) => string): string {
  const value = JSON.parse(json) as Record<string, string>;
  value[name] = change(value[name]!);
  return JSON.stringify(value);
}

type Rest = { readonly place?: Place; readonly tampering?: Case['tampering'] };

function accepted(form: FormName, asked: Asked, { place = 'api', tampering = null }: Rest = {}): Case {
  return { form, ...asked, place, tampering, ours: 'accepted', theirs: 'accepted', why: null };
}

function refused(form: FormName, asked: Asked, { place = 'api', tampering = null }: Rest = {}): Case {
  return { form, ...asked, place, tampering, ours: 'refused', theirs: 'refused', why: null };
}

/** We say the one thing, the tool the other. */
function differing(form: FormName, asked: Asked, { ours, why, place = 'api', tampering = null }: Rest & { readonly ours: Verdict; readonly why: string }): Case {
  return { form, ...asked, place, tampering, ours, theirs: ours === 'accepted' ? 'refused' : 'accepted', why };
}

const PLACES: readonly Place[] = ['api', 'paged', 'none', 'distribution'];
const UNANCHORED = 'cosign searches with its patterns, ours describe the whole text';
export const CURVE = 'cosign signs with the hash of the curve and verifies with SHA-256 unless it is told otherwise';
const REBUILT = 'cosign 3 works out entries of Rekor 2 from the bundle and never reads the entry that is recorded; ours, as with cosign 2, must be of this signature';
export const PREHASHED = 'cosign signs with Ed25519ph, which it cannot verify; neither can we';

export const CASES: readonly Case[] = [
  // Every registry.
  ...PLACES.flatMap((place) => [
    accepted('bundle p256', key('p256'), { place }), refused('bundle p256', key('stranger'), { place }),
    accepted('bundle alice', alice(), { place }), refused('bundle alice', person('mallory@acme.test'), { place }),
    accepted('bundle provenance p256', attested(key('p256'), 'slsaprovenance1'), { place }),
    accepted('tags p256', key('p256', 'ignore'), { place }), refused('tags p256', key('stranger', 'ignore'), { place }),
    accepted('tags alice', alice(), { place }), refused('tags alice', person(ALICE, { issuer: 'workflows' }), { place }),
    accepted('tags provenance p256', attested(key('p256', 'ignore'), 'slsaprovenance1'), { place }),
  ]),
  // Kinds of keys.
  differing('bundle p384', key('p384'), { ours: 'accepted', why: CURVE }),
  accepted('bundle rsa', key('rsa')), refused('bundle rsa', key('p256')),
  differing('tags p384', key('p384', 'ignore'), { ours: 'accepted', why: CURVE }),
  accepted('tags rsa', key('rsa', 'ignore')), refused('tags rsa', key('p256', 'ignore')),
  { ...refused('bundle ed25519', key('ed25519')), why: PREHASHED, code: 'ed25519ph-unsupported' },
  { ...refused('tags ed25519', key('ed25519', 'ignore')), why: PREHASHED, code: 'ed25519ph-unsupported' },
  // Logs.
  refused('bundle p256, no log', key('p256')), accepted('bundle p256, no log', key('p256', 'ignore')),
  accepted('tags p256, log', key('p256')), refused('tags p256', key('p256')),
  accepted('tags alice, timestamp', alice('ignore')), refused('tags alice, timestamp', alice()),
  accepted('tags by cosign 3', key('p256', 'ignore')), refused('tags by cosign 3', key('p384', 'ignore')),
  // Identities.
  accepted('bundle workflow', workflow()), accepted('tags workflow', workflow()),
  refused('bundle workflow', person(WORKFLOW)), refused('bundle workflow', person(WORKFLOW.replace('main', 'other'), { issuer: 'workflows' })),
  refused('bundle alice', person('alice@acme.tes')), refused('bundle alice', person('Alice@acme.test')), refused('bundle alice', key('p256')), refused('bundle p256', alice()),
  accepted('bundle alice', person(/^alice@acme\.test$/, { issuer: /^http:\/\/127\.0\.0\.1:\d+\/people$/ })), refused('bundle alice', person(/^bob@.*$/)),
  accepted('tags alice', person(/^.*@acme\.test$/)), refused('tags alice', person(/^.*@evil\.test$/)),
  differing('bundle alice', person(/acme/), { ours: 'refused', why: UNANCHORED }), differing('tags alice', person(/acme/), { ours: 'refused', why: UNANCHORED }),
  // Attestations.
  refused('bundle provenance p256', attested(key('p256'), 'custom')), refused('bundle provenance p256', attested(key('stranger'), 'slsaprovenance1')),
  accepted('bundle custom alice', attested(alice(), 'custom')), refused('bundle custom alice', attested(person('mallory@acme.test'), 'custom')),
  accepted('tags custom alice', attested(alice(), 'custom')), refused('tags custom alice', attested(alice(), 'slsaprovenance1')),
  refused('bundle p256', attested(key('p256'), 'custom')), refused('tags provenance p256', key('p256', 'ignore')),
  differing('bundle provenance p256', key('p256'), { ours: 'refused', why: 'cosign takes the bundle of any attestation for a signature' }),
  // Tampering with bundles.
  ...(['bundle p256', 'bundle alice'] as const).flatMap((form) => {
    const right = form === 'bundle p256' ? key('p256') : alice();
    const wrong = ['moved to another artifact', 'the tag is moved to another artifact', 'the signature of the bundle is flipped', 'the statement is changed', 'the log entry is removed', 'the checkpoint is flipped'] as const;
    return [accepted(form, right, { tampering: 'nothing is changed' }), ...wrong.map((tampering) => refused(form, right, { tampering })), { ...differing(form, right, { ours: 'refused', why: REBUILT, tampering: 'the log entry is of something else' }), second: 'refused' } as const];
  }),
  refused('bundle alice', alice(), { tampering: 'the timestamp is removed' }),
  accepted('bundle p256', key('p256'), { tampering: 'another referrer comes first' }),
  differing('bundle p256', key('p256'), { place: 'paged', tampering: 'another referrer comes first', ours: 'accepted', why: 'cosign reads one page of referrers' }),
  refused('bundle provenance p256', attested(key('p256'), 'slsaprovenance1'), { tampering: 'moved to another artifact' }),
  refused('bundle custom alice', attested(alice(), 'custom'), { tampering: 'the statement is changed' }),
  // Tampering with tags.
  accepted('tags p256', key('p256', 'ignore'), { tampering: 'nothing is changed' }),
  ...(['moved to another artifact', 'the tag is moved to another artifact', 'the layer is changed', 'the signature annotation is flipped'] as const).flatMap((tampering) => [refused('tags p256', key('p256', 'ignore'), { tampering }), refused('tags alice', alice(), { tampering })]),
  ...(['the certificate annotation is removed', 'the bundle annotation is removed', 'the promise of the log is flipped', 'the time in the log is another'] as const).map((tampering) => refused('tags alice', alice(), { tampering })),
  refused('tags p256, log', key('p256'), { tampering: 'the bundle annotation is removed' }),
  refused('tags provenance p256', attested(key('p256', 'ignore'), 'slsaprovenance1'), { tampering: 'moved to another artifact' }),
  refused('tags provenance p256', attested(key('p256', 'ignore'), 'slsaprovenance1'), { tampering: 'the statement in the envelope is changed' }),
  refused('tags custom alice', attested(alice(), 'custom'), { tampering: 'the statement in the envelope is changed' }),
  differing('tags custom alice', attested(alice(), 'custom'), { tampering: 'the layer is changed', ours: 'accepted', why: 'cosign 2 compares the bytes of the envelope with the log; ours compares what is signed, which a space outside of it does not change' }),
];
