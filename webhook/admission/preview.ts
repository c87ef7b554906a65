import { count } from '../../scanner/report/summary.ts';
import { harmlessName } from '../../scanner/report/harmless.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { WireObject } from '../review.ts';
import { atOnce } from './at-once.ts';
import { nameOf, textsOf } from './identity.ts';
import { judgeObject } from './judge-object.ts';
import { isDenied } from './judged.ts';
import type { AdmissionParts } from './parts.ts';
import { pointsOf } from './points.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' };
/** Codes of what was not looked at for want of time. */
const LATE = new Set(['deadline', 'queue-full']);
/** Pods between two pauses. */
const STRIDE = 50;

/**
 * Which pods of a namespace its new labels would deny, as warnings: pods that break the same rules are one line. Bounded in pods and in
 * time, and what there was no time for is counted, never taken for clean.
 */
export async function preview(name: string, namespace: WireObject, { deadline, parts }: { readonly deadline: number; readonly parts: AdmissionParts }): Promise<readonly string[]> {
  const until = Math.min(deadline, parts.now().getTime() + WEBHOOK_LIMITS.previewMilliseconds);
  const view = { name, labels: textsOf(namespace, 'labels') };
  const pods = await parts.cluster.pods(name, WEBHOOK_LIMITS.previewPods);
  const groups = new Map<string, string[]>();
  let late = 0;
  let looked = 0;
  await atOnce(pods, WEBHOOK_LIMITS.examinedAtOnce, async (pod) => {
    if (parts.pause !== undefined && looked++ % STRIDE === STRIDE - 1) await parts.pause();
    const rules = parts.now().getTime() >= until ? null : await brokenRules(pod, { view, until, parts });
    if (rules === null) late++;
    else if (rules.length > 0) groups.set(rules.join(', '), [...(groups.get(rules.join(', ')) ?? []), nameOf(pod)]);
  });
  return summary(name, groups, { late, pods: pods.length });
}

/** null: there was no time to tell. */
async function brokenRules(pod: WireObject, { view, until, parts }: { readonly view: { readonly name: string; readonly labels: Readonly<Record<string, string>> }; readonly until: number; readonly parts: AdmissionParts }): Promise<readonly string[] | null> {
  const { judged } = await judgeObject(pod, { kind: POD, namespace: view, deadline: until }, parts);
  const denied = judged.filter(isDenied);
  const known = denied.filter(({ enforce }) => !LATE.has(enforce.failure?.code ?? ''));
  if (known.length === 0) return judged.some(({ enforce }) => LATE.has(enforce.failure?.code ?? '')) ? null : [];
  return [...new Set(known.flatMap(({ enforce }) => pointsOf(enforce, '', 'blocking').map(({ rule }) => rule)))].sort();
}

function summary(name: string, groups: ReadonlyMap<string, readonly string[]>, { late, pods }: { readonly late: number; readonly pods: number }): readonly string[] {
  const lines = [...groups].map(([rules, names]) => {
    const first = names.toSorted()[0]!;
    return `${harmlessName(first, 40)}${names.length > 1 ? ` (and ${count(names.length - 1, 'other pod')})` : ''}: ${rules}`;
  }).sort();
  const denied = [...groups.values()].reduce((sum, names) => sum + names.length, 0);
  return [
    ...(denied > 0 ? [`${denied} of ${count(pods, 'pod')} in namespace ${harmlessName(name, 40)} would be denied by the new labels`] : []),
    ...(late > 0 ? [`${count(late, 'pod')} of ${harmlessName(name, 40)} could not be looked at in time`] : []),
    ...(pods >= WEBHOOK_LIMITS.previewPods ? [`Only the first ${WEBHOOK_LIMITS.previewPods} pods were looked at`] : []),
    ...lines,
  ];
}
