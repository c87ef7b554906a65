import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packIndex, pushTo } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { digestOf } from '../registry/store.ts';
import { moduleBytes } from '../support/module.ts';
import { runHere } from '../support/run-here.ts';
import { FORMS } from './cases.ts';
import { signAs, theirVerdict, type Question } from './forms.ts';
import { haveSigningTools } from './tools.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const APP = wasmArtifact(moduleBytes());
/** Of one case alone: bytes that were fetched and found right once are kept. */
const REPLACED = moduleBytes({ customs: [{ name: 'first', payload: [1] }] });
const REPLACED_APP = wasmArtifact(REPLACED);
const INDEX = packIndex([{ packed: APP, platform: { os: 'wasip1', architecture: 'wasm' } }]);
const ASKED: Question = { who: { key: 'p256' }, log: 'required' };

interface Case {
  readonly name: string;
  readonly signed: string;
  readonly asked: string;
  readonly bytes?: 'replaced';
  /** Exit codes: 0 trusted, 1 refused, 3 not to be judged. */
  readonly ours: 0 | 1 | 3;
  readonly theirs: 'accepted' | 'refused';
  readonly why?: string;
}

const CASES: readonly Case[] = [
  { name: 'the index is signed and asked for', signed: INDEX.digest, asked: ':v1', ours: 0, theirs: 'accepted' },
  { name: 'the index is signed, its manifest is asked for', signed: INDEX.digest, asked: `@${APP.digest}`, ours: 1, theirs: 'refused' },
  { name: 'the manifest is signed and asked for', signed: APP.digest, asked: `@${APP.digest}`, ours: 0, theirs: 'accepted' },
  { name: 'the manifest is signed, the index is asked for', signed: APP.digest, asked: ':v1', ours: 0, theirs: 'refused', why: 'wasmgate judges the module, and the manifest that names it is signed; cosign asks for a signature of the index' },
  { name: 'the manifest is signed, other bytes are served for the module', signed: REPLACED_APP.digest, asked: `@${REPLACED_APP.digest}`, bytes: 'replaced', ours: 3, theirs: 'accepted', why: 'cosign never fetches what the manifest names' },
];

/** A signature names a manifest; what runs is a module: the whole way between them counts. */
describe.skipIf(!haveSigningTools())('what cosign signed and what is judged', () => {
  let bench: Workbench;
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
    bench = await openWorkbench();
  });
  afterAll(async () => {
    await bench?.close();
    await registry?.close();
  });

  test.for(CASES.map((one, index) => ({ ...one, index })))('$name', async ({ signed, asked, bytes, index, ours, theirs }) => {
    const repository = `${registry.host}/whole/${index}`;
    await pushTo(registry, `whole/${index}`, 'v1', INDEX);
    await pushTo(registry, `whole/${index}`, 'replaced', REPLACED_APP);
    await signAs(bench, FORMS['bundle p256'], `${repository}@${signed}`);
    if (bytes === 'replaced') registry.forge(`whole/${index}`, digestOf(REPLACED), moduleBytes({ customs: [{ name: 'other', payload: [1] }] }));
    const said = await theirVerdict(bench, FORMS['bundle p256'], { question: ASKED, reference: repository + asked });
    const flags = ['--key', bench.key('p256').open, '--trusted-root', bench.sigstore.trustedRoot, '--insecure-registry', registry.host, '--allow-host', registry.host];
    const { code, stdout, stderr } = await runHere(['verify', `oci://${repository}${asked}`, ...flags, '--format', 'json'], { cwd: bench.folder, now: new Date(), env: { XDG_CACHE_HOME: bench.folder } });
    expect({ ours: code, theirs: said.code === 0 ? 'accepted' : 'refused' }, said.output.slice(-600) + stdout + stderr).toEqual({ ours, theirs });
  });
});
