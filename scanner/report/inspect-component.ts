import type { Facts, ImportFact, ModuleFact, Risk } from '../facts/facts.ts';
import type { Component, InnerImport, Linking, Origin, OtherImport } from '../wasm/component.ts';
import { classOf, describeModule } from './inspect-module.ts';

const RISKS: readonly Risk[] = ['none', 'low', 'medium', 'high', 'critical'];

/** A component's outer imports, in the order of the file. An instance lists its functions, and shows the class of the riskiest. */
export function componentImportList({ imports, component }: Pick<Facts, 'imports' | 'component'>): readonly unknown[] {
  const byIndex = Map.groupBy(imports, ({ index }) => index);
  return (component?.imports ?? []).map(({ name, kind, implements: implemented, versionSuffix, externalId }, index) => {
    const facts = byIndex.get(index) ?? [];
    const riskiest = facts.reduce<ImportFact | undefined>((worst, fact) => (worst && RISKS.indexOf(worst.risk) >= RISKS.indexOf(fact.risk) ? worst : fact), undefined);
    const functions = kind === 'instance' ? facts.filter((fact) => fact.name !== '').map((fact) => ({ name: fact.name, ...classOf(fact) })) : [];
    return {
      name, kind, interface: facts[0]?.interface ?? name, implements: implemented, versionSuffix, externalId,
      ...(riskiest ? classOf(riskiest) : {}),
      functions,
    };
  });
}

/** A component's exports, in the order of the file. */
export function componentExportList({ exports, component }: Pick<Facts, 'exports' | 'component'>): readonly unknown[] {
  return [...exports].map(({ name, kind, capability, abi }, index) => ({ name, kind, capability, abi, functions: component?.exports[index]?.functions ?? [] }));
}

/** The core modules inside a component, with where each of their imports ends up. Their imports are no demand on the host. */
export function innerModules({ modules, composition }: Pick<Facts, 'modules' | 'composition'>, { linking }: Component): readonly unknown[] {
  const links = linking && { linking, functions: Map.groupBy(linking.inner, linkKey), others: Map.groupBy(linking.others, linkKey) };
  const composed = new Map(composition?.modules.map((one) => [one.path, one]));
  return modules.map(({ path, role, abis, module, imports }) => ({
    path, role, abis, offset: module.range.offset, size: module.range.length,
    instances: composed.get(path)?.instances ?? null, declared: composed.get(path)?.declared ?? null, effective: composed.get(path)?.effective ?? null,
    imports: imports.map((fact) => ({ module: fact.module, name: fact.name, kind: fact.kind, capability: fact.capability, abi: fact.abi, ...linkOf(links, path, fact) })),
    core: describeModule(module),
  }));
}

/** How the parts of a component are put together; null where that was not followed. */
export function compositionObject({ composition }: Pick<Facts, 'composition'>): Readonly<Record<string, unknown>> | null {
  if (composition === null) return null;
  const { declared, effective, hostFunctions, virtualised, handles, shared } = composition;
  return { declared, effective, hostFunctions, virtualised, handles, shared };
}

interface Links { readonly linking: Linking; readonly functions: ReadonlyMap<string, readonly InnerImport[]>; readonly others: ReadonlyMap<string, readonly OtherImport[]> }

/** Null when linking was not followed. A module instantiated several times may be linked in several ways. */
function linkOf(links: Links | null, path: ModuleFact['path'], { module, name, kind }: ImportFact): Readonly<Record<string, unknown>> {
  if (!links) return { satisfiedBy: null, host: [], origins: null };
  const key = linkKey({ modulePath: path, module, name });
  const found = kind === 'func' ? (links.functions.get(key) ?? []) : [];
  const origins = kind === 'func' ? found : (links.others.get(key) ?? []);
  return {
    satisfiedBy: [...new Set(found.map(({ satisfiedBy }) => satisfiedBy))].sort(),
    host: [...new Set(found.flatMap(({ host }) => host))].sort(),
    origins: distinct(origins.map(({ origin }) => originObject(origin, links.linking))),
  };
}

function originObject(origin: Origin, { instances }: Linking): Readonly<Record<string, unknown>> {
  return origin.kind === 'sibling' || origin.kind === 'virtualised' ? { kind: origin.kind, module: instances[origin.instance]!.path, instance: origin.instance, export: origin.export } : origin;
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

function linkKey({ modulePath, module, name }: Pick<InnerImport, 'modulePath' | 'module' | 'name'>): string {
  return [modulePath, module, name].join('\0');
}
