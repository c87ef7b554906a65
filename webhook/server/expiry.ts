import { X509Certificate } from 'node:crypto';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { CertificateSource, ServingPair } from '../serving-pair.ts';

/** Milliseconds. */
const HOUR = 3_600_000;
/** A week, or a fifth of the lifetime where that is less: short-lived certificates are renewed late by design. */
const WARNING = 7 * 24 * HOUR;

export interface ExpiryOptions {
  readonly certificates: CertificateSource;
  readonly metrics: Pick<Metrics, 'certificateExpiry'>;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Keeps the metric of the serving certificate's end, and warns every hour while that is near. Gives a function that ends it. */
export function watchExpiry({ certificates, metrics, log, now = Date.now }: ExpiryOptions): () => void {
  const look = (pair: ServingPair | null): void => {
    if (pair === null) return;
    const { validFromDate, validToDate } = new X509Certificate(pair.certificate);
    metrics.certificateExpiry.set(Math.floor(validToDate.getTime() / 1_000));
    const left = validToDate.getTime() - now();
    if (left > Math.min(WARNING, (validToDate.getTime() - validFromDate.getTime()) / 5)) return;
    if (left <= 0) log.error({ expires: validToDate.toISOString() }, 'The serving certificate has expired: API servers refuse it');
    else log.warn({ expires: validToDate.toISOString() }, 'The serving certificate expires soon');
  };
  const guarded = (pair: ServingPair | null): void => {
    try {
      look(pair);
    } catch {
      log.warn({}, 'The serving certificate cannot be read, so its end is not known');
    }
  };
  guarded(certificates.current());
  certificates.onChange(guarded);
  const timer = setInterval(() => guarded(certificates.current()), HOUR);
  timer.unref();
  return () => clearInterval(timer);
}
