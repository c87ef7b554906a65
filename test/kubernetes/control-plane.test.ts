import { createServer, type Server } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthority } from './certificates.ts';
import { type ControlPlane, runTool, startControlPlane } from './control-plane.ts';
import { CUSTOM_KINDS, define, pathOf } from './custom-resources.ts';
import type { ApiObject } from './api-client.ts';
import { load } from './load.ts';
import { canRunKubernetes, SERVICE_ADDRESS } from './namespace.ts';
import { eventually } from './process.ts';
import { pointService } from './service.ts';

const MESSAGE = 'Module oci://x/y:1 may open files\n  fix: take it away';

interface Review { readonly request: { readonly uid: string; readonly object: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } } } }

/** A webhook that denies what has the label `deny`, and who called it. */
function echoWebhook(pair: { readonly certificate: string; readonly key: string }, ca: string): { readonly server: Server; readonly callers: (string | undefined)[] } {
  const callers: (string | undefined)[] = [];
  const server = createServer({ cert: pair.certificate, key: pair.key, ca, requestCert: true, rejectUnauthorized: false }, (incoming, response) => void (async () => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
    callers.push(incoming.headers.authorization);
    const { request } = JSON.parse(Buffer.concat(pieces).toString()) as Review;
    const allowed = request.object.metadata.labels?.['deny'] === undefined;
    const status = allowed ? {} : { status: { code: 403, reason: 'Forbidden', message: MESSAGE } };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, allowed, ...status, auditAnnotations: { decision: allowed ? 'allow' : 'deny' }, ...(allowed ? { warnings: ['look twice'] } : {}) } }));
  })());
  return { server, callers };
}

describe.skipIf(!canRunKubernetes())('the control plane of the tests', () => {
  let plane: ControlPlane;
  const authority = makeAuthority('echo');
  const clients = makeAuthority('clients');
  const servers: Server[] = [];
  const callers: (string | undefined)[][] = [];
  const pod = (name: string, labels: Readonly<Record<string, string>>) => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', labels }, spec: { containers: [{ name: 'main', image: 'registry.invalid/a:1' }] } });

  beforeAll(async () => {
    const shown = clients.issue({ subject: [['CN', 'api-server']], usage: 'clientAuth' });
    plane = await startControlPlane({ controllerManager: true, webhookCredentials: { ...shown, token: 'shown-to-webhooks' } });
    await plane.namespace('shop');
    await plane.namespace('echo');
    const pair = authority.issue({ subject: [['CN', 'echo']], usage: 'serverAuth', dns: ['echo.echo.svc'] });
    for (const echo of [echoWebhook(pair, clients.certificate), echoWebhook(pair, clients.certificate)]) {
      servers.push(echo.server);
      callers.push(echo.callers);
      await new Promise<void>((resolve) => echo.server.listen(0, SERVICE_ADDRESS, resolve));
    }
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'echo', namespace: 'echo' }, spec: { selector: { app: 'echo' }, ports: [{ name: 'https', port: 443, targetPort: 'https' }] } }));
    await pointService(plane, { namespace: 'echo', name: 'echo', portName: 'https' }, servers.map((server) => (server.address() as { port: number }).port));
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'echo' },
      webhooks: [{
        name: 'echo.tests.wasmgate.dev', clientConfig: { service: { namespace: 'echo', name: 'echo', path: '/validate' }, caBundle: Buffer.from(authority.certificate).toString('base64') }, failurePolicy: 'Fail', sideEffects: 'None', admissionReviewVersions: ['v1'],
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }], namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
      }],
    }));
    await eventually('the webhook is in force', async () => (await plane.api.post('/api/v1/namespaces/shop/pods?dryRun=All', JSON.parse(pod('probe', { deny: 'yes' })) as object)).status === 403 || null);
  });

  afterAll(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await plane?.stop();
  });

  test('reaches a webhook through its Service, and kubectl shows what it says', async () => {
    expect(await plane.kubectl(['apply', '-f', '-'], pod('good', {}))).toMatchObject({ code: 0, output: 'pod/good created\n', errors: 'Warning: look twice\n' });
    const denied = await plane.kubectl(['apply', '-f', '-'], pod('bad', { deny: 'yes' }));
    expect(denied.code).toBe(1);
    expect(denied.errors).toContain(`admission webhook "echo.tests.wasmgate.dev" denied the request: ${MESSAGE}`);
  });

  test('uses every endpoint, and shows its certificate and token', async () => {
    await eventually('both replicas are asked', async () => {
      // A kept connection leads to one endpoint for good; new ones are made where many wait.
      await Promise.all(Array.from({ length: 40 }, () => plane.api.post('/api/v1/namespaces/shop/pods?dryRun=All', JSON.parse(pod('probe', {})) as object)));
      return callers.every(({ length }) => length > 0) || null;
    });
    expect(new Set(callers.flat())).toEqual(new Set(['Bearer shown-to-webhooks']));
  });

  test('makes pods of Deployments, and tells why there are none', async () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'bad', namespace: 'shop' }, spec: { replicas: 1, selector: { matchLabels: { deny: 'yes' } }, template: { metadata: { labels: { deny: 'yes' } }, spec: { containers: [{ name: 'main', image: 'registry.invalid/a:1' }] } } } };
    expect(await plane.kubectl(['apply', '-f', '-'], JSON.stringify(deployment))).toMatchObject({ code: 0 });
    const told = await eventually('the Deployment tells of the refusal', async () => {
      const { body } = await plane.api.get('/apis/apps/v1/namespaces/shop/deployments/bad');
      const { conditions = [] } = body['status'] as { conditions?: { type: string; message: string }[] };
      return conditions.find(({ type }) => type === 'ReplicaFailure')?.message ?? null;
    });
    expect(told).toContain(MESSAGE);
  });

  test('keeps audit annotations, of what was allowed and of what was denied', () => {
    const told = plane.auditEvents().filter(({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'pods' && !objectRef.subresource).map(({ objectRef, annotations }) => [objectRef?.name, annotations?.['echo.tests.wasmgate.dev/decision']]);
    expect(told).toContainEqual(['good', 'allow']);
    expect(told).toContainEqual(['bad', 'deny']);
  });

  test('sorts what becomes of many reviews, and sees what is let through', async () => {
    const next = (namespace: string) => (number: number) => ({ path: `/api/v1/namespaces/${namespace}/pods`, object: JSON.parse(pod(`many-${number}`, { deny: 'yes' }).replace('"shop"', `"${namespace}"`)) as ApiObject, expected: 'deny' as const });
    expect(await load(plane, { next: next('shop'), count: 20, concurrency: 4 })).toMatchObject({ right: 20, wronglyAllowed: [] });
    // Nobody looks at this namespace.
    expect((await load(plane, { next: next('echo'), count: 20, concurrency: 4 })).wronglyAllowed).toHaveLength(20);
  });

  test('comes back after a crash of its API server', async () => {
    await plane.stopApiServer();
    expect((await plane.api.get('/readyz')).status).toBe(0);
    await plane.startApiServer();
    expect((await plane.kubectl(['apply', '-f', '-'], pod('later', { deny: 'yes' }))).errors).toContain(MESSAGE);
  });

  test('knows every custom kind of the carrier table', async () => {
    await define(plane, CUSTOM_KINDS);
    const made = await Promise.all(CUSTOM_KINDS.map(async (kind) => {
      const { status } = await plane.api.post(pathOf(kind, 'shop'), { apiVersion: `${kind.group}/${kind.versions[0]}`, kind: kind.kind, metadata: { name: 'one' }, spec: { anything: [1] } });
      return [kind.kind, status];
    }));
    expect(made.filter(([, status]) => status !== 201)).toEqual([]);
  });

  test('gives service accounts their rights and no others', async () => {
    await plane.kubectl(['create', 'serviceaccount', 'reader', '-n', 'echo']);
    await plane.kubectl(['create', 'rolebinding', 'reader', '-n', 'shop', '--clusterrole=view', '--serviceaccount=echo:reader']);
    const { kubeconfig } = await plane.serviceAccount('echo', 'reader');
    expect(await runTool('kubectl', ['get', 'pods', '-n', 'shop', '-o', 'name'], { folder: plane.folder, kubeconfig })).toMatchObject({ code: 0 });
    expect((await runTool('kubectl', ['get', 'secrets', '-n', 'shop'], { folder: plane.folder, kubeconfig })).errors).toContain('forbidden');
  });
});
