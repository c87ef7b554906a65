import type { SignatureEvidence } from '../../provenance.ts';

/** Every way in which a Notary Project signature is not trusted. Stable: programs and policies read these. */
export type NotationCode =
  | 'malformed' | 'limit-exceeded' | 'algorithm-refused' | 'algorithm-mismatch' | 'critical-header-missing' | 'critical-header-unknown' | 'plugin-required' | 'signing-scheme'
  | 'payload-type' | 'digest-mismatch' | 'media-type-mismatch' | 'size-mismatch' | 'subject-unknown' | 'signature-mismatch'
  | 'chain-invalid' | 'leaf-profile' | 'chain-untrusted' | 'identity-mismatch' | 'identity-unreadable' | 'signature-expired' | 'certificate-expired' | 'certificate-not-yet-valid'
  | 'timestamp-invalid' | 'timestamp-untrusted' | 'unverifiable' | 'internal';

/** A signature is refused: the only thing that the files of this folder throw on purpose, and always a denial. */
export class NotationFailure extends Error {
  readonly code: NotationCode;
  readonly status: Exclude<SignatureEvidence['status'], 'trusted'>;

  /** @param message one sentence without a full stop. */
  constructor(code: NotationCode, message: string, status: NotationFailure['status'] = 'invalid') {
    super(message);
    this.name = 'NotationFailure';
    this.code = code;
    this.status = status;
  }
}
