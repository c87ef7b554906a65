import { harmlessName } from '../../scanner/report/harmless.ts';
import { isBlocked } from '../admission/judged.ts';
import { fieldOf, pointsOf, shortName } from '../admission/points.ts';
import type { EventTeller, KubeEvent } from '../kube/events.ts';
import { AUDIT_LIMITS } from '../limits.ts';
import { isUnresolved } from './examine-once.ts';
import type { AuditedObject, AuditedResult } from './judge-cluster.ts';

/** Tells Events about what would be denied now, each workload and reason once in a run. Never about what passes or could not be reached. */
export function tellResults(events: Pick<EventTeller, 'tell'>): (result: AuditedResult) => void {
  const told = new Set<string>();
  return ({ object, judged }) => {
    for (const one of judged.judged) {
      if (!isBlocked(one) || isUnresolved(one.enforce)) continue;
      const rules = [...new Set(pointsOf(one.enforce, fieldOf(one), 'blocking').map(({ rule }) => rule))].sort();
      const digest = one.enforce.artifact.digest ?? one.rootDigest;
      const note = harmlessName(`${shortName(one.enforce, 200)}${digest === null ? '' : ` (${digest})`} breaks policy: ${rules.join(', ')}`, 800);
      const regarding = workloadOf(object);
      const key = `${regarding.metadata.uid ?? ''} ${note}`;
      if (told.has(key) || told.size >= AUDIT_LIMITS.events) continue;
      told.add(key);
      events.tell({ regarding, type: 'Warning', reason: 'WasmPolicyBroken', action: 'Audit', note });
    }
  };
}

/** What manages a pod, which stays while pods come and go; else the object itself. A node, which manages static pods, stands in no namespace. */
function workloadOf({ apiVersion, kind, metadata }: AuditedObject): KubeEvent['regarding'] {
  const owner = kind === 'Pod' ? metadata.ownerReferences?.find(({ controller }) => controller === true) : undefined;
  if (owner === undefined || owner.kind === 'Node') return { apiVersion, kind, metadata };
  return { apiVersion: owner.apiVersion, kind: owner.kind, metadata: { name: owner.name, uid: owner.uid, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) } };
}
