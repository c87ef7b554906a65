import type { Decoded } from '../wasm/decoded.ts';
import { nativeSection } from '../wasm/first-bytes.ts';
import type { Module } from '../wasm/module.ts';
import type { Facts, ModuleFact } from './facts.ts';

/**
 * What an artifact is. A module that carries machine code for a runtime to prefer counts as native, although its Wasm part is
 * decoded like any other.
 */
export function kindOf(decoded: Decoded): Facts['kind'] {
  if (decoded.kind === 'module') return nativeSection(decoded.customs) ? 'native' : 'module';
  if (decoded.kind === 'component') return decoded.witPackage ? 'wit-package' : 'component';
  return decoded.kind;
}

/** Imports that only a module on its way to becoming a component has. */
const COMPONENT_IMPORT = /^(\$root$|\[export\]|cm32p2(\||$)|__main_module__$|[a-z][a-z0-9-]*(:[a-z][a-z0-9-]*)+\/[a-z])/;
/** Modules of other hosts that look like interfaces. */
const NO_COMPONENT = /^(extism:host\/|wasi:(http\/outgoing-handler|logging\/logging)$|kubewarden:javy\/)/;

/** What kind of thing a core module is. `path` is its place: inside a component a module's imports say nothing of the sort. */
export function roleOf(module: Module, path: string): ModuleFact['role'] {
  const names = new Set(module.customs.map(({ name }) => name));
  if (names.has('linking')) return 'object-file';
  if (names.has('dylink.0') || names.has('dylink')) return 'shared-library';
  if (names.has('core') || names.has('corestack')) return 'core-dump';
  const embeds = module.customs.some(({ name }) => name.startsWith('component-type'));
  if (path === '' && (embeds || module.imports.some((item) => COMPONENT_IMPORT.test(item.module) && !NO_COMPONENT.test(item.module)))) return 'pre-component';
  return 'program';
}
