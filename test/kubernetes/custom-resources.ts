import { CUSTOM_ROWS } from '../../scanner/kubernetes/custom-rows.ts';
import type { ControlPlane } from './control-plane.ts';
import { eventually } from './process.ts';

/** A kind to be defined, with a schema that lets anything pass. */
export interface CustomKind {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
  /** Plural name in URLs. */
  readonly resource: string;
  readonly scope: 'Namespaced' | 'Cluster';
}

/** Kinds whose objects belong to no namespace, beside those that are called so. */
const CLUSTER_SCOPED = new Set(['Shim', 'Airway', 'PolicyServer']);

/** Kinds of files that no API server serves. */
const FILES = new Set(['kubescheduler.config.k8s.io']);

/** Every custom kind of the carrier table that a cluster may have. */
export const CUSTOM_KINDS: readonly CustomKind[] = CUSTOM_ROWS.filter(({ group }) => !FILES.has(group)).map(({ group, versions, kind, resource }) => ({
  group, versions, kind, resource, scope: CLUSTER_SCOPED.has(kind) || /^Cluster[A-Z]/.test(kind) ? 'Cluster' : 'Namespaced',
}));

/** Kinds to which reports are written, and what other programs define. */
export const REPORT_KINDS: readonly CustomKind[] = [
  { group: 'openreports.io', versions: ['v1alpha1'], kind: 'Report', resource: 'reports', scope: 'Namespaced' },
  { group: 'openreports.io', versions: ['v1alpha1'], kind: 'ClusterReport', resource: 'clusterreports', scope: 'Cluster' },
  { group: 'wgpolicyk8s.io', versions: ['v1alpha2'], kind: 'PolicyReport', resource: 'policyreports', scope: 'Namespaced' },
  { group: 'wgpolicyk8s.io', versions: ['v1alpha2'], kind: 'ClusterPolicyReport', resource: 'clusterpolicyreports', scope: 'Cluster' },
];

/** Defines kinds and waits until objects of them can be made. Those that are defined already stay as they are. */
export async function define(plane: ControlPlane, kinds: readonly CustomKind[]): Promise<void> {
  for (const kind of kinds) {
    const { status, body } = await plane.api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition(kind));
    if (status !== 201 && status !== 409) throw new Error(`${kind.kind} of ${kind.group}: ${body.message}`);
  }
  for (const { group, versions, resource } of kinds) {
    await eventually(`${resource} of ${group} are served`, async () => (await plane.api.get(`/apis/${group}/${versions[0]}/${resource}?limit=1`)).status === 200 || null);
  }
}

/** Path of the objects of a kind. */
export function pathOf({ group, versions, resource, scope }: CustomKind, namespace: string): string {
  return scope === 'Cluster' ? `/apis/${group}/${versions[0]}/${resource}` : `/apis/${group}/${versions[0]}/namespaces/${namespace}/${resource}`;
}

function definition({ group, versions, kind, resource, scope }: CustomKind): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    // Groups under k8s.io are kept for those that have been approved, or say that they have not.
    metadata: { name: `${resource}.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests only' } },
    spec: {
      group, scope,
      names: { kind, plural: resource, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({ name, served: true, storage: index === 0, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } })),
    },
  };
}
