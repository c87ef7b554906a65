import { RFC3161Timestamp, type SignedEntity, type TransparencyLogEntry, type TrustMaterial, VerificationError, Verifier, X509Certificate } from '../sigstore-library.ts';
import { type BoundSigner, logOf, requireBound, requireLogKeyValid } from './log-binding.ts';
import { Refusal, refusing, type SigstoreCode } from './refusal.ts';
import type { SignedContent } from './signed-content.ts';

/** A signature with everything it is held against. Log entries and timestamps that do not count are left out by whoever makes it. */
export interface Claim {
  readonly content: SignedContent;
  /** As the library asks: a certificate is led to the authorities of `material`; `public-key` asks `material` for the key. */
  readonly key: SignedEntity['key'];
  readonly signer: BoundSigner;
  readonly material: TrustMaterial;
  /** Each must verify. */
  readonly entries: readonly TransparencyLogEntry[];
  /** RFC 3161 responses; each must verify. */
  readonly timestamps: readonly Buffer[];
  /** Whether promises of logs count as trusted times. */
  readonly logTimes: 'count' | 'ignore';
  /** Signed certificate timestamps asked for. */
  readonly scts: 0 | 1;
}

/** A time that somebody of the trust root vouches for. */
export interface TrustedTime {
  /** Whose, to count each once. */
  readonly by: string;
  readonly at: Date;
}

/** Clocks of honest machines differ by less. Milliseconds. */
const SKEW = 5 * 60_000;

/** Verifies signature, certificate, log entries and timestamps. Gives the trusted times, earliest first. Throws Refusal. */
export function verifyClaim(claim: Claim, now: Date): readonly TrustedTime[] {
  const { material, entries } = claim;
  const logs = entries.map((entry) => logOf(entry, material));
  if (new Set(entries.map(({ logId, canonicalizedBody }) => `${logId.keyId.toString('hex')} ${canonicalizedBody.toString('base64')}`)).size < entries.length) throw new Refusal('log-entry-invalid', 'The bundle has a log entry twice');
  for (const entry of entries) requireBound(entry, claim.signer);
  const stamps = claim.timestamps.map((der) => readTimestamp(der, material));
  const promised = claim.logTimes === 'count' ? entries.filter(({ inclusionPromise, integratedTime }) => inclusionPromise && integratedTime !== '0') : [];
  const times: TrustedTime[] = [
    ...promised.map((entry) => ({ by: logs[entries.indexOf(entry)]!.baseURL, at: new Date(Number(entry.integratedTime) * 1000) })),
    ...stamps.map(({ stamp, by }) => ({ by, at: stamp.signingTime })),
  ].toSorted((a, b) => a.at.getTime() - b.at.getTime());
  if (claim.key.$case === 'certificate' && times.length === 0) throw new Refusal('timestamp-missing', 'No trusted time says when it was signed, and its certificate is valid for minutes');
  runLibrary(claim, [
    ...promised.map((tlogEntry) => ({ $case: 'transparency-log' as const, tlogEntry })),
    ...stamps.map(({ stamp }) => ({ $case: 'timestamp-authority' as const, timestamp: stamp })),
  ]);
  for (const entry of entries) requireLogKeyValid(entry, material, times.map(({ at }) => at));
  for (const { at } of times) if (at.getTime() > now.getTime() + SKEW) throw new Refusal('timestamp-in-future', `A trusted time, ${at.toISOString()}, is later than now`);
  return times;
}

/** Refuses fewer trusted times than `atLeast`; each log and each authority counts once. */
export function requireTimes(times: readonly TrustedTime[], atLeast: number): void {
  const count = new Set(times.map(({ by }) => by)).size;
  if (count < atLeast) throw new Refusal('timestamp-missing', `Trusted times of ${count} sources, and ${atLeast} are asked for`);
}

function readTimestamp(der: Buffer, { timestampAuthorities }: TrustMaterial): { readonly stamp: RFC3161Timestamp; readonly by: string } {
  return refusing('timestamp-invalid', 'A timestamp cannot be read', () => {
    const stamp = RFC3161Timestamp.parse(Buffer.from(der));
    const { signerSerialNumber: serial, signerIssuer: issuer } = stamp;
    const known = timestampAuthorities.some(({ certChain: [leaf] }) => leaf?.serialNumber.equals(serial) && leaf.issuer.equals(issuer));
    if (!known) throw new Refusal('timestamp-untrusted', 'The timestamp is of an authority that is not in the trust root');
    if (stamp.status !== 0n && stamp.status !== 1n) throw new Refusal('timestamp-invalid', 'The timestamp authority says that it did not grant the timestamp');
    if (Number.isNaN(stamp.signingTime.getTime())) throw new Refusal('timestamp-invalid', 'The time of a timestamp is no date');
    return { stamp, by: `tsa ${issuer.toString('base64')} ${serial.toString('hex')}` };
  });
}

function runLibrary({ content, key, entries, material, scts }: Claim, timestamps: SignedEntity['timestamps']): void {
  const verifier = new Verifier(material, { ctlogThreshold: scts, tlogThreshold: entries.length, timestampThreshold: timestamps.length });
  try {
    verifier.verify({ signature: content, key, timestamps, tlogEntries: [...entries] });
  } catch (error) {
    throw translated(error);
  }
}

const CODES: Readonly<Record<string, readonly [SigstoreCode, string]>> = {
  TLOG_ERROR: ['log-entry-invalid', 'The bundle has a log entry twice'],
  TLOG_INCLUSION_PROOF_ERROR: ['log-entry-invalid', 'The proof of inclusion in the log does not verify'],
  TLOG_INCLUSION_PROMISE_ERROR: ['log-entry-invalid', 'The signed entry timestamp of the log does not verify'],
  TLOG_MISSING_INCLUSION_ERROR: ['log-entry-invalid', 'The log entry has neither proof nor promise of inclusion'],
  TLOG_BODY_ERROR: ['log-body-mismatch', 'The log entry is about another signature or another artifact'],
  CERTIFICATE_ERROR: ['certificate-invalid', 'The certificate does not lead to an authority of the trust root at the time of signing'],
  PUBLIC_KEY_ERROR: ['key-mismatch', 'The key is not valid at the time of signing'],
  SIGNATURE_ERROR: ['signature-invalid', 'The signature does not verify'],
  TIMESTAMP_ERROR: ['timestamp-invalid', 'A timestamp does not verify'],
};

/** Hostile input makes the library throw all kinds of errors; each is a refusal, and none is no signature. */
function translated(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const [code, message] = (error instanceof VerificationError && Object.hasOwn(CODES, error.code) && CODES[error.code]) || (['malformed-bundle', 'The bundle cannot be verified as it stands'] as const);
  if (error instanceof VerificationError && / SCTs?\b|^SCT /.test(error.message)) return new Refusal('sct-invalid', 'A signed certificate timestamp of the certificate does not verify');
  return new Refusal(code, message);
}

/** A certificate whose signed certificate timestamps the library does not see, for authorities that ignore them. */
export class CertificateWithoutScts extends X509Certificate {
  override clone(): X509Certificate {
    const copy = super.clone();
    const index = copy.extensions.findIndex(({ subs }) => subs[0]?.toOID() === SCT_LIST);
    if (index !== -1) copy.extensions.splice(index, 1);
    return copy;
  }
}

/** Extension with signed certificate timestamps, RFC 6962 3.3. */
export const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';
