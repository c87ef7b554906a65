import type { SignatureEvidence } from '../../provenance.ts';

type Refused = Exclude<SignatureEvidence['status'], 'trusted' | 'error'>;

/**
 * Every code that verification of Sigstore signatures gives, beside `ok`, with the status of evidence it leads to. Codes are stable.
 *
 * | code | meaning |
 * |---|---|
 * | `malformed-bundle` | no bundle that every reader would understand alike |
 * | `limit-exceeded` | too large, or too many log entries, timestamps or subjects |
 * | `media-type-unknown` | a bundle of a version that is not known |
 * | `payload-type-unknown` | the envelope holds no in-toto statement |
 * | `malformed-statement` | the payload is no statement |
 * | `digest-mismatch` | it is about other bytes |
 * | `bytes-needed` | only the digest is known, and this signature is not over a known digest |
 * | `key-expected`, `certificate-expected` | the authority expects the other kind of signer |
 * | `key-mismatch` | no key of the authority fits |
 * | `certificate-malformed` | the certificate cannot be read, or is not DER |
 * | `certificate-profile` | the certificate may not sign code, or names not exactly one signer |
 * | `certificate-untrusted` | its issuer is in no trust root of the authority |
 * | `certificate-invalid` | its chain does not hold at the time of signing |
 * | `sct-missing`, `sct-invalid` | signed certificate timestamp asked for and absent; or it does not verify |
 * | `issuer-missing` | the certificate names no issuer of the identity, or two |
 * | `identity-mismatch` | everything holds, by somebody who was not asked for |
 * | `log-entry-missing` | a transparency log entry is asked for and absent |
 * | `log-unknown` | the log is not in the trust root |
 * | `log-entry-invalid` | promise, proof or checkpoint does not verify |
 * | `log-entry-unsupported` | a kind of entry that cannot be held against the signature |
 * | `log-body-mismatch` | the entry is about another signature, key or digest |
 * | `log-key-expired` | the key of the log was not valid at the time of signing |
 * | `timestamp-missing` | fewer trusted times than asked for |
 * | `timestamp-untrusted` | its authority is not in the trust root |
 * | `timestamp-invalid` | it does not verify |
 * | `timestamp-in-future` | a trusted time later than now |
 * | `signature-invalid` | the signature does not verify |
 * | `algorithm-unsupported` | a signature algorithm or key that is not accepted |
 * | `ed25519ph-unsupported` | of the prehashed variant of Ed25519 |
 * | `unverifiable` | no authority could apply |
 */
const STATUS = {
  'malformed-bundle': 'invalid', 'limit-exceeded': 'invalid', 'media-type-unknown': 'unsupported', 'payload-type-unknown': 'unsupported', 'malformed-statement': 'invalid',
  'digest-mismatch': 'invalid', 'bytes-needed': 'unsupported',
  'key-expected': 'untrusted', 'certificate-expected': 'untrusted', 'key-mismatch': 'untrusted',
  'certificate-malformed': 'invalid', 'certificate-profile': 'invalid', 'certificate-untrusted': 'untrusted', 'certificate-invalid': 'invalid',
  'sct-missing': 'untrusted', 'sct-invalid': 'invalid', 'issuer-missing': 'untrusted', 'identity-mismatch': 'untrusted',
  'log-entry-missing': 'untrusted', 'log-unknown': 'untrusted', 'log-entry-invalid': 'invalid', 'log-entry-unsupported': 'unsupported', 'log-body-mismatch': 'invalid', 'log-key-expired': 'invalid',
  'timestamp-missing': 'untrusted', 'timestamp-untrusted': 'untrusted', 'timestamp-invalid': 'invalid', 'timestamp-in-future': 'invalid',
  'signature-invalid': 'invalid', 'algorithm-unsupported': 'unsupported', 'ed25519ph-unsupported': 'unsupported', unverifiable: 'untrusted',
} as const satisfies Record<string, Refused>;

export type SigstoreCode = keyof typeof STATUS;

/** Why a signature does not count. The message is one plain sentence without a full stop. */
export class Refusal extends Error {
  readonly code: SigstoreCode;

  constructor(code: SigstoreCode, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }

  get status(): Refused {
    return STATUS[this.code];
  }
}

/** Runs `work`, and makes whatever it throws a refusal: libraries throw all kinds of errors at hostile input. */
export function refusing<T>(code: SigstoreCode, message: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(code, message);
  }
}
