/** Makes the signatures under test/fixtures/signing anew: `node test/signing/record.ts`. Needs the tools of build-tools.sh. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pushTo } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { moduleBytes } from '../support/module.ts';
import { FORMS, type FormName } from './cases.ts';
import { FILE_FORMS, signFile, type FileFormName } from './file-forms.ts';
import { isKeyless, signAs, type Question } from './forms.ts';
import { NOTARY_IDENTITY, openNotary, type NotaryForm } from './notary.ts';
import { RECORDINGS, type Annotated, type Recording, type RecordingIndex } from './recording.ts';
import { getBlob, getManifest, referrersOf, type Remote } from './remote.ts';
import { tagOf } from './tampering.ts';
import { ALICE, WORKFLOW, openWorkbench, type KeyName, type Workbench } from './workbench.ts';

const APP = wasmArtifact(moduleBytes());
const BUNDLES: readonly FormName[] = ['bundle p256', 'bundle p384', 'bundle rsa', 'bundle p256, no log', 'bundle alice', 'bundle workflow', 'bundle provenance p256', 'bundle custom alice'];
const TAGS: readonly FormName[] = ['tags p256', 'tags p256, log', 'tags p384', 'tags rsa', 'tags alice', 'tags alice, timestamp', 'tags provenance p256', 'tags custom alice'];
const FILES: readonly FileFormName[] = ['bundle p256', 'bundle alice', 'attestation p256', 'old bundle p256', 'old bundle alice', 'detached p256'];
const NOTARY: readonly NotaryForm[] = (['jws', 'cose'] as const).flatMap((format) => [{ format, key: 'rsa', timestamp: 'without' }, { format, key: 'p384', timestamp: 'with' }]);

const registry = await startRegistry();
const bench = await openWorkbench();
try {
  rmSync(RECORDINGS, { recursive: true, force: true });
  mkdirSync(RECORDINGS, { recursive: true });
  const recordings = [...await inRegistry(bench, registry), ...await inFiles(bench), ...await byNotation(bench, registry)];
  keep('app.wasm', moduleBytes());
  keep('app.manifest.json', APP.bytes);
  keep('trusted_root.json', readFileSync(bench.sigstore.trustedRoot));
  for (const name of ['p256', 'p384', 'rsa', 'stranger'] as KeyName[]) keep(`${name}.pub`, bench.key(name).pem);
  const index: RecordingIndex = { at: new Date().toISOString(), recordings };
  keep('index.json', `${JSON.stringify(index, null, 1)}\n`);
} finally {
  await bench.close();
  await registry.close();
}

function keep(name: string, content: string | Uint8Array): void {
  writeFileSync(join(RECORDINGS, name), content);
}

function fileName(prefix: string, name: string, suffix: string): string {
  return `${prefix}-${name.replaceAll(/[^a-z0-9]+/g, '-')}${suffix}`;
}

function questionOf({ sigstore }: Workbench, { signer, log, attestation }: { readonly signer: KeyName | 'alice' | 'workflow'; readonly log: Question['log']; readonly attestation?: Question['attestation'] }): Question {
  const who = !isKeyless(signer) ? { key: signer } : signer === 'alice' ? { subject: ALICE, issuer: sigstore.issuer('people') } : { subject: WORKFLOW, issuer: sigstore.issuer('workflows') };
  return { who, log, ...(attestation ? { attestation } : {}) };
}

async function inRegistry(bench: Workbench, { host, url }: TestRegistry): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const name of [...BUNDLES, ...TAGS]) {
    const form = FORMS[name];
    const remote: Remote = { url, repository: fileName('signed', name, '') };
    await pushTo({ url }, remote.repository, 'v1', APP);
    await signAs(bench, form, `${host}/${remote.repository}@${APP.digest}`);
    const attestation = 'attestation' in form ? form.attestation : undefined;
    const question = questionOf(bench, { signer: form.signer, log: form.time.startsWith('rekor') ? 'required' : 'ignore', attestation });
    const file = fileName('registry', name, '.json');
    if (form.packing === 'bundle') keep(file, await bundleIn(remote));
    else keep(file, `${JSON.stringify(await layerIn(remote, attestation ? 'att' : 'sig'), null, 1)}\n`);
    recordings.push({ name: `registry ${name}`, file, form: form.packing === 'bundle' ? 'sigstore-bundle' : attestation ? 'cosign-attestation' : 'cosign-signature', about: 'app.manifest.json', question });
  }
  return recordings;
}

async function bundleIn(remote: Remote): Promise<Buffer> {
  const [digest] = await referrersOf(remote, APP.digest);
  return getBlob(remote, (await getManifest(remote, digest!)).layers[0]!.digest);
}

async function layerIn(remote: Remote, suffix: 'sig' | 'att'): Promise<Annotated> {
  const [layer] = (await getManifest(remote, tagOf(APP.digest, suffix))).layers;
  return { content: (await getBlob(remote, layer!.digest)).toString('base64'), annotations: layer!.annotations ?? {} };
}

async function inFiles(bench: Workbench): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const name of FILES) {
    const form = FILE_FORMS[name];
    const folder = await signFile(bench, name);
    const file = fileName('file', name, form.form === 'detached' ? '.sig' : '.json');
    keep(file, readFileSync(join(folder, form.writes)));
    const question = questionOf(bench, { signer: form.signer, log: form.form === 'detached' ? 'ignore' : 'required', attestation: form.attestation });
    recordings.push({ name: `file ${name}`, file, form: form.form, about: 'app.wasm', question });
  }
  return recordings;
}

async function byNotation(bench: Workbench, { host, url }: TestRegistry): Promise<Recording[]> {
  const notary = openNotary(bench);
  keep('notary-acme.pem', notary.authorities.acme.toString());
  keep('notary-other.pem', notary.authorities.other.toString());
  keep('notary-times.pem', notary.timestampAuthority.toString());
  const recordings: Recording[] = [];
  for (const form of NOTARY) {
    const name = Object.values(form).join(' ');
    const remote: Remote = { url, repository: fileName('notary', name, '') };
    await pushTo({ url }, remote.repository, 'v1', APP);
    await notary.sign(form, `${host}/${remote.repository}@${APP.digest}`);
    const file = fileName('notary', name, `.${form.format}`);
    keep(file, await bundleIn(remote));
    recordings.push({ name: `notation ${name} timestamp`, file, form: `notation-${form.format}`, about: 'app.manifest.json', question: { authority: 'acme', identity: NOTARY_IDENTITY } });
  }
  return recordings;
}
