import { createAdmission } from '../../webhook/admission/admission.ts';
import type { AdmissionParts, AdmissionSettings } from '../../webhook/admission/parts.ts';
import type { Carrier } from '../../scanner/carrier.ts';
import type { FactsSummary } from '../../scanner/facts/summary.ts';
import type { Finding } from '../../scanner/finding.ts';
import { compose } from '../../scanner/policy/compose.ts';
import { judge } from '../../scanner/policy/judge.ts';
import { sha256Hex } from '../../scanner/sha256.ts';
import { failureEntry, type ScanEntry } from '../../scanner/report/entry.ts';
import { judgeUnread } from '../../scanner/scan.ts';
import { type ClusterReader, NO_CLUSTER } from '../../webhook/cluster.ts';
import type { ExamineRequest, Examined, JudgingPolicy } from '../../webhook/judging.ts';
import type { AppliedPolicies, NamespaceView, PolicyQuestion } from '../../webhook/policy-source.ts';
import type { Admission, AdmissionRequest, AdmissionResponse, WireObject } from '../../webhook/review.ts';
import { findingOf, policyOf } from './policy.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');
export const DEADLINE: number = NOW.getTime() + 9_000;
export const ROOT_DIGEST = `sha256:${'d'.repeat(64)}`;
const FILE_DIGEST = `sha256:${'f'.repeat(64)}`;

/** A policy ready for a webhook. */
export function judging(spec = 'level: baseline', name = 'test'): JudgingPolicy {
  return { ...policyOf(spec, name), material: null };
}

/** What a fake examiner finds in one carrier. */
export interface Find {
  readonly reference?: string;
  readonly rootDigest?: string | null;
  readonly findings?: readonly Finding[];
  /** Not analysed for this reason. */
  readonly failure?: ScanEntry['failure'];
}

export interface WorldOptions {
  /** Default: everything is clean. */
  readonly find?: (carrier: Carrier, request: ExamineRequest) => readonly Find[] | Promise<readonly Find[]>;
  readonly policies?: (question: PolicyQuestion) => Partial<AppliedPolicies>;
  readonly ready?: boolean;
  readonly labels?: (name: string) => NamespaceView['labels'];
  readonly cluster?: Partial<ClusterReader>;
  readonly settings?: Partial<AdmissionSettings>;
  readonly parts?: Partial<AdmissionParts>;
}

/** Everything that answering reviews needs, and what became of it. */
export interface World {
  readonly admission: Admission;
  readonly parts: AdmissionParts;
  readonly examined: Carrier[];
  readonly requests: ExamineRequest[];
  readonly questions: PolicyQuestion[];
  readonly counts: Map<string, number>;
  readonly logged: string[];
}

/** An admission over fakes that remember what they were asked. */
export function world(options: WorldOptions = {}): World {
  const examined: Carrier[] = [];
  const requests: ExamineRequest[] = [];
  const questions: PolicyQuestion[] = [];
  const counts = new Map<string, number>();
  const logged: string[] = [];
  const counter = (name: string) => ({ inc: (labels: object) => void counts.set(`${name} ${Object.values(labels).join(' ')}`, (counts.get(`${name} ${Object.values(labels).join(' ')}`) ?? 0) + 1) });
  const say = (_fields: unknown, message: string): unknown => logged.push(message);
  const fallback = judging();
  const parts: AdmissionParts = {
    policies: {
      ready: options.ready ?? true, revision: 1, all: [fallback], onChange: () => {}, close: async () => {},
      for(question) {
        questions.push(question);
        return { enforce: [fallback], warn: [], audit: [], faults: [], ...options.policies?.(question) };
      },
    },
    namespaces: { view: async (name) => ({ name, labels: options.labels === undefined ? {} : options.labels(name) }) },
    cluster: { ...NO_CLUSTER, ...options.cluster },
    examiner: {
      ready: true, close: async () => {},
      async examine(carrier, request) {
        examined.push(carrier);
        requests.push(request);
        return (await (options.find ?? (() => [{}]))(carrier, request)).map((find) => examinedOf(carrier, find));
      },
    },
    settings: { workloads: 'warn', readStores: false, readPullSecrets: false, ...options.settings },
    hash: sha256Hex, now: () => NOW,
    metrics: { evaluations: counter('evaluations'), errors: counter('errors') },
    log: { info: say, warn: say, error: say },
    ...options.parts,
  };
  return { admission: createAdmission(parts), parts, examined, requests, questions, counts, logged };
}

/** What is found of a carrier that breaks a rule. */
export const BAD: Find = { findings: [findingOf({ rule: 'capability-net-connect', message: 'The module may open connections', fix: 'Remove wasi:sockets, or allow net-connect' })] };
export const SO_SO: Find = { findings: [findingOf({ rule: 'debug-info-embedded', severity: 'warning', message: 'Debug information is left in', fix: 'Strip it' })] };

/** Finds something bad wherever this says so. */
export const badWhere = (is: (carrier: Carrier) => boolean) => (carrier: Carrier): readonly Find[] => [is(carrier) ? BAD : {}];
export const allBad = (): readonly Find[] => [BAD];

function examinedOf(carrier: Carrier, { reference, rootDigest, findings = [], failure = null }: Find): Examined {
  const name = carrier.scheme === 'oci' ? `oci://${carrier.reference}` : carrier.reference;
  return {
    reference: reference ?? carrier.reference, rootDigest: rootDigest === undefined ? (carrier.scheme === 'oci' ? ROOT_DIGEST : null) : rootDigest,
    judge(policies, now) {
      const shown = policies.map(({ name, hash }) => ({ name, hash }));
      if (failure !== null) return failureEntry(name, failure, { ...judgeUnread(policies, now), policies: shown });
      const judgement = compose(policies.map((policy) => judge({ findings, problems: [], facts: { name, reference: name, digest: FILE_DIGEST, provenance: { attestations: [] }, size: 8 } as unknown as FactsSummary, policy, now })));
      return { ...failureEntry(name, { kind: 'unreadable', code: '', message: '' }, { ...judgement, policies: shown }), ...judgement, failure: null, artifact: { name, digest: FILE_DIGEST, size: 8 } };
    },
  };
}

const PLURALS: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies', CronJob: 'cronjobs' };

/** A request about an object: CREATE, by a user, in the namespace that the object names, unless more is said. */
export function requestOf(object: WireObject, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const apiVersion = text(object['apiVersion']);
  const slash = apiVersion.lastIndexOf('/');
  const kind = { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind: text(object['kind']) };
  const resource = { group: kind.group, version: kind.version, resource: PLURALS[kind.kind] ?? `${kind.kind.toLowerCase()}s` };
  const metadata = (object['metadata'] ?? {}) as Record<string, unknown>;
  return {
    uid: 'u-1', kind, resource, subResource: '', requestKind: kind, requestResource: resource, requestSubResource: '',
    name: text(metadata['name']), namespace: text(metadata['namespace']) || null, operation: 'CREATE',
    userInfo: { username: 'anna', groups: ['system:authenticated'] }, object, oldObject: null, dryRun: false, ...more,
  };
}

/** An update of an object. */
export function updateOf(oldObject: WireObject, object: WireObject, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return requestOf(object, { operation: 'UPDATE', oldObject, ...more });
}

/** A pod in namespace shop, with this spec. */
export function podOf(spec: WireObject = { containers: [{ name: 'main', image: 'r.example/app:1' }] }, metadata: WireObject = {}): WireObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'p-1', ...metadata }, spec };
}

/** The answer to a request, as JSON carries it. */
export async function answerTo({ admission }: World, request: AdmissionRequest): Promise<AdmissionResponse> {
  return JSON.parse(JSON.stringify(await admission.validate(request, DEADLINE))) as AdmissionResponse;
}
