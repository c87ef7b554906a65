import { expect, test } from 'vitest';
import { carriersIn } from '../../scanner/kubernetes/carriers.ts';
import { readManifests } from '../../scanner/kubernetes/read.ts';
import type { ApiObject } from './api-client.ts';
import { CUSTOM_KINDS } from './custom-resources.ts';
import { customExamples, inlineExamples, pod, workloads } from './objects.ts';

const REFERENCE = `127.0.0.1:5000/acme/app@sha256:${'1'.repeat(64)}`;
const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
/** Those that name modules by a path or in a text, or bring native code alone. */
const WITHOUT = [
  'SpinAppExecutor', 'Shim', 'Provider', 'Host', 'HostGroup', 'Cluster', 'EnvoyFilter', 'EnvoyPatchPolicy', 'EnvoyProxy', 'ProxyDefaults', 'ServiceDefaults', 'PolicyServer', 'ClusterFilter', 'Filter', 'ClusterInput', 'Input',
  'HelmChartConfig', 'HelmChart', 'HelmRelease', 'argoproj.io Application', 'Middleware',
];

function carriers(object: ApiObject): readonly { readonly reference: string; readonly scheme: string }[] {
  return carriersIn(readManifests(JSON.stringify(object), 'object.json').objects, { hash: () => '' }).carriers;
}

test('every custom kind that names a module has an example in which it is found', () => {
  const examples = customExamples(CUSTOM_KINDS);
  const missing = CUSTOM_KINDS.filter((kind) => !examples.some((example) => example.kind === kind)).map(({ kind, group }) => [kind, `${group} ${kind}`] as const);
  expect(missing.filter((names) => !names.some((name) => WITHOUT.includes(name)))).toEqual([]);
  const blind = examples.filter(({ object }) => !carriers(object('one', 'shop', REFERENCE)).some(({ reference }) => reference.includes(REFERENCE)));
  expect(blind.map(({ kind, path }) => `${kind.group} ${kind.kind} ${path}`)).toEqual([]);
});

test('modules in Envoy configuration, in pods and in what makes pods are found', () => {
  expect(inlineExamples('one', 'shop', MODULE).filter((object) => !carriers(object).some(({ scheme }) => scheme === 'inline')).map(({ kind }) => kind)).toEqual([]);
  const pods = [pod('one', 'shop', REFERENCE), ...workloads('one', 'shop', REFERENCE)];
  expect(pods.filter((object) => !carriers(object).some(({ reference }) => reference.includes(REFERENCE))).map(({ kind }) => kind)).toEqual([]);
});
