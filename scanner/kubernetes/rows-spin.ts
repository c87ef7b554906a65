import { spinApp } from './grants-spin.ts';
import { type CustomRow, image, row, url } from './rows-row.ts';
import { nativeProgram, referenceAlone } from './settings-shim.ts';

const shim = { references: [
  url('spec.fetchStrategy.anonHttp.location', { otherwise: 'http', role: 'native' }),
  url('spec.fetchStrategy.anonymousHttp.location', { otherwise: 'http', role: 'native' }),
  url('spec.fetchStrategy.platforms[].location', { otherwise: 'http', role: 'native', hash: { path: 'sha256', of: 'bytes' } }),
], concerns: nativeProgram } as const;

const app = { references: [image('spec.image', { required: true })], host: 'spin', concerns: spinApp } as const;
const executor = { references: [image('spec.deploymentConfig.spinImage', { role: 'runner' })], host: 'spin', concerns: referenceAlone } as const;

/** SpinKube: applications, what runs them, and what installs the shim on nodes; two groups each, the older still met. */
export const SPIN_ROWS: readonly CustomRow[] = [
  row('core.spinkube.dev/v1alpha1 SpinApp spinapps', app),
  row('core.spinoperator.dev/v1alpha1 SpinApp spinapps', app),
  row('core.spinkube.dev/v1alpha1 SpinAppExecutor spinappexecutors', executor),
  row('core.spinoperator.dev/v1alpha1 SpinAppExecutor spinappexecutors', executor),
  row('runtime.spinkube.dev/v1alpha1 Shim shims', shim),
  row('runtime.kwasm.sh/v1alpha1 Shim shims', shim),
];
