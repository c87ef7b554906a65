import type { Component } from '../component.ts';
import { PROBLEM_EFFECTS } from '../error.ts';
import type { Depth } from '../module.ts';

export interface ComponentOptions {
  readonly depth?: Depth;
  /** Components around this one. */
  readonly nesting?: number;
}

/** The frame of a component; its sections are not decoded yet, and the result says so. */
export function decodeComponent(bytes: Uint8Array, start: number, end: number, _options: ComponentOptions = {}): Component {
  const problem = { code: 'unknown-encoding', message: 'Components are not decoded yet', offset: start, section: null, effect: PROBLEM_EFFECTS['unknown-encoding'] } as const;
  return {
    kind: 'component', bytes, range: { offset: start, length: end - start }, sections: [], imports: [], exports: [], modules: [], components: [],
    canonicals: [], customs: [], hasStart: false, witPackage: false, features: [], problems: [problem], linking: null,
  };
}
