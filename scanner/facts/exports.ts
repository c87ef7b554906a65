import type { Component } from '../wasm/component.ts';
import type { Module } from '../wasm/module.ts';
import { classifyExport } from './catalogue/exports.ts';
import type { ExportFact } from './facts.ts';
import { interfaceOf } from './imports.ts';

/** The exports of a core module, in the order of the file. */
export function moduleExports(module: Module, abis: ReadonlySet<string>): ExportFact[] {
  const found: ExportFact[] = [];
  for (const { name, kind, offset, length } of module.exports) {
    const known = classifyExport(name, abis);
    found.push({ name, kind, location: { path: `export[${found.length}] ${name}`, offset, length }, abi: known?.abi ?? null, capability: known?.capability ?? null });
  }
  return found;
}

/** The exports of a component, in the order of the file. */
export function componentExports(component: Component, abis: ReadonlySet<string>): ExportFact[] {
  return component.exports.map((item, index) => {
    const known = classifyExport(interfaceOf(item), abis);
    return { name: item.name, kind: item.kind, location: { path: `export[${index}] ${item.name}`, offset: item.offset, length: item.length }, abi: known?.abi ?? null, capability: known?.capability ?? null };
  });
}
