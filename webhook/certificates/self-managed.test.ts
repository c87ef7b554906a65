import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createMemoryKube, type MemoryKube } from '../../test/support/memory-kube.ts';
import { KubeError } from '../kube/api.ts';
import type { Leadership } from '../leadership.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { readCertificates } from './certificate.ts';
import { SECRETS } from './secret.ts';
import { type SelfManagedCertificates, selfManagedCertificates, servingNames } from './self-managed.ts';

const CONFIGURATIONS = { group: 'admissionregistration.k8s.io', version: 'v1', resource: 'validatingwebhookconfigurations' };
const PLACE = { namespace: 'gate', name: 'certificates' };
const started: SelfManagedCertificates[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((source) => source.stop()));
});

interface Lead extends Leadership {
  begin(): void;
  end(): void;
}

function createLead(): Lead {
  let work: ((signal: AbortSignal) => Promise<void>) | null = null;
  let term = new AbortController();
  return {
    leading: false,
    whileLeading: (_, given) => void (work = given),
    begin: () => {
      term = new AbortController();
      void work!(term.signal);
    },
    end: () => term.abort(),
    stop: async () => {},
  };
}

function start(kube: MemoryKube, clock?: { now: () => number; monotonic: () => number }) {
  const leadership = createLead();
  const metrics = createMetrics();
  const lines: string[] = [];
  const source = selfManagedCertificates({
    client: kube, leadership, metrics, namespace: 'gate', secret: 'certificates', service: 'wasmgate', webhookConfiguration: 'wasmgate',
    log: createLog('debug', { write: (line) => void lines.push(line) }),
    timing: { poll: 5, start: 5, propagation: 20, settle: 40 },
    ...(clock ? { clock } : {}),
  });
  started.push(source);
  return { source, leadership, metrics, lines };
}

function cluster(): MemoryKube {
  const kube = createMemoryKube();
  kube.store.put(CONFIGURATIONS, { kind: 'ValidatingWebhookConfiguration', metadata: { name: 'wasmgate' }, webhooks: [{ name: 'pods.wasmgate.dev', clientConfig: {} }] });
  return kube;
}

function bundleOf(kube: MemoryKube): string {
  const [webhook] = kube.store.get(CONFIGURATIONS, { name: 'wasmgate' })!['webhooks'] as readonly [{ readonly clientConfig: { readonly caBundle?: string } }];
  return Buffer.from(webhook.clientConfig.caBundle ?? '', 'base64').toString();
}

describe('self-managed certificates', () => {
  test('come from the leader and are served by whoever reads them', async () => {
    const kube = cluster();
    const [one, other] = [start(kube), start(kube)];
    await vi.waitUntil(() => kube.calls.length > 10);
    expect(one.source.current()).toBeNull();
    expect(one.source.ready).toBe(false);
    one.leadership.begin();
    await vi.waitUntil(() => one.source.ready && other.source.ready);
    expect(other.source.current()).toEqual(one.source.current());
    const { key, certificate } = other.source.current()!;
    const server = createServer({ key, cert: certificate }, (socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await once(connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1', ca: bundleOf(kube), servername: 'wasmgate.gate.svc' }), 'secureConnect');
    server.close();
  });

  test('are renewed by the next leader; the first does nothing more', async () => {
    const kube = cluster();
    const [one, other] = [start(kube), start(kube)];
    one.leadership.begin();
    await vi.waitUntil(() => one.source.ready && other.source.ready);
    one.leadership.end();
    const first = other.source.current();
    const heard: string[] = [];
    one.source.onChange(({ certificate }) => heard.push(certificate));
    kube.store.remove(SECRETS, PLACE);
    const calls = kube.calls.length;
    await vi.waitUntil(() => kube.calls.length > calls + 20);
    expect(kube.store.get(SECRETS, PLACE)).toBeNull();
    other.leadership.begin();
    await vi.waitUntil(() => heard.length === 1);
    await vi.waitUntil(() => other.source.current()!.certificate === heard[0]);
    expect(heard[0]).not.toBe(first!.certificate);
  });

  test('say when the one being served runs out, and are not ready after that', async () => {
    const clock = { time: Date.parse('2026-12-01T00:00:00Z'), now: () => clock.time, monotonic: () => performance.now() };
    const kube = cluster();
    const { source, leadership, metrics } = start(kube, clock);
    leadership.begin();
    await vi.waitUntil(() => source.ready);
    const [leaf] = readCertificates(source.current()!.certificate);
    expect((await metrics.certificateExpiry.get()).values[0]!.value).toBe(leaf!.notAfter / 1_000);
    leadership.end();
    clock.time = leaf!.notAfter;
    expect(source.ready).toBe(false);
  });

  test('stay in use while the API server is away, and the log says so once', async () => {
    const kube = cluster();
    const { source, leadership, lines } = start(kube);
    leadership.begin();
    await vi.waitUntil(() => source.ready);
    kube.before = () => {
      throw new KubeError('No connection to the API server', { status: 0, reason: '' });
    };
    const calls = kube.calls.length;
    await vi.waitUntil(() => kube.calls.length > calls + 10);
    expect(source.ready).toBe(true);
    expect(lines.filter((line) => line.includes('No connection'))).toHaveLength(1);
  });

  test('never show a key in the log', async () => {
    const kube = cluster();
    const { source, leadership, lines } = start(kube);
    leadership.begin();
    await vi.waitUntil(() => source.ready);
    kube.store.remove(SECRETS, PLACE);
    await vi.waitUntil(() => lines.filter((line) => line.includes('switch')).length === 2);
    expect(lines.join('')).not.toMatch(/PRIVATE KEY|BEGIN/);
  });
});

test('a Service is known by its names, the short one being the subject', () => {
  expect(servingNames('wasmgate', 'gate')).toEqual(['wasmgate', 'wasmgate.gate.svc', 'wasmgate.gate.svc.cluster.local', 'localhost']);
});
