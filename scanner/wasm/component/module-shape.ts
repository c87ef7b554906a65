import type { ExternKind, Module } from '../module.ts';
import type { ModuleShape } from './model.ts';

/** A decoded module as something to instantiate. Its exports are looked at only when asked for: some modules have 75,000. */
export function shapeOf(module: Module): ModuleShape {
  let exports: Map<string, ExternKind> | null = null;
  return {
    partial: module.problems.length > 0,
    get exports() {
      return (exports ??= new Map(Array.from(module.exports, ({ name, kind }) => [name, kind])));
    },
    imports: { [Symbol.iterator]: () => importsOf(module) },
  };
}

function* importsOf(module: Module): Generator<{ module: string; name: string; kind: ExternKind }> {
  for (const { module: from, name, type } of module.imports) yield { module: from, name, kind: type.kind };
}
