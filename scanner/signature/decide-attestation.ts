import type { SignatureEvidence } from '../provenance.ts';

/** Why an attestation counts as not established, from the nearest miss on. */
export function unmetReason(type: string, authorities: readonly string[], { refused, all }: { readonly refused: readonly string[]; readonly all: readonly SignatureEvidence[] }): string {
  if (refused.length > 0) return refused.toSorted()[0]!;
  const typed = all.filter(({ predicateType }) => predicateType === type);
  const asked = authorities.join(', ');
  if (typed.some(({ status }) => status === 'trusted')) return `One exists, made for ${names(typed)} and not for ${asked}`;
  const failed = typed.find(({ status }) => status === 'invalid') ?? typed.find(({ status }) => status === 'error') ?? typed.find(({ status }) => status === 'untrusted') ?? typed[0];
  if (failed !== undefined) return `One exists and does not count: ${failed.message}`;
  const others = [...new Set(all.filter(({ status }) => status === 'trusted').map(({ predicateType }) => predicateType!))].toSorted();
  return others.length === 0 ? 'No attestation was found' : `None of this type was found, only of ${others.slice(0, 5).join(', ')}`;
}

function names(evidence: readonly SignatureEvidence[]): string {
  return [...new Set(evidence.filter(({ status }) => status === 'trusted').map(({ authority }) => authority!))].toSorted().join(', ');
}
