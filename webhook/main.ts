import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { Ends } from './ends.ts';
import { serve } from './serve.ts';
import type { RunningServer } from './server/start-server.ts';
import type { WebhookSettings } from './settings.ts';

/** A webhook that serves. */
export interface RunningWebhook extends Pick<RunningServer, 'address' | 'healthAddress'> {
  /** Drains, then ends everything. */
  stop(): Promise<void>;
}

/** Opens everything that the settings ask for and serves. Throws UsageError for policies that cannot be used, ServerFileError and KubeError for what cannot be read or reached. */
export async function openWebhook(settings: WebhookSettings): Promise<RunningWebhook> {
  const tools = { log: createLog(settings.logLevel), metrics: createMetrics(), ends: new Ends() };
  try {
    const server = await serve(settings, await surroundingsOf(settings, tools), tools);
    const { address, healthAddress } = server;
    tools.log.info({ address, health: healthAddress }, 'Serving');
    return { address, healthAddress, stop: async () => { await server.stop(); await tools.ends.run(); } };
  } catch (error) {
    await tools.ends.run();
    throw error;
  }
}

/** Code that talks to an API server is loaded where there is one: it takes more memory than everything else together. */
async function surroundingsOf(settings: WebhookSettings, tools: Parameters<typeof serve>[2]): Promise<Parameters<typeof serve>[1]> {
  if (settings.cluster !== null) return (await import('./in-cluster.ts')).inCluster(settings, settings.cluster, tools);
  return (await import('./standalone.ts')).standalone(settings, tools);
}
