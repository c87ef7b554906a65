/**
 * A Kubernetes control plane on loopback: etcd, kube-apiserver with RBAC and an audit log, and kube-controller-manager where wanted.
 * Only inside a network of its own (namespace.ts), so that Services reach webhooks at 10.200.0.1.
 *
 *   const plane = await startControlPlane({ controllerManager: true });
 *   await plane.namespace('shop', { 'wasmgate.dev/enforce': 'baseline' });
 *   const { code, errors } = await plane.kubectl(['apply', '-f', '-'], manifest);      // as a person sees it
 *   const { status } = await plane.api.post('/api/v1/namespaces/shop/pods', pod);      // when there are many
 *   plane.auditEvents().filter(({ annotations }) => ...);
 *   await plane.stop();
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../signing/loopback.ts';
import { ApiClient, type ApiAccess } from './api-client.ts';
import { type Authority, makeAuthority, tokenKeys } from './certificates.ts';
import { eventually, type OwnProcess, startProcess } from './process.ts';
import { mustHave } from './tools.ts';

export interface ControlPlaneOptions {
  /** Makes pods of Deployments and finishes deleted namespaces. Default: false. */
  readonly controllerManager?: boolean;
  /** What the API server shows to every webhook; default: nothing. */
  readonly webhookCredentials?: { readonly certificate?: string; readonly key?: string; readonly token?: string };
  /** `Name=true,Other=false` */
  readonly featureGates?: string;
}

/** An event of the audit log, audit.k8s.io/v1, as far as tests read it. */
export interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: { readonly resource: string; readonly namespace?: string; readonly name?: string; readonly apiGroup?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code: number; readonly message?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How kubectl or helm ended. */
export interface Ended { readonly code: number; readonly output: string; readonly errors: string }

export interface ControlPlane {
  /** Everything of it lies here; removed by `stop`. */
  readonly folder: string;
  readonly url: string;
  readonly authority: Authority;
  /** As a member of system:masters. */
  readonly api: ApiClient;
  /** Path of a kubeconfig for the same. */
  readonly kubeconfig: string;
  kubectl(args: readonly string[], input?: string): Promise<Ended>;
  /** Makes a namespace in which pods can be made. */
  namespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** A new token of a service account, and a kubeconfig with it. */
  serviceAccount(namespace: string, name: string): Promise<{ readonly token: string; readonly kubeconfig: string; readonly access: ApiAccess }>;
  /** What has been logged so far, finished requests only, in order. */
  auditEvents(): readonly AuditEvent[];
  stopApiServer(how?: 'gently' | 'killed'): Promise<void>;
  startApiServer(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything and waits until pods can be made; what has started is ended again when the rest fails. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-kubernetes-'));
  const state = await prepare(folder, options);
  const { url } = state;
  const api = new ApiClient({ url, authority: state.authority.certificate, ...state.admin });
  const running: { api: OwnProcess | null; others: OwnProcess[] } = { api: null, others: [] };
  const startApiServer = async () => {
    running.api = startProcess(mustHave('kube-apiserver'), state.apiServer, { cwd: folder, log: join(folder, 'kube-apiserver.log') });
    await ready(api, running.api);
  };
  const stopApiServer = async (how: 'gently' | 'killed' = 'killed') => {
    await running.api?.stop(how === 'killed' ? 0 : 15_000);
    running.api = null;
  };
  const stop = async () => {
    api.close();
    for (const one of running.others.slice(1).toReversed()) await one.stop(1_000);
    await stopApiServer();
    // The last: an API server without etcd never finishes.
    await running.others[0]?.stop(1_000);
    rmSync(folder, { recursive: true, force: true });
  };
  const plane: ControlPlane = {
    folder, url, api, stop, startApiServer, stopApiServer,
    authority: state.authority,
    kubeconfig: state.kubeconfig,
    kubectl: (args, input) => runTool('kubectl', args, { folder, kubeconfig: state.kubeconfig, ...(input === undefined ? {} : { input }) }),
    namespace: (name, labels = {}) => makeNamespace(api, name, labels),
    serviceAccount: (namespace, name) => accountOf(plane, namespace, name),
    auditEvents: () => readAudit(folder),
  };
  try {
    running.others.push(startProcess(mustHave('etcd'), state.etcd, { cwd: folder, log: join(folder, 'etcd.log') }));
    await startApiServer();
    if (options.controllerManager) running.others.push(startProcess(mustHave('kube-controller-manager'), state.controllerManager, { cwd: folder, log: join(folder, 'kube-controller-manager.log') }));
    await makeNamespace(api, 'default', {});
    return plane;
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface ToolPlace { readonly folder: string; readonly kubeconfig: string; readonly input?: string }

/** Runs kubectl or helm to its end; a failure is an answer, not an error. */
export function runTool(name: 'kubectl' | 'helm', args: readonly string[], { folder, kubeconfig, input }: ToolPlace): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECONFIG: kubeconfig };
  return new Promise((resolve) => {
    const child = execFile(mustHave(name), [...args], { cwd: folder, env, maxBuffer: 1 << 26, timeout: 120_000 }, (error, output, errors) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, output, errors });
    });
    child.stdin?.on('error', () => {}).end(input ?? '');
  });
}

interface State {
  readonly url: string;
  readonly authority: Authority;
  readonly admin: { readonly certificate: string; readonly key: string };
  readonly kubeconfig: string;
  readonly etcd: readonly string[];
  readonly apiServer: readonly string[];
  readonly controllerManager: readonly string[];
}

/** Certificates, keys and configuration files, and the arguments that name them. */
async function prepare(folder: string, options: ControlPlaneOptions): Promise<State> {
  const file = writer(folder);
  const authority = makeAuthority('control plane');
  const [etcd, peer, apiPort, managerPort] = await freePorts(4) as [number, number, number, number];
  const url = `https://127.0.0.1:${apiPort}`;
  const serving = authority.issue({ subject: [['CN', 'kube-apiserver']], usage: 'serverAuth', dns: ['localhost', 'kubernetes', 'kubernetes.default.svc'], addresses: ['127.0.0.1', '10.0.0.1'] });
  const admin = authority.issue({ subject: [['O', 'system:masters'], ['CN', 'admin']], usage: 'clientAuth' });
  const manager = authority.issue({ subject: [['CN', 'system:kube-controller-manager']], usage: 'clientAuth' });
  const tokens = tokenKeys();
  const ca = file('ca.crt', authority.certificate);
  const tokenKey = file('tokens.key', tokens.key);
  const kubeconfig = (name: string, user: object) => file(name, kubeconfigText({ url, authority: ca, user }));
  const withPair = (name: string, pair: { certificate: string; key: string }) => ({ 'client-certificate': file(`${name}.crt`, pair.certificate), 'client-key': file(`${name}.key`, pair.key) });
  mkdirSync(join(folder, 'etcd'), { mode: 0o700 });
  return {
    url, authority, admin,
    kubeconfig: kubeconfig('admin.kubeconfig', withPair('admin', admin)),
    etcd: [
      `--data-dir=${join(folder, 'etcd')}`, `--listen-client-urls=http://127.0.0.1:${etcd}`, `--advertise-client-urls=http://127.0.0.1:${etcd}`, `--listen-peer-urls=http://127.0.0.1:${peer}`,
      '--unsafe-no-fsync', '--log-level=warn',
    ],
    apiServer: [
      `--etcd-servers=http://127.0.0.1:${etcd}`, '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${apiPort}`, '--endpoint-reconciler-type=none',
      `--tls-cert-file=${file('apiserver.crt', serving.certificate)}`, `--tls-private-key-file=${file('apiserver.key', serving.key)}`, `--client-ca-file=${ca}`,
      `--service-account-issuer=${url}`, `--service-account-signing-key-file=${tokenKey}`, `--service-account-key-file=${file('tokens.pub', tokens.publicKey)}`,
      '--service-cluster-ip-range=10.0.0.0/24', '--authorization-mode=RBAC', '--allow-privileged=true', '--enable-aggregator-routing=true',
      `--audit-policy-file=${file('audit-policy.yaml', AUDIT_POLICY)}`, `--audit-log-path=${join(folder, 'audit.log')}`,
      ...admissionArguments(file, options), ...(options.featureGates === undefined ? [] : [`--feature-gates=${options.featureGates}`]),
    ],
    controllerManager: [
      `--kubeconfig=${kubeconfig('manager.kubeconfig', withPair('manager', manager))}`, '--leader-elect=false', '--bind-address=127.0.0.1', `--secure-port=${managerPort}`,
      `--service-account-private-key-file=${tokenKey}`, `--root-ca-file=${ca}`, '--use-service-account-credentials=true',
      '--controllers=*,-nodeipam,-nodelifecycle,-attachdetach,-persistentvolume-binder',
    ],
  };
}

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{level: Metadata}]
`;

/** How the API server introduces itself to webhooks. */
function admissionArguments(file: Writer, { webhookCredentials: shown }: ControlPlaneOptions): string[] {
  if (!shown) return [];
  const user = { ...(shown.token === undefined ? {} : { token: shown.token }), ...(shown.certificate === undefined ? {} : { 'client-certificate-data': base64(shown.certificate), 'client-key-data': base64(shown.key ?? '') }) };
  const credentials = file('webhook-credentials.kubeconfig', JSON.stringify({ apiVersion: 'v1', kind: 'Config', users: [{ name: '*', user }] }));
  const plugin = (name: string) => ({ name, configuration: { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'WebhookAdmissionConfiguration', kubeConfigFile: credentials } });
  const plugins = ['ValidatingAdmissionWebhook', 'MutatingAdmissionWebhook'].map(plugin);
  return [`--admission-control-config-file=${file('admission.json', JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins }))}`];
}

async function ready(api: ApiClient, server: OwnProcess): Promise<void> {
  await eventually('the API server is ready', async () => {
    if (!server.running) throw new Error(`kube-apiserver has ended: ${server.log().slice(-4_000)}`);
    const { status } = await api.get('/readyz');
    return status === 200 || null;
  }, { patience: 90_000, pause: 100, why: () => server.log().slice(-4_000) });
}

/** Pods need the namespace's service account; the controller manager would make it, a second later. */
async function makeNamespace(api: ApiClient, name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const made = [await api.post('/api/v1/namespaces', { metadata: { name, labels } }), await api.post(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } })];
  const failed = made.find(({ status }) => status !== 201 && status !== 409);
  if (failed) throw new Error(`Namespace ${name}: ${failed.body.message}`);
}

async function accountOf(plane: ControlPlane, namespace: string, name: string): ReturnType<ControlPlane['serviceAccount']> {
  const { status, body } = await plane.api.post(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } });
  if (status !== 201) throw new Error(`Token of ${namespace}/${name}: ${body.message}`);
  const { token } = body['status'] as { token: string };
  const text = kubeconfigText({ url: plane.url, authority: join(plane.folder, 'ca.crt'), user: { token }, namespace });
  return { token, kubeconfig: writer(plane.folder)(`${namespace}-${name}.kubeconfig`, text), access: { url: plane.url, authority: plane.authority.certificate, token } };
}

function kubeconfigText({ url, authority, user, namespace }: { readonly url: string; readonly authority: string; readonly user: object; readonly namespace?: string }): string {
  return JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'test', clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority': authority } }], users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', ...(namespace === undefined ? {} : { namespace }) } }],
  });
}

function readAudit(folder: string): AuditEvent[] {
  // The last line may be half written.
  const lines = readFileSync(join(folder, 'audit.log'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditEvent);
}

type Writer = (name: string, text: string) => string;

function writer(folder: string): Writer {
  return (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
