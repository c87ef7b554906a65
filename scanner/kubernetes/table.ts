import { CUSTOM_ROWS } from './custom-rows.ts';
import type { CarrierRow } from './table-row.ts';

/** `group/version[,version] Kind resource`, then where the pod template stands. */
const WORKLOADS: readonly string[] = [
  'v1 PodTemplate podtemplates template',
  'v1 ReplicationController replicationcontrollers spec.template',
  'apps/v1,v1beta2,v1beta1 Deployment deployments spec.template',
  'apps/v1,v1beta2 ReplicaSet replicasets spec.template',
  'apps/v1,v1beta2,v1beta1 StatefulSet statefulsets spec.template',
  'apps/v1,v1beta2 DaemonSet daemonsets spec.template',
  'extensions/v1beta1 Deployment deployments spec.template',
  'extensions/v1beta1 ReplicaSet replicasets spec.template',
  'extensions/v1beta1 DaemonSet daemonsets spec.template',
  'batch/v1 Job jobs spec.template',
  'batch/v1,v1beta1,v2alpha1 CronJob cronjobs spec.jobTemplate.spec.template',
];

function workload(line: string): CarrierRow {
  const [api, kind, resource, path] = line.split(' ') as [string, string, string, string];
  const slash = api.lastIndexOf('/');
  return { group: slash < 0 ? '' : api.slice(0, slash), versions: api.slice(slash + 1).split(','), kind, resource, onDeny: 'warn', host: null, references: [], pods: [{ path, is: 'template' }] };
}

const CORE_ROWS: readonly CarrierRow[] = [
  { group: '', versions: ['v1'], kind: 'Pod', resource: 'pods', onDeny: 'deny', host: null, references: [], pods: [{ path: 'spec', is: 'pod' }] },
  ...WORKLOADS.map(workload),
  { group: '', versions: ['v1'], kind: 'ConfigMap', resource: 'configmaps', onDeny: 'deny', host: null, references: [], search: 'texts' },
  { group: '', versions: ['v1'], kind: 'Secret', resource: 'secrets', onDeny: 'deny', host: null, references: [], search: 'texts' },
];

/** Every kind of object through which Wasm gets into a cluster, and where in it. The command line and the webhook read the same table. */
export const CARRIER_TABLE: readonly CarrierRow[] = [...CORE_ROWS, ...CUSTOM_ROWS];

const ROWS = new Map<string, CarrierRow[]>();
for (const row of CARRIER_TABLE) {
  const key = `${row.group}/${row.kind}`;
  ROWS.set(key, [...(ROWS.get(key) ?? []), row]);
}

/** The rows of a kind, whatever the version. */
export function rowsOf(apiVersion: string, kind: string): readonly CarrierRow[] {
  const slash = apiVersion.lastIndexOf('/');
  return ROWS.get(`${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`) ?? [];
}
