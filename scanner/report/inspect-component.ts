import type { Facts, ImportFact, ModuleFact, Risk } from '../facts/facts.ts';
import type { Component, InnerImport } from '../wasm/component.ts';
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
export function innerModules({ modules }: Pick<Facts, 'modules'>, { linking }: Component): readonly unknown[] {
  const links = linking && Map.groupBy(linking.inner, linkKey);
  return modules.map(({ path, role, abis, module, imports }) => ({
    path, role, abis, offset: module.range.offset, size: module.range.length,
    imports: imports.map((fact) => ({ module: fact.module, name: fact.name, kind: fact.kind, capability: fact.capability, abi: fact.abi, ...linkOf(links, path, fact) })),
    core: describeModule(module),
  }));
}

/** `satisfiedBy` is null when linking was not followed. A module instantiated several times may be linked in several ways. */
function linkOf(links: ReadonlyMap<string, readonly InnerImport[]> | null, path: ModuleFact['path'], { module, name }: ImportFact): Readonly<Record<string, unknown>> {
  if (!links) return { satisfiedBy: null, host: [] };
  const found = links.get(linkKey({ modulePath: path, module, name })) ?? [];
  return {
    satisfiedBy: [...new Set(found.map(({ satisfiedBy }) => satisfiedBy))].sort(),
    host: [...new Set(found.flatMap(({ host }) => host))].sort(),
  };
}

function linkKey({ modulePath, module, name }: Pick<InnerImport, 'modulePath' | 'module' | 'name'>): string {
  return [modulePath, module, name].join('\0');
}
