import type { ComponentExport } from '../component.ts';
import type { Scope } from './scope.ts';

/**
 * Whether a component is a WIT package: nothing but exported types, each of them a component type. The same test
 * serves both encodings: packages of interfaces and worlds (exports with plain labels), and the older one with a
 * single export `ns:pkg/wit`. A component that holds code is a program, whatever it exports. Component model "WIT.md".
 */
export function isWitPackage(scope: Scope, exports: readonly ComponentExport[]): boolean {
  const empty = (['core-module', 'core-instance', 'core-func', 'func', 'component', 'instance'] as const).every((sort) => scope.size(sort) === 0);
  return empty && scope.imports.size === 0 && exports.length > 0 && exports.every(({ kind, index }) => kind === 'type' && scope.at('type', index).kind === 'component');
}
