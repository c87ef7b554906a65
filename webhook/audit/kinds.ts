import { CARRIER_TABLE } from '../../scanner/kubernetes/table.ts';
import type { KubeResource } from '../kube/api.ts';

/** A kind of object that is judged where it runs. */
export interface AuditedKind {
  readonly kind: string;
  /** Versions under which it may be served, the likeliest first. */
  readonly resources: readonly KubeResource[];
}

/**
 * Pods, and every custom resource whose bytes never pass a pod. Workloads are left out: what they run is in their pods, and one without
 * pods runs nothing. ConfigMaps and Secrets are judged where a pod mounts them.
 */
export const AUDITED_KINDS: readonly AuditedKind[] = [{ kind: 'Pod', resources: [{ group: '', version: 'v1', resource: 'pods' }] }, ...customKinds()];

function customKinds(): readonly AuditedKind[] {
  const kinds = new Map<string, AuditedKind>();
  for (const { group, versions, kind, resource, onDeny } of CARRIER_TABLE) {
    if (group === '' || onDeny !== 'deny') continue;
    const key = `${group}/${kind}`;
    const resources = [...(kinds.get(key)?.resources ?? []), ...versions.map((version) => ({ group, version, resource }))];
    kinds.set(key, { kind, resources });
  }
  return [...kinds.values()];
}
