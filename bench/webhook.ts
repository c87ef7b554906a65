// The admission webhook under load, on loopback: reviews of a known digest, at full speed and at a fixed rate, beside a server that decides
// nothing; signed modules nobody has seen; and memory after as many scans as an hour brings.
// npm run bench:webhook [-- --seconds N] [--soak N]   Needs: npm run build.   Through an API server: npm run bench:api-server.
import { request } from 'node:https';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { pack, part, putInto, type Packed } from '../test/registry/pack.ts';
import { wasmArtifact } from '../test/registry/push.ts';
import { selfSigned } from '../test/registry/certificate.ts';
import { startRegistry } from '../test/registry/server.ts';
import { claims, publicPem, SIGNER } from '../test/support/cosign-2.ts';
import { BENCH_FILES } from './files.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' }, soak: { type: 'string', default: '3600' }, cold: { type: 'string', default: '100' } } });
const LAUNCHER = join(import.meta.dirname, '../dist/main.js');
const RATE = 500;
const MEGABYTE = 1e6;

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'wasmgate-bench-'));
const registry = await startRegistry();
const children: ChildProcess[] = [];
try {
  const serving = await start();
  console.log('| measured | connections | reviews/s | p50 ms | p99 ms | most ms | CPU of the server, microseconds a review | failed |\n|---|---:|---:|---:|---:|---:|---:|---:|');
  const known = bodies(putModule(module(0)), 64);
  await load(serving, known, { connections: 4, seconds: 2 });
  const idle = await startIdle();
  for (const round of [1, 2]) {
    row(`a server that decides nothing (${round})`, 20, await load(idle, known, { connections: 20 }));
    row(`a known digest (${round})`, 20, await load(serving, known, { connections: 20 }));
  }
  row(`a known digest, ${RATE} a second`, 20, await load(serving, known, { connections: 20, rate: RATE }));
  idle.close();
  await cold(serving);
  await soak(serving);
} finally {
  for (const child of children) child.kill('SIGKILL');
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
}

interface Server {
  readonly host: string;
  readonly pid: number;
  close(): void;
}

/** Starts the webhook as the image does, with two threads and a policy that asks for a signature of one repository. */
async function start(): Promise<Server> {
  const { key, certificate } = selfSigned();
  const files = { key: join(folder, 'tls.key'), certificate: join(folder, 'tls.crt'), policy: join(folder, 'policy.yaml'), release: join(folder, 'release.pem') };
  writeFileSync(files.key, key);
  writeFileSync(files.certificate, certificate);
  writeFileSync(files.release, publicPem(SIGNER));
  writeFileSync(files.policy, `apiVersion: wasmgate.dev/v1alpha1
kind: ClusterWasmPolicy
metadata: { name: everything }
spec: { level: baseline }
---
apiVersion: wasmgate.dev/v1alpha1
kind: ClusterWasmPolicy
metadata: { name: signed }
spec:
  level: baseline
  match: { references: ["${registry.host}/signed/**"] }
  signatures: { require: { anyOf: [release] }, authorities: [{ name: release, key: { file: release.pem, transparencyLog: ignore } }] }
`);
  const child = spawn(process.execPath, ['--max-semi-space-size=2', LAUNCHER, 'webhook', '--policy', files.policy, '--tls-cert', files.certificate, '--tls-key', files.key, '--listen', '127.0.0.1:0', '--health-listen', '127.0.0.1:0', '--workers', '2', '--insecure-registry', registry.host, '--log-level', 'info'],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, XDG_CACHE_HOME: folder, MALLOC_ARENA_MAX: '2' } });
  children.push(child);
  const port = await new Promise<number>((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 10_000);
      const found = /"address":\{"address":"[^"]*","family":"[^"]*","port":(\d+)\}/.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.on('exit', () => reject(new Error(said)));
  });
  return { host: `127.0.0.1:${port}`, pid: child.pid!, close: () => child.kill() };
}

/** Reads a review and allows it: what TLS, HTTP and JSON alone cost. */
async function startIdle(): Promise<Server> {
  const { key, certificate } = selfSigned();
  const source = `import { createServer } from 'node:https';
const [key, cert] = JSON.parse(process.argv[1]);
const server = createServer({ key, cert, keepAliveTimeout: 95_000 }, (request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece)).on('end', () => {
    const { request: { uid } } = JSON.parse(Buffer.concat(pieces).toString());
    const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
  });
}).listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, JSON.stringify([key, certificate])], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const port = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
  return { host: `127.0.0.1:${port.trim()}`, pid: child.pid!, close: () => child.kill() };
}

/** CPU is that of the whole process, so it says more than reviews a second do where others use the machine as well. */
interface Measured { readonly cpu: number; readonly sent: number; readonly failed: number; readonly denied: number; readonly perSecond: number; readonly p50: number; readonly p99: number; readonly max: number }

async function load({ host, pid }: Server, reviews: readonly string[], { connections, seconds = Number(values.seconds), rate }: { readonly connections: number; readonly seconds?: number; readonly rate?: number }): Promise<Measured> {
  const file = join(folder, 'bodies.json');
  writeFileSync(file, JSON.stringify(reviews));
  const before = cpuSeconds(pid);
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'load.ts'), host, file, String(connections), String(seconds), ...(rate === undefined ? [] : [String(rate)])]);
  const measured = JSON.parse(stdout) as Omit<Measured, 'cpu'>;
  return { ...measured, cpu: ((cpuSeconds(pid) - before) * 1e6) / measured.sent };
}

function row(name: string, connections: number, { perSecond, p50, p99, max, cpu, failed }: Measured): void {
  console.log(`| ${name} | ${connections} | ${perSecond.toLocaleString('en')} | ${p50} | ${p99} | ${max} | ${cpu.toFixed(0)} | ${failed} |`);
}

/** Every review has a uid and a pod name of its own, as in a cluster. */
function bodies(reference: string, count: number): string[] {
  const managed = Array.from({ length: 12 }, (_, index) => ({ manager: `manager-${index}`, operation: 'Update', apiVersion: 'v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1', fieldsV1: { 'f:metadata': { 'f:labels': { [`f:label-${index}`]: {} } }, 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:resources': {} } } } } }));
  return Array.from({ length: count }, (_, index) => {
    const name = `app-${index}-7d9c`;
    const object = {
      apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, labels: { app: 'app' }, managedFields: managed },
      spec: { runtimeClassName: 'wasmtime', serviceAccountName: 'default', containers: [{ name: 'app', image: reference, imagePullPolicy: 'IfNotPresent', resources: { limits: { memory: '64Mi', cpu: '100m' } }, terminationMessagePath: '/dev/termination-log', volumeMounts: [{ name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] }], volumes: [{ name: 'kube-api-access', projected: { defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }] } }], tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }] },
    };
    const kind = { group: '', version: 'v1', kind: 'Pod' };
    const resource = { group: '', version: 'v1', resource: 'pods' };
    return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: `11111111-0000-4000-8000-${String(index).padStart(12, '0')}`, kind, resource, requestKind: kind, requestResource: resource, name, namespace: 'default', operation: 'CREATE', userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller', groups: ['system:serviceaccounts', 'system:authenticated'] }, object, oldObject: null, dryRun: false, options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' } } });
  });
}

/** A real module, filled up to a megabyte by a custom section that makes each of its own digest. */
function module(seed: number): Uint8Array {
  const real = readFileSync(BENCH_FILES.find(({ name }) => name.includes('rollup'))?.path ?? join(import.meta.dirname, '../test/fixtures/toolchains/rust-hello-wasip1.wasm'));
  const fill = Buffer.alloc(Math.max(16, MEGABYTE - real.length));
  fill.writeUInt32LE(seed);
  const length = 5 + fill.length;
  return Buffer.concat([real, Buffer.from([0, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, ((length >> 14) & 0x7f) | 0x80, length >> 21]), Buffer.from('\u0004fill'), fill]);
}

function putModule(wasm: Uint8Array, repository = 'bench/known', packed: Packed = wasmArtifact(wasm)): string {
  putInto(registry, repository, 'v1', packed);
  return `${registry.host}/${repository}@${packed.digest}`;
}

function putSigned(seed: number): string {
  const packed = wasmArtifact(module(seed));
  const repository = `signed/app-${seed}`;
  const document = claims(packed.digest);
  const layer = { ...part('application/vnd.dev.cosign.simplesigning.v1+json', document), annotations: { 'dev.cosignproject.cosign/signature': sign('sha256', document, SIGNER).toString('base64') } };
  putInto(registry, repository, `${packed.digest.replace(':', '-')}.sig`, pack({ config: part('application/vnd.oci.image.config.v1+json', {}), layers: [layer] }));
  return putModule(module(seed), repository, packed);
}

/** Each review brings a signed module of a megabyte that nobody has seen: manifest, layer, signature, scan. */
async function cold(server: Server): Promise<void> {
  const reviews = Array.from({ length: Number(values.cold) }, (_, index) => bodies(putSigned(index + 1), 1)[0]!);
  registry.requests.length = 0;
  const times: number[] = [];
  for (const review of reviews) {
    const began = performance.now();
    const answer = await post(server, review);
    times.push(performance.now() - began);
    if (!answer.includes('"allowed":true')) throw new Error(answer);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => times[Math.floor((times.length - 1) * share)]!.toFixed(0);
  console.log(`\n${reviews.length} signed modules of 1 MB, one after another: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; ${registry.count('GET', /\/blobs\/sha256:/)} blobs fetched (a layer, its config, and the claims and config of its signature)`);
}

/** As many new modules as an hour of one scan a second, with reviews of known ones between them. */
async function soak(server: Server): Promise<void> {
  const count = Number(values.soak);
  if (count === 0) return;
  const known = bodies(putModule(module(0)), 8);
  const sizes: number[] = [];
  for (let index = 0; index < count; index++) {
    const repository = `soak/app-${index % 50}`;
    await post(server, bodies(putModule(module(1_000_000 + index), repository), 1)[0]!);
    await post(server, known[index % known.length]!);
    if (index % Math.ceil(count / 12) === 0) sizes.push(resident(server.pid));
  }
  sizes.push(resident(server.pid));
  console.log(`\nResident memory during ${count} scans of new modules of 1 MB: ${sizes.map((size) => size.toFixed(0)).join(', ')} MB`);
}

/** Seconds of processor that a process has used; the kernel counts hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function resident(pid: number): number {
  return (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024) / 1e6;
}

function post({ host }: Server, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(`https://${host}/validate?timeout=30s`, { method: 'POST', rejectUnauthorized: false, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => { text += piece; }).on('end', () => resolve(text));
    });
    sent.on('error', reject).end(body);
  });
}
