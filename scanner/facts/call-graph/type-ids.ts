import type { CompositeType, DefinedType, TypeText } from '../../wasm/module.ts';

/** Equality and subtyping of a module's types. */
export interface TypeIds {
  /** For each type index the first one that is equal to it. Core specification 3.1.3, "roll" and type equality of recursive types. */
  readonly same: Uint32Array;
  /** Types declared directly below a type, by the numbers in `same`, each once. */
  readonly below: (type: number) => readonly number[];
}

/**
 * Numbers types so that equal ones have the same number: two are equal when their whole recursion groups have the same
 * shape, with references inside the group taken by position. Descriptors are left out, which can only join types.
 */
export function typeIds(types: readonly DefinedType[]): TypeIds {
  const same = new Uint32Array(types.length);
  const known = new Map<string, number>();
  for (let start = 0; start < types.length; start += Math.max(1, types[start]!.groupSize)) {
    const size = Math.max(1, Math.min(types[start]!.groupSize, types.length - start));
    const key = groupKey(types, { start, size }, same);
    const first = known.get(key);
    if (first === undefined) known.set(key, start);
    for (let index = 0; index < size; index++) same[start + index] = (first ?? start) + index;
  }
  const below = subtypes(types, same);
  return { same, below: (type) => below.get(type) ?? NONE };
}

const NONE: readonly number[] = [];

interface Group { readonly start: number; readonly size: number }

function groupKey(types: readonly DefinedType[], group: Group, same: Uint32Array): string {
  if (group.size === 1) return typeKey(types[group.start]!, group, same);
  const parts: string[] = [];
  for (let index = group.start; index < group.start + group.size; index++) parts.push(typeKey(types[index]!, group, same));
  return `rec ${parts.join(' | ')}`;
}

function typeKey({ type, final, shared, supertypes }: DefinedType, group: Group, same: Uint32Array): string {
  const named = (index: number): string => referenceKey(index, group, same);
  const lead = final && !shared && supertypes.length === 0 ? '' : `${final ? 'final ' : ''}${shared ? 'shared ' : ''}sub ${supertypes.map(named).join(' ')} `;
  return lead + compositeKey(type, named);
}

function compositeKey(type: CompositeType, named: (index: number) => string): string {
  const text = (value: TypeText): string => value.replace(INDEX, (index) => named(Number(index)));
  if (type.kind === 'func') return `func ${type.params.map(text).join(' ')} > ${type.results.map(text).join(' ')}`;
  if (type.kind === 'struct') return `struct ${type.fields.map((field) => `${field.mutable ? 'mut ' : ''}${text(field.type)}`).join(', ')}`;
  if (type.kind === 'array') return `array ${type.mutable ? 'mut ' : ''}${text(type.element)}`;
  return `cont ${named(type.type)}`;
}

/** An index in the text of a type stands alone; those of `i32` or `v128` follow a letter. */
const INDEX = /\b\d+\b/g;

function referenceKey(index: number, { start, size }: Group, same: Uint32Array): string {
  return index >= start && index < start + size ? `.${index - start}` : `#${same[index] ?? index}`;
}

function subtypes(types: readonly DefinedType[], same: Uint32Array): Map<number, number[]> {
  const below = new Map<number, number[]>();
  types.forEach(({ supertypes }, index) => {
    if (same[index] !== index) return;
    for (const named of new Set(supertypes)) {
      const above = same[named] ?? named;
      if (above === index) continue;
      const list = below.get(above);
      if (list) list.push(index);
      else below.set(above, [index]);
    }
  });
  return below;
}
