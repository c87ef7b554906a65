import type { Component } from '../wasm/component.ts';
import type { ByteRange, Section } from '../wasm/module.ts';
import type { Facts } from './facts.ts';

interface Holder extends ByteRange {
  readonly path: string;
  readonly sections: readonly Section[];
}

/** Symbolic path of a byte: the innermost module or component around it and its section, for example `module[2]/code`; `file` outside all of them. */
export function placeAt(facts: Pick<Facts, 'modules' | 'component'>, offset: number): string {
  const around = holders(facts).filter((holder) => covers(holder, offset)).sort((a, b) => a.length - b.length)[0];
  if (around === undefined) return 'file';
  const section = around.sections.find((one) => covers(one, offset));
  return [around.path, section?.name ?? ''].filter((part) => part !== '').join('/') || 'file';
}

function holders({ modules, component }: Pick<Facts, 'modules' | 'component'>): Holder[] {
  const found: Holder[] = modules.map(({ path, module }) => ({ path, ...module.range, sections: module.sections }));
  const open: { path: string; component: Component }[] = component === null ? [] : [{ path: '', component }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path } = next;
    found.push({ path, ...next.component.range, sections: next.component.sections });
    for (const [index, inner] of next.component.components.entries()) open.push({ path: path === '' ? `component[${index}]` : `${path}/component[${index}]`, component: inner });
  }
  return found;
}

function covers({ offset, length }: ByteRange, at: number): boolean {
  return at >= offset && at < offset + length;
}
