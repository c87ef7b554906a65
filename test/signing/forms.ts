/** How the real tools sign what lies in a registry, and how they verify it. */
import { run, mustRun, type Ended, type RunPlace, type SigningTool } from './tools.ts';
import type { KeyName, Workbench } from './workbench.ts';

/** Who and what is asked for. */
export interface Question {
  readonly who: { readonly key: KeyName } | { readonly subject: string | RegExp; readonly issuer: string | RegExp };
  readonly log: 'required' | 'ignore';
  /** Without: a signature is asked for. */
  readonly attestation?: 'slsaprovenance1' | 'custom';
}

type Signer = KeyName | 'alice' | 'workflow';

/** One way to sign. */
export interface Form {
  readonly tool: 'cosign' | 'cosign2';
  readonly signer: Signer;
  /** bundle: as cosign 3 does it, a referrer. tags: as cosign 2 does it. */
  readonly packing: 'bundle' | 'tags';
  /** rekor1 and rekor2 with a log entry; tsa: a timestamp alone; none: neither. */
  readonly time: 'rekor1' | 'rekor2' | 'tsa' | 'none';
  readonly attestation?: 'slsaprovenance1' | 'custom';
}

const PREDICATES = {
  slsaprovenance1: { buildDefinition: { buildType: 'https://acme.test/build/v1', externalParameters: { ref: 'main' }, internalParameters: {}, resolvedDependencies: [] }, runDetails: { builder: { id: 'https://acme.test/builder' }, metadata: { invocationId: '1' } } },
  custom: { reviewed: true },
};
/** What cosign calls them inside a statement. */
export const PREDICATE_TYPES = { slsaprovenance1: 'https://slsa.dev/provenance/v1', custom: 'https://cosign.sigstore.dev/attestation/v1' } as const;

export function isKeyless(signer: Signer): signer is 'alice' | 'workflow' {
  return signer === 'alice' || signer === 'workflow';
}

/** Signs a reference (with a digest) in one form. Throws when the tool fails. */
export async function signAs(bench: Workbench, form: Form, reference: string): Promise<void> {
  const { tool, attestation } = form;
  const verb = attestation ? ['attest', '--type', attestation, '--predicate', bench.write(`${attestation}.json`, JSON.stringify(PREDICATES[attestation]))] : ['sign'];
  await mustRun(tool, [...verb, ...withSigner(bench, form.signer), ...services(bench, form), '--yes', '--allow-http-registry', reference], placeOf(bench, form));
}

function withSigner(bench: Workbench, signer: Signer): string[] {
  return isKeyless(signer) ? ['--identity-token', bench.token(signer)] : ['--key', bench.key(signer).secret];
}

function services(bench: Workbench, { tool, packing, time, signer }: Form): string[] {
  const { urls, signingConfig } = bench.sigstore;
  if (packing === 'bundle') return ['--signing-config', time === 'none' ? bench.silentConfig : signingConfig];
  return [
    ...(tool === 'cosign' ? ['--new-bundle-format=false', '--use-signing-config=false'] : []),
    ...(isKeyless(signer) ? ['--fulcio-url', urls.fulcio] : []),
    ...(time === 'rekor1' ? ['--rekor-url', urls.rekor1] : ['--tlog-upload=false']),
    ...(time === 'tsa' ? ['--timestamp-server-url', urls.timestamps] : []),
  ];
}

/** What the tool that signed says to a question about a reference. */
export function theirVerdict(bench: Workbench, form: Form, { question, reference }: { readonly question: Question; readonly reference: string }): Promise<Ended> {
  const { attestation, log } = question;
  const verb = attestation ? ['verify-attestation', '--type', attestation] : ['verify'];
  // Each takes the packing of the other when it is told.
  const trust = form.packing === 'bundle' ? ['--trusted-root', bench.sigstore.trustedRoot, '--new-bundle-format'] : ['--new-bundle-format=false'];
  // A log that gives no times of its own: cosign 2 has to be told.
  const times = form.time === 'tsa' || (form.tool === 'cosign2' && form.time === 'rekor2' && isKeyless(form.signer)) ? ['--use-signed-timestamps'] : [];
  return run(form.tool, [...verb, ...asked(bench, question), ...trust, ...(log === 'ignore' ? ['--insecure-ignore-tlog'] : []), ...times, '--allow-http-registry', reference], placeOf(bench, form));
}

/** Flags of a question, for every verb of cosign. */
export function asked(bench: Workbench, { who }: Question): string[] {
  if ('key' in who) return ['--key', bench.key(who.key).open];
  return [...flag('--certificate-identity', who.subject), ...flag('--certificate-oidc-issuer', who.issuer)];
}

function flag(name: string, value: string | RegExp): string[] {
  return typeof value === 'string' ? [name, value] : [`${name}-regexp`, value.source];
}

/** cosign 2 and the old packing take trust from variables. */
export function placeOf(bench: Workbench, { packing }: { readonly packing: Form['packing'] }): RunPlace {
  return { cwd: bench.folder, environment: packing === 'tags' ? bench.sigstore.environment : {} };
}

export type { SigningTool };
