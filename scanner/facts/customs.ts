import type { Component } from '../wasm/component.ts';
import { decodeCustom } from '../wasm/custom/decode.ts';
import type { CustomFact } from './facts.ts';
import { customHolders } from './text-sources.ts';
import type { PlacedModule } from './text-sources.ts';

/** Every custom section in decoded form, of the component, of components inside it and of all core modules. */
export function collectCustoms(modules: readonly PlacedModule[], component: Component | null): CustomFact[] {
  const found: CustomFact[] = [];
  for (const { path, customs } of customHolders(modules, component)) {
    for (const [index, section] of customs.entries()) {
      found.push({ path, name: section.name, index, offset: section.offset, length: section.length, ...decodeCustom(section) });
    }
  }
  return found;
}
