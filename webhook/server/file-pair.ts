import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Log } from '../log.ts';
import type { CertificateSource, ServingPair } from '../serving-pair.ts';
import { watchFiles } from './watch-files.ts';

export interface FilePairOptions {
  /** Paths of PEM files: the chain, leaf first, and its private key. */
  readonly certificate: string;
  readonly key: string;
  readonly log: Log;
  /** Milliseconds between two readings. */
  readonly interval?: number;
}

/** The serving pair of two files, followed as they change. Rejects with ServerFileError where they hold none at the start. */
export async function openFilePair({ certificate, key, log, interval }: FilePairOptions): Promise<CertificateSource> {
  const watched = await watchFiles({ paths: [certificate, key], parse: parsePair, what: 'Serving certificate', log, ...(interval === undefined ? {} : { interval }) });
  return { current: () => watched.current(), onChange: (listener) => watched.onChange(listener), stop: async () => watched.stop() };
}

function parsePair([certificate = '', key = '']: readonly string[]): ServingPair {
  const leaf = said('The certificate is no PEM certificate', () => new X509Certificate(certificate));
  const secret = said('The key is no PEM private key without a passphrase', () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(secret)) throw new Error('Certificate and key do not belong together');
  said('TLS takes no such pair', () => createSecureContext({ cert: certificate, key }));
  return { certificate, key };
}

/** What OpenSSL says of a file is for programmers. */
function said<T>(sentence: string, make: () => T): T {
  try {
    return make();
  } catch {
    throw new Error(sentence);
  }
}
