import { child, expand, rootNode, textOf } from './grants-node.ts';
import type { ManifestObject } from './object.ts';
import { type CustomRow, image, row, url } from './rows-row.ts';
import { accessiblePaths, schedulerGuest } from './settings-others.ts';
import { flight } from './settings-yoke.ts';
import type { ReferenceRow } from './table-row.ts';

const filter = { references: [{ path: 'spec.filters[].wasm.wasmPath', reads: 'path', required: true }], host: 'fluent-bit', concerns: accessiblePaths } as const;
const input = { references: [{ path: 'spec.execWasi.wasiPath', reads: 'path', required: true }], host: 'fluent-bit', concerns: accessiblePaths } as const;

/** Fluent operator. */
export const FLUENT_ROWS: readonly CustomRow[] = [
  row('fluentbit.fluent.io/v1alpha2 ClusterFilter clusterfilters', filter),
  row('fluentbit.fluent.io/v1alpha2 Filter filters', filter),
  row('fluentbit.fluent.io/v1alpha2 ClusterInput clusterinputs', input),
  row('fluentbit.fluent.io/v1alpha2 Input inputs', input),
];

/** Yoke: modules that a controller runs to make objects. */
export const YOKE_ROWS: readonly CustomRow[] = [
  row('yoke.cd/v1alpha1 Airway airways', { references: [url('spec.wasmUrls.flight'), url('spec.wasmUrls.converter')], host: 'wazero', concerns: flight }),
  row('yoke.cd/v1alpha1 Flight flights', { references: [url('spec.wasmUrl'), url('spec.wasmUrls.flight')], host: 'wazero', concerns: flight }),
  row('yoke.cd/v1alpha1 ClusterFlight clusterflights', { references: [url('spec.wasmUrl'), url('spec.wasmUrls.flight')], host: 'wazero', concerns: flight }),
];

/** Configuration files that are written like objects. */
export const CONFIGURATION_ROWS: readonly CustomRow[] = [
  row('kubescheduler.config.k8s.io/v1,v1beta3,v1beta2 KubeSchedulerConfiguration kubeschedulerconfigurations', {
    references: [url('profiles[].pluginConfig[].args.guestURL', { otherwise: 'file' })],
    host: 'scheduler',
    concerns: schedulerGuest,
  }),
];

/** Kinds whose texts or free-form values hold configuration: Helm values, plug-in settings. */
export const TEXT_ROWS: readonly CustomRow[] = [
  row('helm.cattle.io/v1 HelmChartConfig helmchartconfigs', { onDeny: 'warn', search: 'texts' }),
  row('helm.cattle.io/v1 HelmChart helmcharts', { onDeny: 'warn', search: 'texts' }),
  row('helm.toolkit.fluxcd.io/v2,v2beta2,v2beta1 HelmRelease helmreleases', { onDeny: 'warn', search: 'texts' }),
  row('argoproj.io/v1alpha1 Application applications', { onDeny: 'warn', search: 'texts' }),
  // The module comes from the static configuration; what stands here are its settings.
  row('traefik.io/v1alpha1 Middleware middlewares', { search: 'texts', host: 'traefik' }),
  row('traefik.containo.us/v1alpha1 Middleware middlewares', { search: 'texts', host: 'traefik' }),
  row('apps.kubeedge.io/v1alpha1 EdgeApplication edgeapplications', { onDeny: 'warn', search: 'texts', pods: [{ path: 'spec.workloadTemplate.manifests[].spec.template', is: 'template' }] }),
  row('work.karmada.io/v1alpha1 Work works', { onDeny: 'warn', search: 'texts', pods: [{ path: 'spec.workload.manifests[].spec.template', is: 'template' }] }),
  row('work.open-cluster-management.io/v1 ManifestWork manifestworks', { onDeny: 'warn', search: 'texts', pods: [{ path: 'spec.workload.manifests[].spec.template', is: 'template' }] }),
];

const CRUN = { host: { profile: 'crun-wasmedge', sure: false } } as const;

function openFunction(path: string): readonly ReferenceRow[] {
  return [image(path, { ...CRUN, when: (object) => isWasmFunction(object) }), image(path, { certain: false, when: (object) => !isWasmFunction(object) })];
}

function isWasmFunction(object: ManifestObject): boolean {
  const root = rootNode(object.value);
  const signals = [child(root, 'spec', 'workloadRuntime'), ...['serving.template.runtimeClassName', 'template.runtimeClassName', 'build.shipwright.strategy.name'].flatMap((path) => expand(child(root, 'spec'), path))];
  const annotations = [child(root, 'metadata', 'annotations'), child(root, 'spec', 'serving', 'annotations'), child(root, 'spec', 'annotations')];
  return signals.some((node) => /wasm|wasi|openfunction-crun/i.test(textOf(node) ?? '')) || annotations.some((node) => child(node, 'module.wasm.image/variant').value !== undefined);
}

/** Kinds that make pods. Their pods are judged themselves, so that these only warn. */
export const POD_MAKER_ROWS: readonly CustomRow[] = [
  row('core.openfunction.io/v1beta2,v1beta1 Function functions', { onDeny: 'warn', references: openFunction('spec.image'), pods: [{ path: 'spec.serving.template', is: 'pod' }] }),
  row('core.openfunction.io/v1beta2,v1beta1 Serving servings', { onDeny: 'warn', references: openFunction('spec.image'), pods: [{ path: 'spec.template', is: 'pod' }] }),
  ...[
    'serving.knative.dev/v1 Service services spec.template',
    'serving.knative.dev/v1 Configuration configurations spec.template',
    'argoproj.io/v1alpha1 Rollout rollouts spec.template',
    'apps.kruise.io/v1alpha1 CloneSet clonesets spec.template',
    'apps.kruise.io/v1beta1,v1alpha1 StatefulSet statefulsets spec.template',
    'apps.kruise.io/v1alpha1 DaemonSet daemonsets spec.template',
    'apps.kruise.io/v1alpha1 BroadcastJob broadcastjobs spec.template',
    'apps.kruise.io/v1alpha1 AdvancedCronJob advancedcronjobs spec.template.jobTemplate.spec.template',
    'apps.openshift.io/v1 DeploymentConfig deploymentconfigs spec.template',
    'keda.sh/v1alpha1 ScaledJob scaledjobs spec.jobTargetRef.template',
    'batch.volcano.sh/v1alpha1 Job jobs spec.tasks[].template',
    'jobset.x-k8s.io/v1alpha2 JobSet jobsets spec.replicatedJobs[].template.spec.template',
    'leaderworkerset.x-k8s.io/v1 LeaderWorkerSet leaderworkersets spec.leaderWorkerTemplate.workerTemplate',
    'apps.superedge.io/v1 DeploymentGrid deploymentgrids spec.template.template',
    'apps.superedge.io/v1 StatefulSetGrid statefulsetgrids spec.template.template',
    'kubeflow.org/v1 PyTorchJob pytorchjobs spec.pytorchReplicaSpecs.*.template',
  ].map((line) => {
    const path = line.slice(line.lastIndexOf(' ') + 1);
    return row(line, { onDeny: 'warn', pods: [{ path, is: 'template' }] });
  }),
  row('serving.knative.dev/v1 Revision revisions', { onDeny: 'warn', pods: [{ path: 'spec', is: 'pod' }] }),
];
