import { DAPR_ROWS } from './rows-dapr.ts';
import { KUBEWARDEN_ROWS } from './rows-kubewarden.ts';
import { CONFIGURATION_ROWS, FLUENT_ROWS, POD_MAKER_ROWS, TEXT_ROWS, YOKE_ROWS } from './rows-others.ts';
import { ENVOY_GATEWAY_ROWS, ISTIO_ROWS, OTHER_PROXY_ROWS } from './rows-proxy.ts';
import type { CustomRow } from './rows-row.ts';
import { SPIN_ROWS } from './rows-spin.ts';
import { WASMCLOUD_ROWS } from './rows-wasmcloud.ts';

/** Every custom resource that brings Wasm, or native code that comes with it, into a cluster. One row per group and kind. */
export const CUSTOM_ROWS: readonly CustomRow[] = [
  ...SPIN_ROWS, ...WASMCLOUD_ROWS, ...ISTIO_ROWS, ...ENVOY_GATEWAY_ROWS, ...OTHER_PROXY_ROWS, ...KUBEWARDEN_ROWS, ...DAPR_ROWS,
  ...FLUENT_ROWS, ...YOKE_ROWS, ...CONFIGURATION_ROWS, ...TEXT_ROWS, ...POD_MAKER_ROWS,
];
