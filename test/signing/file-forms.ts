/** How the real tools sign files, and how they verify them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moduleBytes } from '../support/module.ts';
import { asked, isKeyless, placeOf, type Question } from './forms.ts';
import { mustRun, run, type Ended } from './tools.ts';
import type { KeyName, Workbench } from './workbench.ts';

export interface FileForm {
  readonly tool: 'cosign' | 'cosign2';
  readonly signer: KeyName | 'alice';
  readonly form: 'sigstore-bundle' | 'blob-bundle' | 'detached';
  /** Beside `app.wasm`. */
  readonly writes: string;
  readonly attestation?: 'custom';
}

const BUNDLE = { tool: 'cosign', form: 'sigstore-bundle', writes: 'app.wasm.sigstore.json' } as const;
const OLD = { tool: 'cosign2', form: 'blob-bundle', writes: 'app.wasm.bundle' } as const;
const DETACHED = { tool: 'cosign2', form: 'detached', writes: 'app.wasm.sig' } as const;

const ALL = {
  'bundle p256': { ...BUNDLE, signer: 'p256' }, 'bundle p384': { ...BUNDLE, signer: 'p384' }, 'bundle rsa': { ...BUNDLE, signer: 'rsa' }, 'bundle ed25519': { ...BUNDLE, signer: 'ed25519' },
  'bundle alice': { ...BUNDLE, signer: 'alice' }, 'attestation p256': { ...BUNDLE, signer: 'p256', attestation: 'custom' },
  'old bundle p256': { ...OLD, signer: 'p256' }, 'old bundle alice': { ...OLD, signer: 'alice' },
  'detached p256': { ...DETACHED, signer: 'p256' }, 'detached rsa': { ...DETACHED, signer: 'rsa' },
} as const satisfies Record<string, FileForm>;
export type FileFormName = keyof typeof ALL;
export const FILE_FORMS: Readonly<Record<FileFormName, FileForm>> = ALL;

/** Makes a folder with `app.wasm` and signs it in one form. Gives the folder; throws when the tool fails. */
export async function signFile(bench: Workbench, name: FileFormName): Promise<string> {
  const cwd = join(bench.folder, name.replaceAll(' ', '-'));
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'app.wasm'), moduleBytes());
  const form = FILE_FORMS[name];
  const verb = form.attestation ? ['attest-blob', '--type', form.attestation, '--predicate', bench.write('predicate.json', '{"reviewed":true}')] : ['sign-blob'];
  const signer = isKeyless(form.signer) ? ['--identity-token', bench.token(form.signer)] : ['--key', bench.key(form.signer).secret];
  await mustRun(form.tool, [...verb, ...signer, ...services(bench, form), '--yes', 'app.wasm'], { ...placeOf(bench, packing(form)), cwd });
  return cwd;
}

function services({ sigstore: { urls, signingConfig } }: Workbench, { form, writes }: FileForm): string[] {
  if (form === 'sigstore-bundle') return ['--signing-config', signingConfig, '--bundle', writes];
  if (form === 'detached') return ['--tlog-upload=false', '--output-signature', writes];
  return ['--fulcio-url', urls.fulcio, '--rekor-url', urls.rekor1, '--bundle', writes];
}

/** What the tool that signed says to a question about `app.wasm` in a folder. */
export function theirFileVerdict(bench: Workbench, form: FileForm, { question, cwd }: { readonly question: Question; readonly cwd: string }): Promise<Ended> {
  const verb = form.attestation ? ['verify-blob-attestation', '--type', form.attestation] : ['verify-blob'];
  const signature = form.form === 'detached' ? ['--signature', form.writes] : ['--bundle', form.writes];
  const trust = form.form === 'sigstore-bundle' ? ['--trusted-root', bench.sigstore.trustedRoot] : [];
  const log = question.log === 'ignore' ? ['--insecure-ignore-tlog'] : [];
  return run(form.tool, [...verb, ...signature, ...trust, ...asked(bench, question), ...log, 'app.wasm'], { ...placeOf(bench, packing(form)), cwd });
}

function packing({ form }: FileForm): { readonly packing: 'bundle' | 'tags' } {
  return { packing: form === 'sigstore-bundle' ? 'bundle' : 'tags' };
}
