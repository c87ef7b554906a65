import type { CarrierFact } from '../carrier.ts';
import type { PackageForm, Packaging } from '../packaging.ts';
import type { HostFact } from './facts.ts';

/** Forms that only one host reads; a package can be read by another all the same, so the host is never sure. */
const READ_BY: Partial<Record<PackageForm, HostFact['profile']>> = {
  'spin-application': 'spin',
  'spin-image': 'spin',
  'istio-compat': 'proxy-wasm',
  solo: 'proxy-wasm',
  'wasmcloud-component': 'wasmcloud',
  'opa-bundle': 'opa',
  'suborbital-bundle': 'suborbital',
  'helm-plug-in': 'extism',
  'extism-manifest': 'extism',
};

/** The host that runs an artifact: as the object that carries it says, else as its package suggests; null: not known. */
export function hostOf(carrier: CarrierFact | null, packaging: Packaging | null): HostFact | null {
  if (carrier?.host) return carrier.host;
  const profile = packaging === null ? undefined : READ_BY[packaging.form];
  return profile === undefined ? null : { profile, sure: false };
}
