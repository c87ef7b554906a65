import type { CarrierFact, TargetProfile } from '../../scanner/carrier.ts';
import type { Grant, Setting } from '../../scanner/grant.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import { UNKNOWN_PROVENANCE, type Provenance, type SignatureEvidence } from '../../scanner/provenance.ts';

/** What of a carrier, package, host and provenance an example writes; the rest is filled in. */
export interface Excerpt {
  readonly name?: string;
  readonly carrier?: Omit<Partial<CarrierFact>, 'grants' | 'settings'> & { readonly grants?: readonly Partial<Grant>[]; readonly settings?: readonly Partial<Setting>[] };
  readonly packaging?: Omit<Partial<Packaging>, 'grants' | 'settings'> & { readonly grants?: readonly Partial<Grant>[]; readonly settings?: readonly Partial<Setting>[] };
  readonly targetProfile?: TargetProfile;
  /** As on the command line: `wasmtime@36.0.2`. */
  readonly runtime?: string;
  readonly provenance?: Omit<Partial<Provenance>, 'signatures'> & { readonly signatures?: readonly Partial<SignatureEvidence>[] };
}

/** A carrier with what a test does not care about filled in: a pinned image of a WasmPlugin. */
export function carrierOf(over: NonNullable<Excerpt['carrier']> = {}): CarrierFact {
  return {
    file: 'plugin.yaml', document: 0, pointer: '/spec/url', line: 7, column: 8, apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin', namespace: null, name: 'auth',
    reference: `oci://registry.example/auth@sha256:${'a'.repeat(64)}`, scheme: 'oci', pinned: true, hash: null, hashOf: null, certain: true, signals: [], role: 'module', host: null, onDeny: 'deny', process: null,
    pullSecrets: [], ...over, grants: (over.grants ?? []).map(grantOf), settings: (over.settings ?? []).map(settingOf),
  };
}

/** A package with what a test does not care about filled in: a Wasm artifact of one layer. */
export function packagingOf(over: NonNullable<Excerpt['packaging']> = {}): Packaging {
  return {
    form: 'wasm-artifact', repository: 'registry.example/auth', rootDigest: `sha256:${'b'.repeat(64)}`, manifestDigest: `sha256:${'b'.repeat(64)}`, artifactType: null, configMediaType: 'application/vnd.wasm.config.v0+json',
    platform: null, layer: { mediaType: 'application/wasm', digest: `sha256:${'c'.repeat(64)}`, size: 8, index: 0 }, layers: 1, path: null, entryPoint: null, claims: null, annotations: {}, natives: [], oddities: [],
    ...over, grants: (over.grants ?? []).map(grantOf), settings: (over.settings ?? []).map(settingOf),
  };
}

/** Provenance with what a test does not care about filled in: signatures are trusted bundles of a file. */
export function provenanceOf({ signatures = [], ...over }: NonNullable<Excerpt['provenance']> = {}): Provenance {
  return { ...UNKNOWN_PROVENANCE, ...over, signatures: signatures.map(signatureOf) };
}

/** Everything an example writes, filled in. */
export function surroundingsOf({ name, carrier, packaging, targetProfile, runtime, provenance }: Excerpt): { runtime?: string; name?: string; carrier?: CarrierFact; packaging?: Packaging; targetProfile?: TargetProfile; provenance?: Provenance } {
  return { ...(name !== undefined && { name }), ...(carrier && { carrier: carrierOf(carrier) }), ...(packaging && { packaging: packagingOf(packaging) }), ...(targetProfile && { targetProfile }), ...(runtime !== undefined && { runtime }), ...(provenance && { provenance: provenanceOf(provenance) }) };
}

function signatureOf(over: Partial<SignatureEvidence>): SignatureEvidence {
  return { form: 'sigstore-bundle', status: 'trusted', code: 'ok', message: 'Signed', authority: null, identity: null, issuer: null, covers: 'whole', uncovered: [], signedAt: null, predicateType: null, where: 'example.wasm.sigstore.json', ...over };
}

function grantOf(over: Partial<Grant>): Grant {
  return { kind: 'hosts', values: [], everything: false, field: 'allowed_outbound_hosts', place: null, ...over };
}

function settingOf(over: Partial<Setting>): Setting {
  return { id: 'no-effect', text: 'field: value', meaning: 'the host ignores it', confidence: 'high', place: null, ...over };
}
