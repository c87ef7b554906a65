import { sha256 } from '../../engine/hash.ts';
import { COMPILE_OPTIONS } from '../../engine/policies.ts';
import { normalForm } from '../../scanner/policy/build.ts';
import { compilePolicy } from '../../scanner/policy/compile.ts';
import type { PolicyDocument } from '../../scanner/policy/document.generated.ts';
import type { Policy } from '../../scanner/policy/policy.ts';
import type { SignatureDemand, SourceDemand } from '../../scanner/signature-demand.ts';
import type { AuthoritySources } from '../../scanner/signature/authorities.ts';
import type { PolicyMaterial } from '../judging.ts';
import { sourceKey } from '../source-key.ts';
import type { UsablePolicy } from './in-force.ts';

/** Reads a key, a certificate or a trust root that a policy names. Throws with what keeps it from being read. */
export type ReadMaterial = (source: SourceDemand) => Promise<Uint8Array>;

/** A document ready to judge with, or why it is not: its own mistakes, or what it names and cannot be had. */
export type CompileOutcome = { readonly usable: UsablePolicy } | { readonly stage: 'compile' | 'resolve'; readonly faults: readonly string[] };

/**
 * Compiles a document that has no fault and reads everything its authorities are made of, so that a thread can verify with it as well.
 * `name`: as reports call it. Never throws.
 */
export async function compileDocument(document: PolicyDocument, name: string, read: ReadMaterial): Promise<CompileOutcome> {
  let policy: Policy;
  try {
    policy = { ...compilePolicy(document, COMPILE_OPTIONS), name };
  } catch (error) {
    return { stage: 'compile', faults: [words(error)] };
  }
  if (policy.signatures === null) return { usable: { policy: { ...policy, material: policy.attestations.length === 0 ? null : materialOf(document, {}) }, document } };
  const { sources, problems } = await readAll(policy.signatures, read);
  const faults = await authorityFaults(policy.signatures, sources, problems);
  return faults.length > 0 ? { stage: 'resolve', faults } : { usable: { policy: { ...policy, material: materialOf(document, sources) }, document } };
}

/** Whether a usable policy is made of something that may change without the policy. */
export function namesMaterial({ policy }: UsablePolicy): boolean {
  return policy.signatures !== null && sourcesOf(policy.signatures).length > 0;
}

/** Everything outside the document that its authorities are made of. */
function sourcesOf({ authorities, trustRoots, certificates }: SignatureDemand): readonly SourceDemand[] {
  const own = authorities.flatMap((authority): readonly SourceDemand[] => {
    if (authority.kind === 'key' || authority.kind === 'wasmSignature') return authority.keys.map(({ source }) => source);
    return authority.kind === 'certificate' ? authority.roots : [];
  });
  return [...own, ...[...trustRoots, ...certificates].map(({ source }) => source)].filter(({ from }) => from !== 'data');
}

interface ReadSources {
  readonly sources: Readonly<Record<string, Uint8Array>>;
  /** Why a source could not be read, by key. */
  readonly problems: ReadonlyMap<string, string>;
}

async function readAll(demand: SignatureDemand, read: ReadMaterial): Promise<ReadSources> {
  const sources: Record<string, Uint8Array> = {};
  const problems = new Map<string, string>();
  for (const [key, source] of new Map(sourcesOf(demand).map((one) => [sourceKey(one), one] as const))) {
    try {
      sources[key] = await read(source);
    } catch (error) {
      problems.set(key, words(error));
    }
  }
  return { sources, problems };
}

/** What keeps authorities from being used, one sentence each. The libraries are loaded where a policy asks for signatures, and only there. */
async function authorityFaults(demand: SignatureDemand, sources: ReadSources['sources'], problems: ReadSources['problems']): Promise<readonly string[]> {
  const [{ resolveAuthorities }, { publicGoodRoot, readTrustRoot }] = await Promise.all([import('../../scanner/signature/authorities.ts'), import('../../scanner/signature/trust-root.ts')]);
  const given = (source: SourceDemand): Uint8Array => {
    const bytes = sources[sourceKey(source)];
    if (bytes === undefined) throw new Error(problems.get(sourceKey(source)) ?? 'It has not been read');
    return bytes;
  };
  const lent: AuthoritySources = {
    file: (path) => given({ from: 'file', path }),
    object: ({ kind, ...reference }) => given({ from: kind, ...reference }),
    roots: { publicGood: publicGoodRoot, read: (content, name) => readTrustRoot(new TextDecoder('utf-8', { fatal: true }).decode(content), name) },
  };
  return resolveAuthorities(demand, lent).faults.map(({ authority, message }) => `Authority ${authority}: ${message}`);
}

function materialOf(document: PolicyDocument, sources: ReadSources['sources']): PolicyMaterial {
  const digests = Object.entries(sources).map(([key, bytes]) => [key, sha256(Buffer.from(bytes).toString('base64'))]);
  return { id: sha256(normalForm({ document, sources: Object.fromEntries(digests) })), document, sources };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}
