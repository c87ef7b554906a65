import type { Artifact } from '../scanner/artifact.ts';
import type { Policy } from '../scanner/policy/policy.ts';
import type { Policies } from '../engine/policies.ts';
import { referenceOf, type Provenances } from '../engine/scanner.ts';

/**
 * Two artifacts of the same key get the same entry but for name and surroundings: equal bytes, snapshots, packing, deployment and provenance under
 * the same policies. null where a policy looks at the name itself, in an expression, in a waiver for a reference or in an accepted finding.
 */
export function reuseKey(artifact: Artifact, provenances: Provenances, policies: Policies): string | null {
  const applied = policies.for(referenceOf(artifact));
  if (applied.some(looksAtName)) return null;
  const { digest, snapshot, packaging, carrier } = artifact;
  return [digest, JSON.stringify([snapshot ?? null, packaging ?? null, carrier ?? null, provenances]), ...applied.map(({ name, hash }) => `${name}\n${hash}`)].join('\n');
}

function looksAtName(policy: Policy): boolean {
  return policy.expressions.length > 0 || policy.waivers.some(({ reference, artifacts }) => reference !== undefined || artifacts !== undefined);
}
