/** wasmgate's side of the comparison: the same question as a policy, answered by the library as `verify` asks it. */
import type { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openRegistryClient } from '../../scanner/artifact/oci/client.ts';
import type { PolicyDocument } from '../../scanner/policy/document.generated.ts';
import { attestationDemands, signatureDemand } from '../../scanner/policy/signature-policy.ts';
import { signatureFaults } from '../../scanner/policy/signature-demands.ts';
import type { Provenance } from '../../scanner/provenance.ts';
import { resolveAuthorities } from '../../scanner/signature/authorities.ts';
import { collectBeside } from '../../scanner/signature/collect-files.ts';
import { collectFromRegistry } from '../../scanner/signature/collect-registry.ts';
import { signedBytes } from '../../scanner/signature/convert-evidence.ts';
import { decide } from '../../scanner/signature/decide.ts';
import type { Candidate, SignedThing } from '../../scanner/signature/subject.ts';
import { readTrustRoot } from '../../scanner/signature/trust-root.ts';
import { verifyCandidate } from '../../scanner/signature/verify-candidate.ts';
import { registryOptions } from '../support/registry-options.ts';
import { runHere } from '../support/run-here.ts';
import { PREDICATE_TYPES, type Question } from './forms.ts';
import type { NotaryQuestion } from './notary.ts';

type Spec = PolicyDocument['spec'];
type Authority = NonNullable<NonNullable<Spec['signatures']>['authorities']>[number];

/** Material by the names under which policies here refer to it. */
export interface Material {
  /** Text of trusted_root.json. */
  readonly trustedRoot: string;
  /** PEM of public keys. */
  readonly keys: (name: string) => string;
  /** PEM of certificates of Notary Project. */
  readonly certificates?: Readonly<Record<string, string>>;
}

export interface Ours {
  readonly accepted: boolean;
  readonly provenance: Provenance;
}

/** A question as the policy that asks it. */
export function policyOf(question: Question, { trustedRoot, keys }: Material): Spec {
  const { who, log, attestation } = question;
  const authority: Authority = 'key' in who
    ? { name: 'asked', key: { data: keys(who.key), transparencyLog: log, trustRootRef: 'private' } }
    : { name: 'asked', keyless: { trustRootRef: 'private', transparencyLog: log, identities: [{ ...matcher('subject', who.subject), ...matcher('issuer', who.issuer) }] } };
  const signatures: Spec['signatures'] = { trustRoots: [{ name: 'private', data: trustedRoot }], authorities: [authority] };
  return { signatures, ...(attestation ? { attestations: [{ type: PREDICATE_TYPES[attestation], authorities: ['asked'] }] } : {}) };
}

function matcher(name: 'subject' | 'issuer', value: string | RegExp): object {
  return typeof value === 'string' ? { [name]: value } : { [`${name}Pattern`]: value.source };
}

/** The same for Notary Project. */
export function notaryPolicyOf({ authority, identity }: NotaryQuestion, { certificates = {} }: Material): Spec {
  const named = Object.entries(certificates).map(([name, data]) => ({ name, data }));
  return { signatures: { certificates: named, authorities: [{ name: 'asked', notation: { caRef: authority, tsaRef: 'times', identities: [identity] } }] } };
}

/** What wasmgate says of a reference in a registry: by the library, and by the command, which must not differ. */
export async function ourVerdict(spec: Spec, { host, reference, flags, folder }: InRegistry): Promise<Ours> {
  const client = openRegistryClient(registryOptions([{ host }]));
  try {
    const { root } = await client.open(reference);
    const about: SignedThing = { ...signedBytes(root.bytes), kind: 'manifest', mediaType: root.mediaType };
    const repository = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
    const ours = judged(spec, await collectFromRegistry({ client, repository, manifests: [about] }));
    const access = ['--insecure-registry', host, '--allow-host', host];
    return agreed(ours, await commandVerdict(['verify', `oci://${reference}`, ...access, ...flags ?? policyFlags(spec, folder)], folder));
  } finally {
    await client.close();
  }
}

/** What wasmgate says of a file with what stands beside it. */
export async function ourFileVerdict(spec: Spec, { path, flags, folder }: OnDisk): Promise<Ours> {
  const ours = judged(spec, await collectBeside(path, signedBytes(readFileSync(path))));
  return agreed(ours, await commandVerdict(['verify', path, ...flags], folder));
}

export interface InRegistry {
  readonly host: string;
  readonly reference: string;
  /** The question as flags of `wasmgate verify`; left out: it is asked with the policy. */
  readonly flags?: readonly string[];
  /** Where files may be written. */
  readonly folder: string;
}

export interface OnDisk { readonly path: string; readonly flags: readonly string[]; readonly folder: string }

/** Flags of `wasmgate verify` for a question. `--trusted-root` is given even where no log is asked for, as people do. */
export function flagsOf(question: Question, { keyFile, trustedRoot }: { readonly keyFile: (name: string) => string; readonly trustedRoot: string }): string[] {
  const { who, log, attestation } = question;
  const flag = (name: string, value: string | RegExp) => (typeof value === 'string' ? [name, value] : [`${name}-regexp`, value.source]);
  const asked = 'key' in who ? ['--key', keyFile(who.key)] : [...flag('--certificate-identity', who.subject), ...flag('--certificate-oidc-issuer', who.issuer)];
  return [...asked, '--trusted-root', trustedRoot, ...(attestation ? ['--type', attestation] : []), ...(log === 'ignore' ? ['--insecure-ignore-tlog'] : [])];
}

function policyFlags(spec: Spec, folder: string): string[] {
  const path = join(folder, 'asked.policy.yaml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify({ apiVersion: 'wasmgate.dev/v1alpha1', kind: 'WasmPolicy', metadata: { name: 'asked' }, spec }));
  return ['--policy', path];
}

async function commandVerdict(args: readonly string[], cwd: string): Promise<{ readonly accepted: boolean; readonly said: string }> {
  const { code, stdout, stderr } = await runHere([...args, '--format', 'json'], { cwd, now: new Date(), env: { XDG_CACHE_HOME: cwd } });
  if (code > 1) throw new Error(`wasmgate ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return { accepted: code === 0, said: stdout };
}

function agreed(ours: Ours, command: { readonly accepted: boolean; readonly said: string }): Ours {
  if (ours.accepted === command.accepted) return ours;
  throw new Error(`The library ${ours.accepted ? 'accepts' : 'refuses'} and the command does not: ${JSON.stringify(ours.provenance, null, 1)}\n${command.said}`);
}

/** The answer of a policy about candidates. Throws where the policy has a fault. */
export function judged(spec: Spec, candidates: readonly Candidate[], now: Date = new Date()): Ours {
  const demand = signatureDemand(spec);
  const { authorities, faults } = resolveAuthorities(demand!, {
    file: (path) => { throw new Error(`${basename(path)} in ${dirname(path)}: policies here hold everything themselves`); },
    roots: { publicGood: () => { throw new Error('The public trust root has no place here'); }, read: (content, name) => readTrustRoot(Buffer.from(content).toString(), name) },
  });
  const wrong = [...signatureFaults(spec).map(({ message }) => message), ...faults.map(({ message }) => message)];
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  const evidence = candidates.flatMap((candidate) => verifyCandidate(candidate, authorities, now));
  const provenance = decide({ evidence, demand, attestations: attestationDemands(spec), roots: [] });
  const accepted = spec.attestations ? provenance.attestations.every(({ status }) => status === 'satisfied') : provenance.status === 'trusted';
  return { accepted, provenance };
}

/** PEM of a certificate. */
export function certificatePem(certificate: X509Certificate): string {
  return certificate.toString();
}
