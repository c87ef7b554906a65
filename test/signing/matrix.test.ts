import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moduleBytes } from '../support/module.ts';
import { haveTool, startDistribution, type RunningRegistry } from '../support/registry-tools.ts';
import { EMPTY, pack, part, pushTo } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry } from '../registry/server.ts';
import { CASES, FORMS, TAMPERINGS, type Case, type FormName, type Place, type Verdict } from './cases.ts';
import { signAs, theirVerdict } from './forms.ts';
import { flagsOf, ourVerdict, policyOf, type Material } from './ours.ts';
import { transplant } from './tampering.ts';
import { haveSigningTools, type Ended } from './tools.ts';
import { openWorkbench, type KeyName, type Workbench } from './workbench.ts';
import { readFileSync } from 'node:fs';

const APP = wasmArtifact(moduleBytes());
/** Refers to the artifact and is no signature. */
const UNRELATED = pack({ config: EMPTY, artifactType: 'application/vnd.acme.note', layers: [part('text/plain', 'a note')], subject: APP });
const OTHER = wasmArtifact(moduleBytes({ customs: [{ name: 'other', payload: [1] }] }));

/** What cosign signs, wasmgate judges as cosign does; where it does not, the reason is in the case. */
describe.skipIf(!haveSigningTools())('signed by cosign', () => {
  let bench: Workbench;
  let material: Material;
  const registries = new Map<Place, RunningRegistry>();
  const signed = new Map<string, Promise<string>>();

  beforeAll(async () => {
    registries.set('api', await startRegistry());
    registries.set('paged', await startRegistry({ pageSize: 1 }));
    registries.set('none', await startRegistry({ referrers: 'none' }));
    if (haveTool('docker-registry')) registries.set('distribution', await startDistribution());
    bench = await openWorkbench();
    material = { trustedRoot: readFileSync(bench.sigstore.trustedRoot, 'utf8'), keys: (name) => bench.key(name as KeyName).pem };
  });
  afterAll(async () => {
    await bench?.close();
    for (const registry of registries.values()) await registry.close();
  });

  /** The repository that holds the artifact signed in a form; made once for each registry. */
  function repositoryOf(form: FormName, place: Place): Promise<string> {
    const repository = `signed/${form.replaceAll(/[^a-z0-9]+/g, '-')}`;
    const made = signed.get(`${place} ${form}`) ?? (async () => {
      await pushTo(registries.get(place)!, repository, 'v1', APP);
      await signAs(bench, FORMS[form], `${registries.get(place)!.host}/${repository}@${APP.digest}`);
      return repository;
    })();
    signed.set(`${place} ${form}`, made);
    return made;
  }

  /** The repository to ask about: the signed one, or a changed copy. */
  async function prepared({ form, place, tampering }: Case, index: number): Promise<string> {
    const repository = await repositoryOf(form, place);
    if (tampering === null) return repository;
    const { change, next } = TAMPERINGS[tampering];
    const { url } = registries.get(place)!;
    const copy = `changed/${index}`;
    if (next === 'behind another') await pushTo({ url }, copy, null, UNRELATED);
    await transplant({ from: { url, repository }, to: { url, repository: copy }, signed: APP, placed: next === 'elsewhere' ? OTHER : APP, change });
    if (next === 'tag moved') await pushTo({ url }, copy, 'v1', OTHER);
    return copy;
  }

  test('every disagreement is explained', () => {
    expect(CASES.filter(({ ours, theirs, why }) => ours !== theirs && why === null)).toEqual([]);
  });

  const rows = CASES.map((one, index) => ({ ...one, index, name: `${one.form} in ${one.place}, asked for ${one.question}${one.tampering ? `, ${one.tampering}` : ''}: ${one.ours}${one.theirs === one.ours ? '' : `, ${one.theirs} by cosign`}` }));

  test.for(rows)('$name', async (row, { skip }) => {
    const registry = registries.get(row.place);
    if (registry === undefined) {
      skip();
      return;
    }
    const reference = `${registry.host}/${await prepared(row, row.index)}:v1`;
    const { people, workflows } = { people: bench.sigstore.issuer('people'), workflows: bench.sigstore.issuer('workflows') };
    const question = row.asked({ people, workflows });
    const theirs = await theirVerdict(bench, FORMS[row.form], { question, reference });
    const second = await theirVerdict(bench, { ...FORMS[row.form], tool: FORMS[row.form].tool === 'cosign' ? 'cosign2' : 'cosign' }, { question, reference });
    const { accepted, provenance } = await ourVerdict(policyOf(question, material), { host: registry.host, reference, folder: bench.folder, flags: flagsOf(question, { keyFile: (name) => bench.key(name as KeyName).open, trustedRoot: bench.sigstore.trustedRoot }) });
    expect({ ours: accepted ? 'accepted' : 'refused', theirs: verdictOf(theirs), second: verdictOf(second) }, `${theirs.output.slice(-600)}\n${second.output.slice(-600)}\n${JSON.stringify(provenance, null, 1)}`).toEqual({ ours: row.ours, theirs: row.theirs, second: row.second ?? row.theirs });
    if (row.code !== undefined) expect(provenance.signatures.map((one) => one.code)).toEqual([row.code]);
  });
});

function verdictOf({ code }: Ended): Verdict {
  return code === 0 ? 'accepted' : 'refused';
}
