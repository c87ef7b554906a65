import type { EvidenceWithStatement } from './statement-evidence.ts';

/**
 * How many authorities signed by as many different signers: a key or identity that stands under two names counts once, and so does an
 * authority that signed with two keys. The largest matching of authorities and signers, by augmenting paths.
 */
export function distinctSigners(evidence: readonly EvidenceWithStatement[]): number {
  const signersOf = new Map<string, Set<string>>();
  for (const one of evidence) {
    const signer = signerOf(one);
    if (signer !== null) signersOf.set(one.authority!, (signersOf.get(one.authority!) ?? new Set()).add(signer));
  }
  const holderOf = new Map<string, string>();
  let count = 0;
  for (const authority of signersOf.keys()) if (place(authority, { signersOf, holderOf, tried: new Set() })) count++;
  return count === 0 && evidence.length > 0 ? 1 : count;
}

interface Matching {
  readonly signersOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly holderOf: Map<string, string>;
  readonly tried: Set<string>;
}

/** Finds a signer for an authority, moving others to another of theirs where that helps. As deep as there are authorities, of which a policy has 64. */
function place(authority: string, matching: Matching): boolean {
  for (const signer of matching.signersOf.get(authority) ?? []) {
    if (matching.tried.has(signer)) continue;
    matching.tried.add(signer);
    const holder = matching.holderOf.get(signer);
    if (holder !== undefined && !place(holder, matching)) continue;
    matching.holderOf.set(signer, authority);
    return true;
  }
  return false;
}

/** Who signed; null: nothing tells. Such a signer may be any of the others, so it adds nothing to them. */
function signerOf({ signer, identity, issuer }: EvidenceWithStatement): string | null {
  if (signer !== undefined) return signer;
  return identity === null ? null : JSON.stringify([issuer, identity]);
}
