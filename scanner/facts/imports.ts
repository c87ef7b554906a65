import type { Component, ComponentImport } from '../wasm/component.ts';
import type { Import } from '../wasm/module.ts';
import { classify, classifyTypes, type Context } from './catalogue/classify.ts';
import type { Classification, ImportFact, ModuleFact } from './facts.ts';

/** Whether a function of a module is reached; null: not known. */
export type Reachable = (functionIndex: number) => boolean | null;

/**
 * The imports of a core module, classified by the ABIs recognised in it. `path` is the module's place, empty for the artifact itself.
 * `reachable` is asked when somebody reads it.
 */
export function moduleImports({ module, path }: Pick<ModuleFact, 'module' | 'path'>, abis: ReadonlySet<string>, reachable: Reachable): ImportFact[] {
  const lead = path === '' ? '' : `${path}/`;
  const contexts = { plain: { abis }, shared: { abis, shared: true } };
  let functions = 0;
  return module.imports.map((item, index) => {
    const functionIndex = item.type.kind === 'func' ? functions++ : -1;
    return coreImport(item, index, { lead, ...contexts, reachable: () => (functionIndex < 0 ? null : reachable(functionIndex)) });
  });
}

interface Setting { readonly lead: string; readonly plain: Context; readonly shared: Context; readonly reachable: () => boolean | null }

function coreImport({ module, name, type, offset, length }: Import, index: number, { lead, plain, shared, reachable }: Setting): ImportFact {
  const { kind } = type;
  const known = classify(module, name, kind, kind === 'memory' && type.shared ? shared : plain);
  return {
    module, name, kind, interface: module, index,
    get reachable() {
      return reachable();
    },
    capability: known.capability, risk: known.risk, abi: known.abi, note: known.note,
    location: { path: `${lead}import[${index}] ${module}.${name}`, offset, length },
  };
}

/** Whether running code reaches a host function, given as `interface#function` or the name of a function; null: not known. */
export type HostReachable = (host: string) => boolean | null;

/**
 * What a component needs from its host: one entry for each function of its outer imports, and one for an import that brings none.
 * `reachable` is asked when somebody reads it.
 */
export function componentImports(component: Component, abis: ReadonlySet<string>, reachable: HostReachable): ImportFact[] {
  return component.imports.flatMap((item, index) => functionsOf(item).map((name) => outerImport(item, index, { name, context: { abis }, reachable })));
}

function functionsOf({ kind, functions }: ComponentImport): readonly string[] {
  return kind === 'instance' && functions.length > 0 ? functions : [''];
}

function outerImport(item: ComponentImport, index: number, { name, context, reachable }: { readonly name: string; readonly context: Context; readonly reachable: HostReachable }): ImportFact {
  const shown = name === '' ? item.name : `${item.name}#${name}`;
  const judged = interfaceOf(item);
  return {
    module: item.name, name, kind: item.kind, interface: judged, index,
    get reachable() {
      return item.kind === 'func' || name !== '' ? reachable(shown) : null;
    },
    ...classifyOuter(item, { judged, name, context }),
    location: { path: `import[${index}] ${shown}`, offset: item.offset, length: item.length },
  };
}

function classifyOuter({ kind, typeOnly, name: own }: ComponentImport, { judged, name, context }: { readonly judged: string; readonly name: string; readonly context: Context }): Classification {
  if (kind === 'type' || (kind === 'instance' && typeOnly)) return classifyTypes(judged, context);
  if (kind === 'func') return classify('$root', own, 'func', context);
  return classify(zedInterface(judged, context), name, 'func', context);
}

/**
 * The interface to judge an import by: what an `implements` attribute names, or the name itself, with a version suffix put
 * back. Component model, "Explainer.md", import and export definitions.
 */
export function interfaceOf({ name, implements: implemented, versionSuffix }: { readonly name: string; readonly implements: string | null; readonly versionSuffix: string | null }): string {
  const base = implemented ?? name;
  return versionSuffix === null || versionSuffix === '' || !base.includes('@') ? base : base + versionSuffix;
}

/** Zed's interfaces stand in the catalogue by their plain names; built components name their package in front. */
function zedInterface(name: string, { abis }: Context): string {
  if (!abis.has('zed') || !name.startsWith('zed:extension/')) return name;
  return name.slice('zed:extension/'.length).replace(/@.*$/, '');
}
