import { UsageError } from '../../engine/usage-error.ts';
import type { ClusterSettings, ListenAddress, WebhookSettings } from '../../webhook/settings.ts';
import { clusterReading, defaultLevel, examinerSettings, fileOption, ownNamespace, policyFiles } from '../cluster-options.ts';
import { listOption, switchOption, textOption, type Input } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { wholeNumber } from '../remote-options.ts';

const TIMEOUT_SECONDS = 10;
const DRAIN_SECONDS = 8;
const AUDIT_SECONDS = 3_600;

/** `wasmgate webhook`: serves until it is told to stop. */
export async function runWebhook(input: Input, io: Io): Promise<number> {
  const settings = await settingsOf(input, io);
  const { openWebhook } = await import('../../webhook/main.ts');
  const webhook = await openWebhook(settings);
  await stopped();
  await webhook.stop();
  return EXIT.ok;
}

/** Resolves with the first signal to stop; the next one ends the process at once. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.removeAllListeners('SIGINT');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(EXIT.interrupted));
        resolve();
      });
    }
  });
}

/** Everything that the command line says. Throws UsageError. */
async function settingsOf(input: Input, io: Io): Promise<WebhookSettings> {
  const policies = await policyFiles(input, io);
  const tls = servingFiles(input, io);
  const cluster = policies === null ? clusterOf(input, tls === null) : null;
  if (cluster === null && tls === null) throw new UsageError('No certificate to serve with', 'Give --tls-cert and --tls-key; only a webhook in a cluster makes its own');
  return {
    listen: address(input, 'listen', '0.0.0.0:9443'),
    healthListen: address(input, 'health-listen', '0.0.0.0:8080'),
    tls,
    kubeconfig: fileOption(input, io, 'kubeconfig'),
    policies,
    cluster,
    workloads: (textOption(input, 'workloads') ?? 'warn') as WebhookSettings['workloads'],
    callers: { clientAuthorities: fileOption(input, io, 'client-ca'), names: listOption(input, 'client-name'), bearerToken: fileOption(input, io, 'bearer-token') },
    timeout: wholeNumber(input, 'timeout', TIMEOUT_SECONDS) * 1_000,
    drain: wholeNumber(input, 'drain', DRAIN_SECONDS) * 1_000,
    logLevel: (textOption(input, 'log-level') ?? 'info') as WebhookSettings['logLevel'],
    ...examinerSettings(input, io),
  };
}

function servingFiles(input: Input, io: Io): WebhookSettings['tls'] {
  const [certificate, key] = [fileOption(input, io, 'tls-cert'), fileOption(input, io, 'tls-key')];
  if ((certificate === null) !== (key === null)) throw new UsageError('A certificate and its key belong together', 'Give both --tls-cert and --tls-key');
  return certificate === null || key === null ? null : { certificate, key };
}

function clusterOf(input: Input, selfManaged: boolean): ClusterSettings {
  const namespace = ownNamespace(input);
  const secret = textOption(input, 'certificate-secret');
  if (selfManaged && secret === undefined) throw new UsageError('No certificate to serve with', 'Give --tls-cert and --tls-key, or --certificate-secret for one that wasmgate makes and renews');
  if (!selfManaged && secret !== undefined) throw new UsageError('Two certificates to serve with: --tls-cert and --certificate-secret', 'Give one of them');
  return {
    namespace,
    waiverNamespace: textOption(input, 'waiver-namespace') ?? namespace,
    defaultLevel: defaultLevel(input),
    certificates: secret === undefined ? null : { secret, service: textOption(input, 'service') ?? 'wasmgate', configuration: textOption(input, 'webhook-configuration') ?? 'wasmgate' },
    ...clusterReading(input),
    audit: {
      interval: seconds(input, 'audit-interval', AUDIT_SECONDS),
      reports: (textOption(input, 'reports') ?? 'openreports') as ClusterSettings['audit']['reports'],
      events: switchOption(input, 'events'),
    },
  };
}

/** Milliseconds of an option in seconds that may be 0. */
function seconds(input: Input, name: string, otherwise: number): number {
  return textOption(input, name) === '0' ? 0 : wholeNumber(input, name, otherwise) * 1_000;
}

function address(input: Input, name: string, otherwise: string): ListenAddress {
  const text = textOption(input, name) ?? otherwise;
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[\w.-]*):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new UsageError(`Not an address to listen on: --${name} ${text}`, 'Write address:port, as in 0.0.0.0:9443 or [::]:9443');
  return { host: host === '' ? '0.0.0.0' : host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
