import type { KubeResource } from '../kube/api.ts';

export const API_VERSION = 'wasmgate.dev/v1alpha1';

function own(resource: string): KubeResource {
  return { group: 'wasmgate.dev', version: 'v1alpha1', resource };
}

/** The custom resources of wasmgate. */
export const WASM_POLICIES = own('wasmpolicies');
export const CLUSTER_WASM_POLICIES = own('clusterwasmpolicies');
export const WASM_WAIVERS = own('wasmwaivers');
