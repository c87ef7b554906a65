import { openFilePair } from './server/file-pair.ts';
import type { CertificateSource } from './serving-pair.ts';
import type { WebhookSettings } from './settings.ts';
import type { ProcessTools } from './surroundings.ts';

/** The serving pair of the files that the settings name. Throws ServerFileError, and RangeError where none are named. */
export async function servingFiles({ tls }: WebhookSettings, { log, ends }: ProcessTools): Promise<CertificateSource> {
  if (tls === null) throw new RangeError('No certificate to serve with');
  const source = await openFilePair({ ...tls, log });
  ends.add(() => source.stop());
  return source;
}
