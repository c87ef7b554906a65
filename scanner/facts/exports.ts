import type { Component } from '../wasm/component.ts';
import type { Export } from '../wasm/module.ts';
import type { Location } from '../location.ts';
import { classifyExport } from './catalogue/exports.ts';
import type { ExportFact } from './facts.ts';
import { interfaceOf } from './imports.ts';

/** The exports of a core module, in the order of the file. */
export function moduleExports(items: readonly Export[], abis: ReadonlySet<string>): ExportFact[] {
  return items.map((item, place) => new CoreExport(item, place, classifyExport(item.name, abis)));
}

/** The exports of a component, in the order of the file. */
export function componentExports(component: Component, abis: ReadonlySet<string>): ExportFact[] {
  return component.exports.map((item, index) => {
    const known = classifyExport(interfaceOf(item), abis);
    return { name: item.name, kind: item.kind, location: { path: `export[${index}] ${item.name}`, offset: item.offset, length: item.length }, abi: known?.abi ?? null, capability: known?.capability ?? null };
  });
}

/** A class, because one shipping module has 75,111 exports and nearly nobody asks where they are. */
class CoreExport implements ExportFact {
  readonly name: string;
  readonly kind: string;
  readonly index: number;
  readonly abi: string | null;
  readonly capability: string | null;
  readonly #item: Export;
  readonly #place: number;

  constructor(item: Export, place: number, known: ReturnType<typeof classifyExport>) {
    this.name = item.name;
    this.kind = item.kind;
    this.index = item.index;
    this.abi = known?.abi ?? null;
    this.capability = known?.capability ?? null;
    this.#item = item;
    this.#place = place;
  }

  get location(): Location {
    return { path: `export[${this.#place}] ${this.name}`, offset: this.#item.offset, length: this.#item.length };
  }
}
