import type { Facts, ModuleFact } from '../facts/facts.ts';
import type { Component } from '../wasm/component.ts';
import { FEATURES } from '../wasm/features.ts';
import type { CustomSection, Depth, Section } from '../wasm/module.ts';
import { componentExportList, componentImportList, compositionObject, innerModules } from './inspect-component.ts';
import { coreExportList, coreImportList, describeModule } from './inspect-module.ts';
import { runtimeObject } from './inspect-runtime.ts';
import { SCHEMA_VERSION } from './json.ts';

/**
 * Everything `inspect` says about an artifact, as plain data for JSON: facts, no judgement. The contract is
 * docs/schema/inspect.schema.json. Null stands for what was not looked at, never for "none".
 */
export function inspectObject(facts: Facts): Readonly<Record<string, unknown>> {
  const { decoded } = facts;
  const own = decoded.kind === 'module' ? facts.modules[0] : undefined;
  return {
    schemaVersion: SCHEMA_VERSION,
    artifact: { name: facts.name, digest: facts.digest, size: facts.size },
    kind: facts.kind,
    format: facts.format,
    role: own?.role ?? null,
    analysed: depthOf(facts),
    validated: facts.validated,
    capabilities: facts.capabilities,
    abis: facts.abis,
    imports: own ? coreImportList(own) : componentImportList(facts),
    exports: own ? coreExportList(facts, own.module) : componentExportList(facts),
    features: facts.features.map(({ feature }) => feature),
    featureUses: facts.features.map(({ feature, count, offset }) => ({ feature, title: FEATURES[feature].title, status: FEATURES[feature].status, count, offset })),
    ...origin(facts),
    runtime: runtimeObject(facts),
    sections: decoded.kind === 'module' || decoded.kind === 'component' ? sectionList(decoded) : [],
    customSections: customList(facts),
    composition: compositionObject(facts),
    constants: depthOf(facts) === 'full' ? [...facts.constants, ...facts.amounts] : null,
    core: own ? describeModule(own.module) : null,
    inner: facts.component ? innerModules(facts, facts.component) : [],
    anomalies: anomalyList(facts),
    problems: facts.problems,
  };
}

/** Null for bytes that are no Wasm. Of a component's parts the shallowest counts. */
function depthOf({ decoded, modules }: Facts): Depth | null {
  if (decoded.kind !== 'module' && decoded.kind !== 'component') return null;
  return modules.some(({ module }) => module.analysed === 'imports') ? 'imports' : 'full';
}

/** Where it comes from. Reading that takes a look at all data, which a decode of the imports alone leaves out. */
function origin(facts: Facts): Readonly<Record<string, unknown>> {
  if (depthOf(facts) === 'imports') return { toolchain: null, languages: null, dependencies: null };
  return { toolchain: facts.tools, languages: facts.languages, dependencies: facts.dependencies };
}

function sectionList({ sections }: { readonly sections: readonly Section[] }): readonly unknown[] {
  return sections.map(({ id, name, offset, length }) => ({ id, name, offset, size: length }));
}

function customList(facts: Facts): readonly unknown[] {
  if (depthOf(facts) !== 'imports') return facts.customs.map(({ path, name, offset, length, content }) => ({ path, name, offset, size: length, content: content.kind }));
  const holders: readonly { path: string; customs: readonly CustomSection[] }[] = [
    ...(facts.component ? [{ path: '', customs: facts.component.customs }] : []),
    ...facts.modules.map(({ path, module }) => ({ path, customs: module.customs })),
  ];
  return holders.flatMap(({ path, customs }) => customs.map(({ name, offset, length }) => ({ path, name, offset, size: length, content: null })));
}

function anomalyList({ modules, component }: { readonly modules: readonly ModuleFact[]; readonly component: Component | null }): readonly unknown[] {
  const own = (component?.anomalies ?? []).map((found) => ({ path: '', ...found }));
  return [...own, ...modules.flatMap(({ path, module }) => module.anomalies.map((found) => ({ path, ...found })))];
}
