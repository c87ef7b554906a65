/**
 * An examiner over registries of the test, with carriers and policies as a webhook has them.
 *
 *   const bench = await openBench([registry]);
 *   const [one] = await bench.examine(carrierTo(`${registry.host}/acme/app:v1`));
 *   one.judge(bench.policies, NOW).verdict;
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPILE_OPTIONS, VOCABULARY } from '../../engine/policies.ts';
import type { Carrier } from '../../scanner/carrier.ts';
import { levelPolicy } from '../../scanner/policy/build.ts';
import { compilePolicy } from '../../scanner/policy/compile.ts';
import { formatFault, loadPolicies } from '../../scanner/policy/load.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { openExaminer, type ExaminerOptions, type ExaminerTestParts } from '../../webhook/examine/open-examiner.ts';
import type { Examined, ExamineRequest, Examiner, JudgingPolicy } from '../../webhook/judging.ts';
import { SILENT } from '../../webhook/log.ts';
import { createMetrics, type Metrics } from '../../webhook/metrics.ts';
import { sourceKey } from '../../webhook/source-key.ts';
import { registryOptions } from './registry-options.ts';
import { policyText } from './policy.ts';
import { carrierOf } from './surroundings.ts';

export const NOW = '2026-06-01T00:00:00Z';

/** A policy of a level alone. */
export function level(name: string): JudgingPolicy {
  return { ...levelPolicy(name, COMPILE_OPTIONS), material: null };
}

/** A policy of a spec with whatever its authorities need; `files` by path. */
export function policy(spec: string, files: Readonly<Record<string, Uint8Array>> | null = null, name = 'test'): JudgingPolicy {
  const { documents, errors } = loadPolicies(policyText(spec, 'WasmPolicy', name), 'test.yaml', VOCABULARY);
  if (errors.length > 0) throw new Error(errors.map(formatFault).join('\n'));
  const document = documents[0]!;
  const compiled = compilePolicy(document, COMPILE_OPTIONS);
  const sources = Object.fromEntries(Object.entries(files ?? {}).map(([path, bytes]) => [sourceKey({ from: 'file', path }), bytes]));
  const id = `${compiled.hash} ${Object.entries(sources).map(([key, bytes]) => `${key} ${Buffer.from(bytes).toString('base64')}`).join()}`;
  return { ...compiled, material: files === null ? null : { id, document, sources } };
}

/** A container of a pod with a runtime class for Wasm. */
export function carrierTo(reference: string, over: Partial<Carrier> = {}): Carrier {
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'pod', file: '', pointer: '/spec/containers/0/image', line: 1, column: 1 } as const;
  return { ...carrierOf({ reference, pinned: reference.includes('@'), signals: ['runtimeClassName: wasmtime'], certain: true, process: { command: null, args: null } }), ...pod, ...over };
}

/** A container of an ordinary pod. */
export function plainCarrierTo(reference: string, over: Partial<Carrier> = {}): Carrier {
  return carrierTo(reference, { signals: [], certain: false, ...over });
}

export interface Bench {
  readonly examiner: Examiner;
  readonly metrics: Metrics;
  readonly cacheFolder: string;
  examine(carrier: Carrier, request?: Partial<ExamineRequest>): Promise<readonly Examined[]>;
  /** Examined, and judged by the policies of the request. */
  entries(carrier: Carrier, request?: Partial<ExamineRequest>): Promise<readonly ScanEntry[]>;
  close(): Promise<void>;
}

export const BASELINE = level('baseline');

/** Opens an examiner that may talk to these registries. */
export async function openBench(registries: Parameters<typeof registryOptions>[0], over: Partial<ExaminerOptions> = {}, parts: ExaminerTestParts = {}): Promise<Bench> {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'wasmgate-examine-'));
  const { pullSecrets: _, deadline: _deadline, blobs: _blobs, ...registry } = registryOptions(registries);
  const metrics = createMetrics();
  const examiner = await openExaminer({
    detection: 'manifest', workers: 1, queue: 100, registry, sharedRegistries: [], cache: { disk: true, maxBytes: 64 << 20, environment: { XDG_CACHE_HOME: cacheFolder } },
    fetchTimeout: 20_000, metrics, log: SILENT, ...over,
  }, parts);
  const requestOf = (request: Partial<ExamineRequest>): ExamineRequest => ({ policies: [BASELINE], pullSecrets: [], deadline: Date.now() + 60_000, ...request });
  return {
    examiner, metrics, cacheFolder,
    examine: (carrier, request = {}) => examiner.examine(carrier, requestOf(request)),
    entries: async (carrier, request = {}) => {
      const full = requestOf(request);
      return (await examiner.examine(carrier, full)).map((one) => one.judge(full.policies, NOW));
    },
    close: async () => {
      await examiner.close();
      rmSync(cacheFolder, { recursive: true, force: true });
    },
  };
}
