/**
 * wasmgate in a cluster as its users have it: the rendered chart applied as it is, and for each pod of its Deployment a process with
 * the arguments, the service account and the volumes of the container, reached through the chart's own Service.
 *
 *   const gate = await installGate(plane, { values: { webhook: { detection: 'layers' } } });
 *   const { code, errors } = await plane.kubectl(['apply', '-f', '-'], pod);
 *   await gate.retire(gate.replicas[0]!);     // as a rolling update does: SIGTERM, and its endpoint goes away
 *   await gate.stop();
 */
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { freePorts } from '../signing/loopback.ts';
import type { ApiObject } from './api-client.ts';
import { applyChart, containerOf, objectOf, podSpecOf, renderChart, type Rendered, type Values } from './chart.ts';
import type { ControlPlane } from './control-plane.ts';
import { SERVICE_ADDRESS } from './namespace.ts';
import { eventually, type OwnProcess, startProcess } from './process.ts';
import { pointService } from './service.ts';

export interface GateOptions {
  readonly values?: Values;
  /** Processes to start. Default: as many as the Deployment asks for. */
  readonly replicas?: number;
  readonly start?: ReplicaOptions;
  /** File with the command line, as `buildCli` makes it. */
  readonly main: string;
}

export interface ReplicaOptions {
  /** Options that take the place of the chart's: `{ drain: '2' }`. */
  readonly replace?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** One process of the Deployment. */
export interface Replica {
  readonly name: string;
  readonly process: OwnProcess;
  readonly port: number;
  /** GET on the port of probes and metrics; status 0: no answer. */
  health(path: '/livez' | '/readyz' | '/metrics'): Promise<{ readonly status: number; readonly text: string }>;
}

export interface Gate {
  readonly namespace: string;
  readonly rendered: Rendered;
  /** Username of the service account. */
  readonly username: string;
  /** Those that have been started and not ended by `retire` or `drop`. */
  readonly replicas: readonly Replica[];
  /** Starts a replica and waits until it is ready; `route` leads the Service to it. */
  startReplica(options?: ReplicaOptions): Promise<Replica>;
  /** Leads the Service to these replicas alone. Default: to all. */
  route(replicas?: readonly Replica[]): Promise<void>;
  /** As a kubelet does it: SIGTERM, and no endpoint any more, at the same time or `late` milliseconds after. Resolves when the process has ended. */
  retire(replica: Replica, late?: number): Promise<number | NodeJS.Signals>;
  /** SIGKILL; its endpoint stays, as it does for a while when a node dies. */
  drop(replica: Replica): Promise<void>;
  stop(): Promise<void>;
}

const NAMESPACE = 'wasmgate';

/** Installs the chart and waits until reviews are answered. Throws with the logs of what does not start. */
export async function installGate(plane: ControlPlane, { values = {}, replicas, start = {}, main }: GateOptions): Promise<Gate> {
  await plane.namespace(NAMESPACE);
  const rendered = await renderChart(plane, { namespace: NAMESPACE, values });
  await applyChart(plane, rendered);
  const deployment = objectOf(rendered, 'Deployment');
  const account = podSpecOf(deployment).serviceAccountName ?? 'default';
  const { kubeconfig } = await plane.serviceAccount(NAMESPACE, account);
  const service = serviceOf(rendered);
  const running: Replica[] = [];
  let count = 0;
  const startReplica = async (options: ReplicaOptions = start): Promise<Replica> => {
    const replica = await startOne(plane, { deployment, kubeconfig, main, options, name: `wasmgate-${count++}` });
    running.push(replica);
    return replica;
  };
  const route = (to: readonly Replica[] = running) => pointService(plane, { namespace: NAMESPACE, ...service }, to.map(({ port }) => port));
  const forget = (replica: Replica) => void running.splice(running.indexOf(replica), 1);
  const stop = async () => {
    await Promise.all(running.splice(0).map(({ process }) => process.stop(3_000)));
  };
  try {
    const wanted = replicas ?? ((deployment['spec'] as { replicas?: number }).replicas ?? 1);
    for (let index = 0; index < wanted; index++) await startReplica();
    await route();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    namespace: NAMESPACE, rendered, startReplica, route, stop,
    username: `system:serviceaccount:${NAMESPACE}:${account}`,
    replicas: running,
    retire: async (replica, late = 0) => {
      forget(replica);
      replica.process.signal('SIGTERM');
      if (late > 0) await new Promise((resolve) => setTimeout(resolve, late));
      await route();
      return replica.process.ended;
    },
    drop: async (replica) => {
      forget(replica);
      replica.process.signal('SIGKILL');
      await replica.process.ended;
    },
  };
}

interface Start { readonly deployment: ApiObject; readonly kubeconfig: string; readonly main: string; readonly options: ReplicaOptions; readonly name: string }

async function startOne(plane: ControlPlane, { deployment, kubeconfig, main, options, name }: Start): Promise<Replica> {
  const folder = join(plane.folder, name);
  mkdirSync(folder);
  const [port, healthPort] = await freePorts(2) as [number, number];
  const replace = { listen: `${SERVICE_ADDRESS}:${port}`, 'health-listen': `127.0.0.1:${healthPort}`, kubeconfig, namespace: NAMESPACE, ...options.replace };
  const { args, env } = await containerOf(plane, podSpecOf(deployment), { name, namespace: NAMESPACE, folder, replace });
  const started = startProcess(process.execPath, [main, ...args], { cwd: folder, env: { HOSTNAME: name, ...env, ...options.env }, log: join(folder, 'log') });
  const health: Replica['health'] = (path) => answerOf(`http://127.0.0.1:${healthPort}${path}`);
  await eventually(`${name} is ready`, async () => {
    if (!started.running) throw new Error(`${name} has ended: ${started.log().slice(-4_000)}`);
    return (await health('/readyz')).status === 200 || null;
  }, { patience: 60_000, pause: 100, why: () => started.log().slice(-4_000) });
  return { name, process: started, port, health };
}

function serviceOf(rendered: Rendered): { readonly name: string; readonly portName: string } {
  const { service } = webhooksOf(rendered)[0]!.clientConfig;
  const { ports } = objectOf(rendered, 'Service', service.name)['spec'] as { ports: { name: string; port: number }[] };
  return { name: service.name, portName: (ports.find(({ port }) => port === (service.port ?? 443)) ?? ports[0]!).name };
}

interface WebhookEntry { readonly name: string; readonly failurePolicy: string; readonly clientConfig: { readonly service: { readonly name: string; readonly port?: number } } }

/** Entries of the validating webhook configuration. */
export function webhooksOf(rendered: Rendered): readonly WebhookEntry[] {
  return objectOf(rendered, 'ValidatingWebhookConfiguration')['webhooks'] as WebhookEntry[];
}

function answerOf(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const none = () => resolve({ status: 0, text: '' });
    const sent = request(url, { timeout: 5_000, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece)).on('error', none).on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }));
    });
    sent.on('error', none).on('timeout', () => sent.destroy()).end();
  });
}
