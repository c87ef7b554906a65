import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { InterfaceNames } from '../../scanner/facts/grants-interfaces.ts';
import { interfaceOf } from '../../scanner/facts/imports.ts';
import type { ConfigClaims, Packaging } from '../../scanner/packaging.ts';
import { listing } from '../../scanner/rule-support.ts';
import { packageLocation } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'oci-config-mismatch',
  title: 'The config of the artifact says what the bytes are not',
  description: 'Finds artifacts whose config disagrees with the Wasm: kind, layers, imports, exports or world, and layouts that readers must refuse.',
  family: 'oci',
  securitySeverity: 7.2,
  confidence: 'high',
  cwe: [345, 436],
  since: '0.1.0',
  remedy: 'Make the config anew from the binary, with one layer of type application/wasm',
  references: [
    'https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/',
  ],
  about: 'surroundings',
  check,
});

/** The config of the layout that tells readers what to refuse. */
const LAYOUT = 'application/vnd.wasm.config.v0+json';

type Claim = Pick<RuleFinding, 'message' | 'subject'> & { readonly confidence: 'high' | 'medium' | 'low' };

function* check(facts: Facts): Generator<RuleFinding> {
  const { packaging } = facts;
  if (packaging === null) return;
  const location = packageLocation(facts, 'config');
  for (const { id, message } of packaging.oddities) {
    if (id === 'several-layers' || id === 'wrong-layer-type') yield { message, subject: id, location };
  }
  const { claims } = packaging;
  if (claims === null || claims.mediaType !== LAYOUT || facts.size === 0) return;
  for (const claim of [...layerClaims(packaging, claims), ...kindClaims(facts, claims), ...worldClaims(facts, claims)]) yield { ...claim, location };
}

function* layerClaims({ layer, layers }: Packaging, { layerDigests }: ConfigClaims): Generator<Claim> {
  if (layerDigests === null || layer === null) return;
  if (!layerDigests.includes(layer.digest)) yield { message: `The config does not list the layer that was fetched, ${layer.digest}`, subject: 'layer-digest', confidence: 'high' };
  else if (layerDigests.length !== layers) yield { message: `The config lists ${layerDigests.length} layers, and the manifest has ${layers}`, subject: 'layer-count', confidence: 'high' };
}

function* kindClaims({ kind }: Facts, { architecture, os }: ConfigClaims): Generator<Claim> {
  if (architecture !== null && architecture !== 'wasm') yield { message: `The config says architecture ${architecture} of what must be wasm`, subject: 'architecture', confidence: 'medium' };
  const meant = os === 'wasip1' ? 'module' : os === 'wasip2' || os === 'wasip3' ? 'component' : null;
  if (meant !== null && (kind === 'module' || kind === 'component') && kind !== meant) {
    yield { message: `The config says ${os}, which is a ${meant}, and the bytes are a ${kind}`, subject: 'os', confidence: 'medium' };
  }
}

/** Only components have named interfaces. What the config hides counts; what it lists in vain is untidy. */
function* worldClaims({ kind, component }: Facts, { imports, exports, target }: ConfigClaims): Generator<Claim> {
  if (kind === 'module' && (imports !== null || exports !== null)) yield { message: 'The config describes a component, and the bytes are a module', subject: 'component', confidence: 'medium' };
  if (component === null || kind !== 'component') return;
  if (imports === null && exports === null) yield { message: 'The config says nothing of the component: neither imports nor exports', subject: 'component', confidence: 'low' };
  const real = { imports: names(component.imports.filter(({ kind: sort, typeOnly }) => sort !== 'type' && !typeOnly)), exports: names(component.exports.filter(({ kind: sort }) => sort !== 'type')) };
  const there = { imports: new InterfaceNames(names(component.imports).flat()), exports: new InterfaceNames(names(component.exports).flat()) };
  for (const [side, claimed] of [['imports', imports], ['exports', exports]] as const) {
    if (claimed === null) continue;
    const said = new InterfaceNames(claimed);
    const hidden = real[side].filter(([written, judged]) => !said.has(written) && !said.has(judged));
    if (hidden.length > 0) yield { message: `The config leaves out ${side} that the component has: ${listing(hidden.map(([name]) => name))}`, subject: side, confidence: 'medium' };
    const vain = claimed.filter((claim) => !there[side].has(claim));
    if (vain.length > 0) yield { message: `The config lists ${side} that the component does not have: ${listing(vain)}`, subject: `${side}-listed`, confidence: 'low' };
  }
  yield* targetClaim(target, there.exports);
}

/** Worlds that a host recognises by one export. */
const WORLDS: readonly (readonly [world: string, entry: string])[] = [
  ['wasi:cli/command', 'wasi:cli/run'],
  ['wasi:http/proxy', 'wasi:http/incoming-handler'],
  ['wasi:http/service', 'wasi:http/handler'],
];

function* targetClaim(target: string | null, exported: InterfaceNames): Generator<Claim> {
  const entry = WORLDS.find(([world]) => world === target?.split('@')[0])?.[1];
  if (entry === undefined || exported.has(entry)) return;
  yield { message: `The config says world ${target}, and the component does not export ${entry}`, subject: 'target', confidence: 'medium' };
}

/** A name as written and the interface that it stands for; mostly the same. */
type Names = readonly [written: string, judged: string];

function names(externs: readonly { readonly name: string; readonly implements: string | null; readonly versionSuffix: string | null }[]): readonly Names[] {
  return externs.map((extern) => [extern.name, interfaceOf(extern)]);
}
