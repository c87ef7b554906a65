import { words } from '../../scanner/words.ts';
import { COMPILE_OPTIONS } from '../../engine/policies.ts';
import { establisherOf, openEvidence, readyQuestion, type ReadyQuestion } from '../../engine/establish.ts';
import { compilePolicy } from '../../scanner/policy/compile.ts';
import type { Artifact } from '../../scanner/artifact.ts';
import { UNKNOWN_PROVENANCE, type Provenance } from '../../scanner/provenance.ts';
import type { SourceDemand } from '../../scanner/signature-demand.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { PolicyMaterial } from '../judging.ts';
import { sourceKey } from '../source-key.ts';
import type { Clients } from './clients.ts';
import { memory } from './memory.ts';
import type { Access } from './task.ts';

/** Materials whose keys and roots one thread keeps ready. */
const MATERIALS = 64;
const EVIDENCE_BYTES = 2 << 20;

/** Establishes who stands behind an artifact. */
export interface Prover {
  /** One answer for each material, in their order; status `error` where it could not be established. Never throws. */
  prove(artifact: Artifact, about: { readonly access: Access; readonly materials: readonly PolicyMaterial[] }): Promise<readonly Provenance[]>;
}

/** A prover that fetches signatures with the clients of whoever asks. */
export function openProver(clients: Clients): Prover {
  const evidence = openEvidence({ ttl: WEBHOOK_LIMITS.proofMilliseconds, maxBytes: EVIDENCE_BYTES });
  const ready = memory<{ readonly question: ReadyQuestion } | { readonly fault: string }>({ entries: MATERIALS });
  const readied = (material: PolicyMaterial): { readonly question: ReadyQuestion } | { readonly fault: string } => {
    const known = ready.get(material.id) ?? read(material);
    ready.set(material.id, known);
    return known;
  };
  return {
    async prove(artifact, { access, materials }) {
      const all = materials.map(readied);
      const questions = all.flatMap((one) => ('question' in one ? [one.question] : []));
      if (questions.length === 0) return all.map(() => FAILED);
      const answers = await answersOf(questions, artifact, { clients, access, evidence });
      return all.map((one) => ('question' in one ? (answers[questions.indexOf(one.question)] ?? FAILED) : FAILED));
    },
  };
}

/** Nothing was established, which is nobody's word for the artifact. */
const FAILED: Provenance = { ...UNKNOWN_PROVENANCE, status: 'error' };

async function answersOf(questions: readonly ReadyQuestion[], artifact: Artifact, { clients, access, evidence }: { readonly clients: Clients; readonly access: Access; readonly evidence: ReturnType<typeof openEvidence> }): Promise<readonly Provenance[]> {
  try {
    return await establisherOf(questions, { registry: async () => clients.for(access), cwd: '/', now: new Date(), evidence })(artifact);
  } catch {
    return questions.map(() => FAILED);
  }
}

/** Compiles the document for its demand and reads what its authorities are made of, from the sources that came with it and from nowhere else. */
function read({ document, sources }: PolicyMaterial): { readonly question: ReadyQuestion } | { readonly fault: string } {
  const given = (source: SourceDemand, name: string): Uint8Array => {
    const key = sourceKey(source);
    const bytes = Object.hasOwn(sources, key) ? sources[key] : undefined;
    if (bytes === undefined) throw new Error(`${name} did not come with the policy`);
    return bytes;
  };
  try {
    const { name, signatures, attestations } = compilePolicy(document, COMPILE_OPTIONS);
    return {
      question: readyQuestion({ name, demand: signatures, attestations, folder: '/' }, {
        file: (path) => given({ from: 'file', path }, path),
        object: ({ kind, ...object }) => given({ from: kind, ...object }, `${kind} ${object.name}`),
      }),
    };
  } catch (error) {
    return { fault: words(error) };
  }
}
