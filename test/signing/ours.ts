/** wasmgate's side of the comparison: the same question as a policy, answered by the library as `verify` asks it. */
import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
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

/** What wasmgate says of a reference in a registry. */
export async function ourVerdict(spec: Spec, { host, reference }: { readonly host: string; readonly reference: string }): Promise<Ours> {
  const client = openRegistryClient(registryOptions([{ host }]));
  try {
    const { root } = await client.open(reference);
    const about: SignedThing = { ...signedBytes(root.bytes), kind: 'manifest', mediaType: root.mediaType };
    const repository = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
    return judged(spec, await collectFromRegistry({ client, repository, manifests: [about] }));
  } finally {
    await client.close();
  }
}

/** What wasmgate says of a file with what stands beside it. */
export async function ourFileVerdict(spec: Spec, path: string): Promise<Ours> {
  return judged(spec, await collectBeside(path, signedBytes(readFileSync(path))));
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
