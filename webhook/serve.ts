import { setImmediate } from 'node:timers/promises';
import { sha256Bytes } from '../engine/hash.ts';
import { createAdmission } from './admission/admission.ts';
import type { AdmissionParts } from './admission/parts.ts';
import { openExaminer } from './examine/open-examiner.ts';
import { EVERYBODY, openCallers } from './server/callers.ts';
import { startServer, type RunningServer } from './server/start-server.ts';
import type { WebhookSettings } from './settings.ts';
import type { ProcessTools, Surroundings } from './surroundings.ts';

/** Opens threads and listeners, and answers reviews. Throws ServerFileError where it cannot listen, RangeError for registries that are no hosts. */
export async function serve(settings: WebhookSettings, surroundings: Surroundings, { log, metrics, ends }: ProcessTools): Promise<RunningServer> {
  const { policies, namespaces, cluster, certificates, missing, lead } = surroundings;
  const examiner = await openExaminer({ ...settings, metrics, log });
  ends.add(() => examiner.close());
  const { clientAuthorities, bearerToken } = settings.callers;
  const callers = clientAuthorities === null && bearerToken === null ? EVERYBODY : await openCallers({ ...settings.callers, log });
  ends.add(() => callers.stop());
  const parts: AdmissionParts = {
    policies, namespaces, cluster, examiner, hash: sha256Bytes, now: () => new Date(), metrics, log, pause: () => setImmediate(),
    settings: { workloads: settings.workloads, readStores: settings.cluster?.configMaps === true || settings.cluster?.secrets === true, readPullSecrets: settings.cluster?.pullSecrets === true },
  };
  const server = await startServer({
    listen: settings.listen, healthListen: settings.healthListen, admission: createAdmission(parts), certificates, callers,
    defaultTimeout: settings.timeout, drain: settings.drain, metrics, log,
    checks: () => [...missing(), ...(policies.ready ? [] : ['policies']), ...(examiner.ready ? [] : ['worker threads'])],
  });
  lead(parts);
  return server;
}
