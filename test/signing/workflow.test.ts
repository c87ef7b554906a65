import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushTo } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { moduleBytes } from '../support/module.ts';
import { FORMS, type Verdict } from './cases.ts';
import { placeOf, signAs } from './forms.ts';
import { ourVerdict } from './ours.ts';
import { haveSigningTools, run } from './tools.ts';
import { openWorkbench, WORKFLOW, type Workbench } from './workbench.ts';

const APP = wasmArtifact(moduleBytes());

/** One condition on the run of a workflow, as a policy and as cosign words it. */
interface Case {
  readonly name: string;
  readonly identity: { readonly subject?: string; readonly subjectPrefix?: string; readonly subjectPattern?: string; readonly extensions?: Readonly<Record<string, string>> };
  /** cosign has no prefixes: a pattern that means the same. */
  readonly flags: readonly string[];
  readonly ours: Verdict;
}

const exact = ['--certificate-identity', WORKFLOW];
const extended = (name: string, extensions: Record<string, string>, flags: readonly string[], ours: Verdict): Case => ({ name, identity: { subject: WORKFLOW, extensions }, flags: [...exact, ...flags], ours });
const REPOSITORY = 'https://github.com/acme/app';

const CASES: readonly Case[] = [
  extended('the repository', { sourceRepositoryURI: REPOSITORY }, ['--certificate-github-workflow-repository', 'acme/app'], 'accepted'),
  extended('another repository', { sourceRepositoryURI: `${REPOSITORY}s` }, ['--certificate-github-workflow-repository', 'acme/apps'], 'refused'),
  extended('the trigger', { buildTrigger: 'push' }, ['--certificate-github-workflow-trigger', 'push'], 'accepted'),
  extended('another trigger', { buildTrigger: 'pull_request' }, ['--certificate-github-workflow-trigger', 'pull_request'], 'refused'),
  extended('the branch', { sourceRepositoryRef: 'refs/heads/main' }, ['--certificate-github-workflow-ref', 'refs/heads/main'], 'accepted'),
  extended('another branch', { sourceRepositoryRef: 'refs/heads/mai' }, ['--certificate-github-workflow-ref', 'refs/heads/mai'], 'refused'),
  { name: 'a folder of workflows', identity: { subjectPrefix: `${REPOSITORY}/` }, flags: ['--certificate-identity-regexp', `^${REPOSITORY}/`], ours: 'accepted' },
  { name: 'a folder whose name goes on', identity: { subjectPrefix: 'https://github.com/acme/ap/' }, flags: ['--certificate-identity-regexp', '^https://github.com/acme/ap/'], ours: 'refused' },
  { name: 'a pattern for every branch', identity: { subjectPattern: 'https://github\\.com/acme/app/\\.github/workflows/release\\.yml@refs/heads/.+' }, flags: ['--certificate-identity-regexp', '^https://github\\.com/acme/app/\\.github/workflows/release\\.yml@refs/heads/.+$'], ours: 'accepted' },
  { name: 'a pattern for tags', identity: { subjectPattern: 'https://github\\.com/acme/app/\\.github/workflows/release\\.yml@refs/tags/.+' }, flags: ['--certificate-identity-regexp', '^https://github\\.com/acme/app/\\.github/workflows/release\\.yml@refs/tags/.+$'], ours: 'refused' },
];

const SIGNED = ['bundle workflow', 'tags workflow'] as const;

describe.skipIf(!haveSigningTools()).each(SIGNED)('%s, conditions on the run', (name) => {
  let bench: Workbench;
  let registry: TestRegistry;
  let reference: string;
  beforeAll(async () => {
    registry = await startRegistry();
    bench = await openWorkbench();
    reference = `${registry.host}/signed/app`;
    await pushTo(registry, 'signed/app', 'v1', APP);
    await signAs(bench, FORMS[name], `${reference}@${APP.digest}`);
  });
  afterAll(async () => {
    await bench?.close();
    await registry?.close();
  });

  test.for(CASES)('$name: $ours', async ({ identity, flags, ours }) => {
    const form = FORMS[name];
    const issuer = bench.sigstore.issuer('workflows');
    const trust = form.packing === 'bundle' ? ['--trusted-root', bench.sigstore.trustedRoot] : [];
    const said = await run(form.tool, ['verify', ...flags, '--certificate-oidc-issuer', issuer, ...trust, '--allow-http-registry', `${reference}:v1`], placeOf(bench, form));
    const spec = { signatures: { trustRoots: [{ name: 'private', data: readFileSync(bench.sigstore.trustedRoot, 'utf8') }], authorities: [{ name: 'asked', keyless: { trustRootRef: 'private', identities: [{ ...identity, issuer }] } }] } };
    const { accepted, provenance } = await ourVerdict(spec, { host: registry.host, reference: `${reference}:v1`, folder: bench.folder });
    expect({ ours: accepted ? 'accepted' : 'refused', theirs: said.code === 0 ? 'accepted' : 'refused' }, `${said.output.slice(-600)}\n${JSON.stringify(provenance, null, 1)}`).toEqual({ ours, theirs: ours });
    expect(provenance.signatures.map((one) => one.code)).toEqual([ours === 'accepted' ? 'ok' : 'identity-mismatch']);
  });
});
