import { words } from '../scanner/words.ts';
import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Artifact } from '../scanner/artifact.ts';
import { readFile } from '../scanner/artifact/read-file.ts';
import type { RegistryClient } from '../scanner/artifact/oci/registry.ts';
import type { Provenance } from '../scanner/provenance.ts';
import type { AttestationDemand, SignatureDemand } from '../scanner/signature-demand.ts';
import { faultText, resolveAuthorities, usedTrustRoots } from '../scanner/signature/authorities.ts';
import type { Authority } from '../scanner/signature/authority.ts';
import type { MaterialSources } from '../scanner/signature/material.ts';
import { collectBeside } from '../scanner/signature/collect-files.ts';
import { collectFromRegistry } from '../scanner/signature/collect-registry.ts';
import { decide } from '../scanner/signature/decide.ts';
import type { Candidate, SignedThing } from '../scanner/signature/subject.ts';
import { createEvidenceCache, type EvidenceCache } from '../scanner/signature/evidence-cache.ts';
import { publicGoodRoot, readTrustRoot } from '../scanner/signature/trust-root.ts';
import { verifyCandidate } from '../scanner/signature/verify-candidate.ts';
import { hasWasmSection } from '../scanner/signature/wasm-section.ts';
import { hasWasmcloudClaims } from '../scanner/signature/wasmcloud.ts';
import { UsageError } from './usage-error.ts';
import { engineVersion } from './version.ts';

/** What one policy, or the flags of a command, ask of signatures. */
export interface Question {
  /** For messages. */
  readonly name: string;
  readonly demand: SignatureDemand | null;
  readonly attestations: readonly AttestationDemand[];
  /** Folder that files of the demand are relative to. */
  readonly folder: string;
}

/** What asking needs of the outside. */
export interface Surroundings {
  readonly registry: (() => Promise<RegistryClient>) | null;
  readonly cwd: string;
  readonly now: Date;
}

/** Answers every question about one artifact; `given`: signatures that the user named beside those that are found. */
export type Establish = (artifact: Artifact, given?: (about: SignedThing) => readonly Candidate[]) => Promise<readonly Provenance[]>;

/** A question whose keys, certificates and trust roots have been read. */
export interface ReadyQuestion extends Question {
  /** Kept as they are for the whole run: evidence is remembered by them. */
  readonly authorities: readonly Authority[];
}

/** One run is too short for a certificate to run out unnoticed. */
const EVIDENCE = { ttl: 3_600_000, maxBytes: 16 << 20 } as const;

/** Reads keys, certificates and trust roots of every question. Throws UsageError that lists what cannot be used. */
export function openEstablisher(questions: readonly Question[], surroundings: Surroundings): Establish {
  return establisherOf(questions.map((question) => ready(question, surroundings)), { ...surroundings, evidence: openEvidence(EVIDENCE) });
}

/** Evidence that is kept for this build, at most so long and so much. */
export function openEvidence(options: { /** milliseconds */ readonly ttl: number; readonly maxBytes: number }): EvidenceCache {
  return createEvidenceCache({ ...options, version: engineVersion() });
}

/** Answers questions that are ready; what is found for a manifest is looked for once. */
export function establisherOf(asked: readonly ReadyQuestion[], surroundings: Surroundings & { readonly evidence: EvidenceCache }): Establish {
  const { evidence } = surroundings;
  const manifests = new Map<string, Promise<readonly Candidate[]>>();
  return async (artifact, given = () => []) => {
    const about = bytesOf(artifact);
    const candidates = [...given(about), ...embedded(artifact, about), ...(await outside(artifact, about, { ...surroundings, manifests }))];
    return asked.map((question) => answer(question, candidates, { now: surroundings.now, verify: (...asked) => evidence.verify(...asked) }));
  };
}

/** The answer of one question to candidates that are at hand. */
export function answerGiven(question: Question, candidates: readonly Candidate[], surroundings: Surroundings): Provenance {
  return answer(ready(question, surroundings), candidates, { now: surroundings.now, verify: verifyCandidate });
}

function ready(question: Question, { cwd }: Surroundings): ReadyQuestion {
  return readyQuestion(question, { file: (path) => read(resolve(cwd, question.folder, path), path) });
}

/** Reads keys, certificates and trust roots of a question. Throws UsageError that lists what cannot be used. */
export function readyQuestion(question: Question, sources: MaterialSources): ReadyQuestion {
  if (question.demand === null) return { ...question, authorities: [] };
  const { authorities, faults } = resolveAuthorities(question.demand, {
    ...sources,
    roots: { publicGood: publicGoodRoot, read: (content, name) => readTrustRoot(new TextDecoder('utf-8', { fatal: true }).decode(content), name) },
  });
  if (faults.length > 0) throw new UsageError(faults.map((fault) => faultText(question.name.replace(/^policy /, ''), fault)).join('\n'), 'Nothing was judged');
  return { ...question, authorities };
}

function read(path: string, name: string): Uint8Array {
  const file = readFile(path, name);
  if ('failure' in file) throw new Error(file.failure.message);
  return file.bytes;
}

function answer({ authorities, demand, attestations }: ReadyQuestion, candidates: readonly Candidate[], { now, verify }: { readonly now: Date; readonly verify: typeof verifyCandidate }): Provenance {
  const evidence = candidates.flatMap((candidate) => verify(candidate, authorities, now));
  return decide({ evidence, demand, attestations, roots: usedTrustRoots(authorities, now) });
}

/** The bytes of an artifact as something that signatures name. */
export function bytesOf({ bytes, digest }: Artifact): SignedThing {
  const digests = { sha256: digest.replace('sha256:', ''), sha384: hash('sha384', bytes, 'hex'), sha512: hash('sha512', bytes, 'hex') };
  return { kind: 'bytes', digests, bytes, mediaType: null, size: bytes.length };
}

/** Whether bytes hold signatures themselves, so that without them nothing can be said of who stands behind them. */
export function holdsSignatures(bytes: Uint8Array): boolean {
  return hasWasmSection(bytes) || hasWasmcloudClaims(bytes);
}

function embedded({ bytes, name }: Artifact, about: SignedThing): readonly Candidate[] {
  return [
    ...(hasWasmSection(bytes) ? [{ form: 'wasm-section', where: name, about } as const] : []),
    ...(hasWasmcloudClaims(bytes) ? [{ form: 'wasmcloud-claims', where: name, about } as const] : []),
  ];
}

interface Place extends Surroundings {
  /** What was found for manifests before, by repository and digests: several modules of one image share it. */
  readonly manifests: Map<string, Promise<readonly Candidate[]>>;
}

/** Signatures that stand outside the bytes: beside a file, or in the registry, where they bind the manifest, which binds the layer, which binds the bytes. */
async function outside({ name, packaging, carrier }: Artifact, about: SignedThing, place: Place): Promise<readonly Candidate[]> {
  const repository = packaging?.repository ?? null;
  if (packaging === undefined) return carrier === undefined ? collectBeside(resolve(place.cwd, name), about) : [];
  const digests = [...new Set([packaging.manifestDigest, packaging.rootDigest])].filter((digest) => digest !== null);
  if (repository === null || digests.length === 0 || place.registry === null) return [];
  const key = [repository, ...digests].join(' ');
  const known = place.manifests.get(key) ?? ofManifests(repository, digests, await place.registry());
  place.manifests.set(key, known);
  return known;
}

async function ofManifests(repository: string, digests: readonly string[], client: RegistryClient): Promise<readonly Candidate[]> {
  const things: SignedThing[] = [];
  const failed: Candidate[] = [];
  for (const digest of digests) {
    const about: SignedThing = { kind: 'manifest', digests: { sha256: digest.replace('sha256:', '') }, bytes: null, mediaType: null, size: null };
    try {
      const { root } = await client.open(`${repository}@${digest}`);
      things.push({ ...about, bytes: root.bytes, mediaType: root.mediaType, size: root.bytes.length });
    } catch (error) {
      const message = words(error);
      failed.push({ form: 'unknown', where: digest, about, status: 'error', code: 'registry-error', reason: message });
    }
  }
  return [...failed, ...(await collectFromRegistry({ client, repository, manifests: things }))];
}
