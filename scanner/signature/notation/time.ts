import type { Authority } from '../authority.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import type { Span } from './chain.ts';
import type { Envelope } from './envelope.ts';
import { NotationFailure } from './failure.ts';
import { verifyTimestamp } from './timestamp.ts';

type NotationAuthority = Extract<Authority, { readonly kind: 'notation' }>;

/** When a signature was made, as far as somebody trusted says so. */
export interface TrustedTime {
  /** null: nobody but the signer says it, and the certificates are valid now. */
  readonly signedAt: Date | null;
  /** What does not hold and level permissive lets pass, in words. */
  readonly notes: readonly string[];
}

interface Timing {
  readonly envelope: Envelope;
  readonly now: Date;
  /** Refuses when the signer's certificates were not valid during the whole span. */
  readonly demandValid: (span: Span) => void;
}

/** Clocks of a signer's timestamp authority and of this machine may differ by so many milliseconds. */
const CLOCK_SKEW = 5 * 60_000;

/**
 * Holds a signature against time. Certificates must have been valid when a timestamp authority of the policy saw the signature; without a timestamp, now.
 * What the signer itself says of time never makes an expired certificate good: under `notary.x509.signingAuthority` the certificates must be valid at the
 * time it states and now. Throws NotationFailure; at level permissive only for limits.
 */
export function trustedTime(timing: Timing, authority: NotationAuthority): TrustedTime {
  const notes: string[] = [];
  // Level permissive logs what strict enforces; a fault that is no refusal of the signature is never passed over.
  const enforce = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (authority.level === 'strict' || !(error instanceof NotationFailure) || error.status === 'error') throw error;
      notes.push(`passed over at level permissive: ${error.message}`);
      return null;
    }
  };
  enforce(() => demandUnexpired(timing));
  const stamped = enforce(() => stampedSpan(timing, authority));
  enforce(() => timing.demandValid(stamped ?? { from: timing.now, to: timing.now }));
  enforce(() => demandStatedTime(timing));
  if (!stamped) return { signedAt: null, notes };
  const signedAt = new Date((stamped.from.getTime() + stamped.to.getTime()) / 2);
  return { signedAt, notes };
}

function demandUnexpired({ envelope: { signed }, now }: Timing): void {
  if (signed.expiry && now >= signed.expiry) throw new NotationFailure('signature-expired', `The signature was to be used until ${signed.expiry.toISOString()}`);
}

/** A timestamp counts only for scheme `notary.x509`, and only where the policy names authorities for it; then it must be good. */
function stampedSpan({ envelope, now }: Timing, { timestampAuthorities }: NotationAuthority): Span | null {
  if (!envelope.timestamp || timestampAuthorities.length === 0 || envelope.signed.scheme !== 'notary.x509') return null;
  const anchors = timestampAuthorities.map(({ raw }) => readAnchor(raw));
  const span = readStamp(envelope.timestamp, envelope.signature, anchors);
  if (span.from.getTime() > now.getTime() + CLOCK_SKEW) throw new NotationFailure('timestamp-invalid', `The timestamp says ${span.from.toISOString()}, which is yet to come`);
  return span;
}

function readStamp(token: Uint8Array, signature: Uint8Array, anchors: readonly Certificate[]): Span {
  try {
    return verifyTimestamp(token, signature, anchors);
  } catch (error) {
    if (!(error instanceof NotationFailure) || error.status === 'error' || error.code.startsWith('timestamp-')) throw error;
    throw new NotationFailure('timestamp-invalid', `The timestamp cannot be read: ${error.message}`);
  }
}

function readAnchor(raw: Uint8Array): Certificate {
  try {
    return readCertificate(raw);
  } catch (error) {
    if (!(error instanceof NotationFailure)) throw error;
    throw new NotationFailure('timestamp-untrusted', `An authority for timestamps in the policy cannot be used: ${error.message}`, 'error');
  }
}

function demandStatedTime({ envelope: { signed }, now, demandValid }: Timing): void {
  if (signed.scheme !== 'notary.x509.signingAuthority' || !signed.signingTime) return;
  if (signed.signingTime.getTime() > now.getTime() + CLOCK_SKEW) throw new NotationFailure('timestamp-invalid', `The signing authority says ${signed.signingTime.toISOString()}, which is yet to come`);
  demandValid({ from: signed.signingTime, to: signed.signingTime });
}
