import { dirname } from 'node:path';
import type { Opened } from '../scanner/artifact.ts';
import type { Policy } from '../scanner/policy/policy.ts';
import { UNKNOWN_PROVENANCE } from '../scanner/provenance.ts';
import type { Question, Surroundings } from '../engine/establish.ts';
import type { Policies } from '../engine/policies.ts';
import { referenceOf, type Provenances } from '../engine/scanner.ts';

/**
 * Asks the authorities of policies about artifacts. Where no policy names any, nobody is asked and nothing of it is loaded. Throws UsageError
 * for keys, certificates and trust roots that cannot be used, before anything is judged.
 */
export async function provenanceSource(policies: Policies, surroundings: Surroundings): Promise<(opened: Opened) => Promise<Provenances>> {
  const asking = policies.given.filter(asks);
  if (asking.length === 0) return async () => [];
  const { openEstablisher } = await import('../engine/establish.ts');
  const establish = openEstablisher(asking.map((policy) => questionOf(policy, policies)), surroundings);
  return async (opened) => {
    const applied = policies.for(referenceOf(opened));
    if ('failure' in opened || 'withoutWasm' in opened || !applied.some(asks)) return [];
    const answers = await establish(opened);
    return applied.map((policy) => answers[asking.indexOf(policy)] ?? UNKNOWN_PROVENANCE);
  };
}

/** What policies ask of signatures; those that ask nothing are left out. */
export function questionsOf(policies: Policies): readonly Question[] {
  return policies.given.filter(asks).map((policy) => questionOf(policy, policies));
}

function asks({ signatures, attestations }: Policy): boolean {
  return signatures !== null || attestations.length > 0;
}

function questionOf(policy: Policy, policies: Policies): Question {
  const { name, signatures, attestations } = policy;
  return { name: `policy ${name}`, demand: signatures, attestations, folder: dirname(policies.fileOf(policy) ?? '.') };
}
