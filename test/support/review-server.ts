import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { Agent, type AgentOptions, request as tlsRequest } from 'node:https';
import { afterEach } from 'vitest';
import { SILENT, type Log } from '../../webhook/log.ts';
import { createMetrics } from '../../webhook/metrics.ts';
import type { Admission, AdmissionRequest, AdmissionResponse } from '../../webhook/review.ts';
import { EVERYBODY } from '../../webhook/server/callers.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../webhook/server/start-server.ts';
import type { CertificateSource, ServingPair } from '../../webhook/serving-pair.ts';
import { basicConstraints, type EKU, extendedKeyUsage, makeCertificate, subjectAltName, testKey } from './x509-maker.ts';

const DAY = 86_400_000;
let serial = 100;

/** Who signs what `issue` gives. */
export const AUTHORITY = authority('test authority');

export interface Authority {
  readonly subject: readonly (readonly [string, string])[];
  readonly key: ReturnType<typeof testKey>;
  readonly pem: string;
}

/** A certificate authority with a key of its own. */
export function authority(name: string): Authority {
  const parts = { subject: [['CN', name]] as const, key: testKey('p256', name) };
  return { ...parts, pem: makeCertificate({ ...parts, notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 365 * DAY), extensions: [basicConstraints('ca')] }).toString() };
}

export interface LeafOptions {
  readonly issuer?: Authority;
  readonly usage?: readonly (keyof typeof EKU)[];
  readonly names?: readonly (readonly ['dns' | 'uri' | 'email', string])[];
  /** Milliseconds from now. */
  readonly lifetime?: number;
  /** Milliseconds ago. */
  readonly age?: number;
}

/** A pair for a common name; each call gives another certificate. */
export function issue(name: string, { issuer = AUTHORITY, usage = ['serverAuth', 'clientAuth'], names = [['dns', 'localhost']], lifetime = 30 * DAY, age = DAY }: LeafOptions = {}): ServingPair {
  const key = testKey('p256', name);
  serial += 1;
  const certificate = makeCertificate({
    subject: [['CN', name]], key, issuer, serial, notBefore: new Date(Date.now() - age), notAfter: new Date(Date.now() + lifetime), extensions: [extendedKeyUsage(usage), subjectAltName(names)],
  }).toString();
  return { certificate, key: key.export({ type: 'pkcs8', format: 'pem' }) as string };
}

/** A source whose pair is set by the test. */
export function certificateSource(first: ServingPair | null): CertificateSource & { set(pair: ServingPair): void } {
  let pair = first;
  const listeners: ((pair: ServingPair) => void)[] = [];
  return {
    current: () => pair,
    onChange: (listener) => void listeners.push(listener),
    stop: async () => {},
    set: (next) => {
      pair = next;
      for (const listener of listeners) listener(next);
    },
  };
}

/** Lets everything pass, after `milliseconds`. */
export function admitting(milliseconds = 0): Admission {
  const answer = async ({ uid }: AdmissionRequest): Promise<AdmissionResponse> => {
    if (milliseconds > 0) await new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
    });
    return { uid, allowed: true };
  };
  return { validate: answer, mutate: answer };
}

/** A log that keeps its lines. */
export function keptLog(): Log & { readonly lines: { readonly level: string; readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[] } {
  const lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const line = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string): void => void lines.push({ level, message, fields });
  return { lines, info: line('info'), warn: line('warn'), error: line('error') };
}

const running: (() => Promise<void>)[] = [];

/** A server on loopback that ends with the test. */
export async function serveReviews(options: Partial<ServerOptions> = {}): Promise<RunningServer & { readonly metrics: ServerOptions['metrics'] }> {
  const metrics = createMetrics();
  const listen = { host: '127.0.0.1', port: 0 };
  const server = await startServer({
    listen, healthListen: listen, admission: admitting(), certificates: certificateSource(issue('server')), callers: EVERYBODY, defaultTimeout: 10_000, drain: 0, checks: () => [],
    metrics, log: SILENT, closeTimeout: 2_000, closeOneIn: 0, ...options,
  });
  running.push(() => server.stop());
  return { ...server, metrics };
}

/** Ends every server that the test started. */
export function stopServersAfterEach(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((stop) => stop()));
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The `response` of an AdmissionReview. */
  readonly response: AdmissionResponse;
}

export interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** An agent that trusts AUTHORITY. */
export function agentOf(options: AgentOptions = {}): Agent {
  return new Agent({ ca: AUTHORITY.pem, servername: 'localhost', maxCachedSessions: 0, ...options });
}

/** Sends a body and reads the answer; rejects where the connection fails. */
export function post({ address }: Pick<RunningServer, 'address'>, body: string | Uint8Array, sending: Sending = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', path = '/validate?timeout=10s', headers = {}, agent = agentOf() } = sending;
    const request = tlsRequest({ host: address.address, port: address.port, method, path, agent, headers: { 'content-type': 'application/json', ...headers } }, (message) => {
      let text = '';
      message.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      }).on('error', reject).on('end', () => resolve({ status: message.statusCode!, headers: message.headers, text, response: responseOf(text) }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function responseOf(text: string): AdmissionResponse {
  try {
    return (JSON.parse(text) as { response: AdmissionResponse }).response;
  } catch {
    return { uid: '', allowed: false };
  }
}

/** Asks the health port. */
export function probe({ healthAddress }: Pick<RunningServer, 'healthAddress'>, path: string, method = 'GET'): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const request = plainRequest({ host: healthAddress.address, port: healthAddress.port, path, method, agent: false }, (message) => {
      let text = '';
      message.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      }).on('end', () => resolve({ status: message.statusCode!, text }));
    });
    request.on('error', reject);
    request.end();
  });
}

/** A review as the API server sends it. */
export function reviewOf(request: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002', kind: { group: '', version: 'v1', kind: 'Pod' }, resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' }, requestResource: { group: '', version: 'v1', resource: 'pods' }, name: 'web', namespace: 'shop', operation: 'CREATE',
      userInfo: { username: 'ann', groups: ['system:authenticated'] }, object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } }, oldObject: null, dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' }, ...request,
    },
  });
}
