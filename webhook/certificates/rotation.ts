import { type Bundles, bundlesAre } from './ca-bundle.ts';
import { type Certificate, isAgeing, isIssuedBy, readAuthority, readServing } from './certificate.ts';
import type { ReadState } from './secret.ts';

/** Milliseconds that the steps of a rotation wait, each counted from what this process has seen itself. */
export interface RotationTiming {
  /** From a new authority being trusted to a pair that it signed: API servers learn of a bundle one after another. */
  readonly propagation: number;
  /** From such a pair to the end of trust in the old authority: every replica has taken up the pair by then. */
  readonly settle: number;
}

/** What is known when the next step is chosen. */
export interface Situation {
  readonly bundles: Bundles;
  readonly state: ReadState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds that an authority has been seen trusted by every webhook without a break; 0: it is not. */
  readonly trustedFor: (fingerprint: string) => number;
  /** Milliseconds that an authority has been seen as the one of the serving pair. */
  readonly servedFor: (fingerprint: string) => number;
}

/** The next thing to do; null: nothing. */
export type Step =
  | { readonly kind: 'new-authority' }
  | { readonly kind: 'new-pair' }
  | { readonly kind: 'switch' }
  | { readonly kind: 'forget-previous' }
  | { readonly kind: 'bundle'; readonly wanted: readonly Certificate[]; readonly others: 'kept' | 'dropped' };

/** Milliseconds of life below which an authority signs no further pair: it would be due at once. */
const SHORT = 2 * 86_400_000;

/**
 * Chooses the next step of the one safe order: trust the new authority, wait, switch the serving pair to it, wait, end the trust in the old one.
 * It depends on nothing but what is stored and seen, so it does not matter which process took the step before.
 */
export function nextStep(situation: Situation, { names, timing }: { readonly names: readonly string[]; readonly timing: RotationTiming }): Step | null {
  const { state, bundles, now } = situation;
  const authority = state.authority === null ? null : readAuthority(state.authority);
  const next = state.next === null ? null : readAuthority(state.next);
  if (next !== null) {
    // Should the way to the bundles be barred for long, the old authority still serves.
    if (authority !== null && authority.notAfter - now > SHORT && !isServable(state, { authority, names, now })) return { kind: 'new-pair' };
    return trustThenSwitch(situation, { authority, next, propagation: timing.propagation });
  }
  if (authority === null || isAgeing(authority, now)) return { kind: 'new-authority' };
  if (!isServable(state, { authority, names, now })) return { kind: 'new-pair' };
  const wanted = [authority, ...state.previous];
  if (!bundlesAre(bundles, wanted, 'kept')) return { kind: 'bundle', wanted, others: 'kept' };
  if (situation.servedFor(authority.fingerprint) < timing.settle) return null;
  if (state.previous.length > 0) return { kind: 'forget-previous' };
  const settled = !bundles.exist || situation.trustedFor(authority.fingerprint) >= timing.settle;
  return settled && !bundlesAre(bundles, wanted, 'dropped') ? { kind: 'bundle', wanted, others: 'dropped' } : null;
}

function trustThenSwitch(situation: Situation, { authority, next, propagation }: { readonly authority: Certificate | null; readonly next: Certificate; readonly propagation: number }): Step | null {
  const { bundles, state } = situation;
  const wanted = [next, ...(authority === null ? [] : [authority]), ...state.previous];
  if (!bundlesAre(bundles, wanted, 'kept')) return { kind: 'bundle', wanted, others: 'kept' };
  // Where nobody is trusted but the new authority there is nothing to break, and an installation need not wait.
  if (bundles.all.every(({ fingerprint }) => fingerprint === next.fingerprint)) return { kind: 'switch' };
  return !bundles.exist || situation.trustedFor(next.fingerprint) >= propagation ? { kind: 'switch' } : null;
}

function isServable({ pair }: ReadState, { authority, names, now }: { readonly authority: Certificate; readonly names: readonly string[]; readonly now: number }): boolean {
  const certificate = pair === null ? null : readServing(pair, names);
  return certificate !== null && isIssuedBy(certificate, authority) && !isAgeing(certificate, now);
}
