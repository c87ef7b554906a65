import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CarrierFact } from '../../scanner/carrier.ts';
import { hostOf } from '../../scanner/facts/host.ts';
import { carriersIn } from '../../scanner/kubernetes/carriers.ts';
import { readManifests } from '../../scanner/kubernetes/read.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import { putInto } from '../registry/pack.ts';
import { image } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { digestOf } from '../registry/store.ts';
import { ROOT } from '../support/imports.ts';
import { policyText } from '../support/policy.ts';
import { buildCli, runCli, type CliRun } from '../support/run-cli.ts';
import type { Judged, SystemRow } from './row.ts';
import { SYSTEMS } from './table.ts';
import { systemsTable } from './document.ts';

const NAMES = [
  'WasmEdge', 'wasmCloud', 'runwasi', 'Kuasar', 'Dapr', 'crun', 'youki', 'Docker', 'OPA', 'Envoy/Istio', 'Kubewarden', 'Knative', 'KubeEdge', 'OpenFunction', 'SuperEdge',
  'Wasmer', 'Suborbital', 'Spin', 'wazero', 'Extism', 'wasmtime', 'wasm workers server', 'Javy', 'slight',
];

interface Imported { readonly kind?: string; readonly abi?: string | null; readonly capability?: string | null; readonly functions?: readonly Imported[] }
interface Inspected { readonly artifact: { readonly digest: string }; readonly kind: string; readonly imports: readonly Imported[] }
interface Scanned {
  readonly artifact: { readonly digest: string | null };
  readonly verdict: string;
  readonly findings: readonly { readonly rule: string; readonly severity: string }[];
  readonly package: { readonly form: string } | null;
}

let folder: string;
let built: { readonly folder: string; readonly main: string };
let registry: TestRegistry;
let files: Server;
const downloads = new Map<string, Uint8Array>();
beforeAll(async () => {
  built = buildCli();
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-systems-'));
  registry = await startRegistry();
  files = createServer((request, response) => response.end(downloads.get(request.url ?? '')));
  await new Promise<void>((resolve) => { files.listen(0, '127.0.0.1', resolve); });
});
afterAll(async () => {
  await registry.close();
  files.close();
  files.closeAllConnections();
  rmSync(folder, { recursive: true });
  rmSync(built.folder, { recursive: true });
});

const hostOfFiles = (): string => `127.0.0.1:${(files.address() as AddressInfo).port}`;

/** Puts the program where its system has it, and gives the target to name. */
function placed(row: SystemRow, { program: { bytes }, gives = '' }: Judged): { readonly cwd: string; readonly target: string } {
  const name = `${SYSTEMS.indexOf(row)}-${digestOf(bytes).slice(7, 19)}`;
  const cwd = join(folder, name);
  mkdirSync(cwd, { recursive: true });
  const digest = row.pack ? putInto(registry, `systems/${name}`, null, row.pack(bytes, gives)) : '';
  const reference = row.pack ? `${registry.host}/systems/${name}@${digest}` : '';
  downloads.set(`/${name}.wasm`, bytes);
  const file = row.target?.({ reference, url: `http://${hostOfFiles()}/${name}.wasm`, bytes, gives });
  if (file === undefined) return { cwd, target: `oci://${reference}` };
  writeFileSync(join(cwd, file.name), file.content);
  return { cwd, target: file.name };
}

function run(cwd: string, ...args: readonly string[]): Promise<CliRun> {
  return runCli([...args, '--insecure-registry', registry.host, '--allow-host', hostOfFiles()], { cwd, main: built.main, env: { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), DOCKER_CONFIG: folder } });
}

function parsed({ stdout, stderr }: CliRun): unknown {
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

async function inspected(row: SystemRow, judged: Judged): Promise<readonly Inspected[]> {
  const { cwd, target } = placed(row, judged);
  const report = parsed(await run(cwd, 'inspect', '--format', 'json', target)) as Inspected | { readonly results: readonly Inspected[] };
  return 'results' in report ? report.results : [report];
}

async function scanned(row: SystemRow, judged: Judged): Promise<{ readonly code: number | null; readonly entry: Scanned }> {
  const { cwd, target } = placed(row, judged);
  if (row.policy) writeFileSync(join(cwd, 'policy.yaml'), policyText(`level: baseline\n${row.policy}`));
  const ran = await run(cwd, 'scan', '--format', 'json', target, ...(row.policy ? ['--policy', 'policy.yaml'] : []));
  const { results } = parsed(ran) as { readonly results: readonly Scanned[] };
  expect(results.map(({ artifact }) => artifact.digest)).toEqual([digestOf(judged.program.bytes)]);
  return { code: ran.code, entry: results[0]! };
}

/** Kinds of imports that connect modules and call nothing. */
const LINKED: ReadonlySet<string> = new Set(['memory', 'table', 'global']);

const errorsOf = ({ findings }: Scanned): string[] => findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
const functionsOf = (imported: Imported): readonly Imported[] => (imported.functions && imported.functions.length > 0 ? imported.functions : [imported]);

/** The carrier of the manifest of a row, as the engine reads it. */
function carrierOf(row: SystemRow): CarrierFact | null {
  if (row.carriers.length === 0) return null;
  const { name, content } = row.target!({ reference: 'registry.example/app:v1', url: 'https://files.example/app.wasm', bytes: row.allowed.program.bytes, gives: row.allowed.gives ?? '' });
  const { carriers } = carriersIn(readManifests(String(content), name).objects, { hash: (bytes) => digestOf(bytes).slice(7) });
  return carriers[0] ?? null;
}

test('every system has an example', () => {
  expect([...new Set(SYSTEMS.map(({ system }) => system))]).toEqual(NAMES);
});

test('the page about systems says what is tested here', () => {
  expect(readFileSync(join(ROOT, 'docs/systems.md'), 'utf8'), 'node test/systems/document.ts writes it').toContain(systemsTable(SYSTEMS));
});

describe.each(SYSTEMS.map((row) => [`${row.system}: ${row.arrives}`, row] as const))('%s', (_name, row) => {
  if (row.carriers.length > 0) test('its manifest is recognised before anything is fetched', async () => {
    const { cwd, target } = placed(row, row.allowed);
    registry.requests.length = 0;
    const { carriers } = parsed(await run(cwd, 'inspect', '--no-fetch', '--format', 'json', target)) as { readonly carriers: readonly Record<string, unknown>[] };
    const { reference } = carriers[0] as { readonly reference: string };
    expect(carriers.map(({ kind, pointer, scheme, certain, signals }) => ({ kind, pointer, scheme, certain, signals }))).toEqual(row.carriers);
    expect(carriers.map(({ role }) => role)).toEqual(['module']);
    expect(reference).toContain(row.pack ? registry.host : row.carriers[0]!.scheme === 'http' ? hostOfFiles() : digestOf(row.allowed.program.bytes));
    expect(registry.requests).toEqual([]);
  });

  test('its host is known as far as it can be told', () => {
    const carried = carrierOf(row);
    const packaging = row.form === null ? null : { form: row.form } as Packaging;
    expect(hostOf(carried, packaging)?.profile ?? null).toBe(row.host);
  });

  test.each(['allowed', 'denied'] as const)('the module of the %s program is found, and its imports are of its ABI', async (which) => {
    const { program } = row[which];
    const found = await inspected(row, row[which]);
    expect(found.map(({ artifact }) => artifact.digest)).toEqual([digestOf(program.bytes)]);
    const imports = found[0]!.imports.flatMap(functionsOf);
    expect(imports.map(({ capability }) => capability)).not.toContain('unknown');
    const called = imports.filter(({ kind }) => !LINKED.has(kind ?? 'func'));
    expect([...new Set(called.map(({ abi }) => abi ?? 'none'))].sort()).toEqual(program.abis);
  });

  test('a program that keeps to the policy may run', async () => {
    const { code, entry } = await scanned(row, row.allowed);
    expect(errorsOf(entry)).toEqual([]);
    expect(['allow', 'warn']).toContain(entry.verdict);
    expect([code, entry.package?.form ?? null]).toEqual([0, row.form]);
  });

  test('a program that does not is denied, by the rule that says why', async () => {
    const { code, entry } = await scanned(row, row.denied);
    expect([code, entry.verdict, entry.package?.form ?? null]).toEqual([1, 'deny', row.form]);
    expect(errorsOf(entry)).toContain(row.denied.rule);
  });

  if (row.denied.hostDecides) test('the same program alone is a warning', async () => {
    const file = `${SYSTEMS.indexOf(row)}.wasm`;
    writeFileSync(join(folder, file), row.denied.program.bytes);
    const { results: [entry] } = parsed(await run(folder, 'scan', '--format', 'json', file)) as { readonly results: readonly Scanned[] };
    expect([entry!.verdict, entry!.findings.find(({ rule }) => rule === row.denied.rule)?.severity]).toEqual(['warn', 'warning']);
  });
});

test('a package of Wasmer is recognised and never clean', async () => {
  const packed = image({ layers: [{ entries: [{ path: 'app.webc', bytes: Buffer.concat([Buffer.from('\0webc003'), Buffer.alloc(64)]) }] }], config: { Entrypoint: ['/app.webc'] } });
  const target = `oci://${registry.host}/systems/webc@${putInto(registry, 'systems/webc', null, packed)}`;
  const ran = await run(folder, 'scan', '--format', 'json', target);
  const { results } = parsed(ran) as { readonly results: readonly Scanned[] };
  expect([ran.code, results.map(({ verdict }) => verdict)]).toEqual([3, ['error']]);
});
