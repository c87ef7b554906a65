/**
 * The one table of features: what a binary can need beyond the 1.0 core, and how far each proposal is.
 * `standard`: part of Wasm 3.0 or shipped WASI 0.2/0.3 components. `phase4`: stable, not yet in a release.
 * The component-model gates that shipped with WASI 0.2 and 0.3, legacy exceptions and compact imports count as phase 4.
 */
export const FEATURES = {
  'mutable-globals': { title: 'Mutable globals imported or exported', status: 'standard' },
  'sign-extension': { title: 'Sign-extension operators', status: 'standard' },
  'saturating-float-to-int': { title: 'Non-trapping float-to-int conversion', status: 'standard' },
  'multi-value': { title: 'Multiple results and block parameters', status: 'standard' },
  'bulk-memory': { title: 'Bulk memory operations', status: 'standard' },
  'reference-types': { title: 'Reference types', status: 'standard' },
  simd: { title: 'Fixed-width SIMD', status: 'standard' },
  'relaxed-simd': { title: 'Relaxed SIMD', status: 'standard' },
  'tail-call': { title: 'Tail calls', status: 'standard' },
  'extended-const': { title: 'Extended constant expressions', status: 'standard' },
  'function-references': { title: 'Typed function references', status: 'standard' },
  gc: { title: 'Garbage-collected types', status: 'standard' },
  'multi-memory': { title: 'Several memories', status: 'standard' },
  memory64: { title: '64-bit memories and tables', status: 'standard' },
  exceptions: { title: 'Exception handling with exnref', status: 'standard' },
  'js-string-builtins': { title: 'JS string builtins', status: 'standard' },
  'branch-hinting': { title: 'Branch hints', status: 'standard' },
  'legacy-exceptions': { title: 'Legacy exception handling', status: 'phase4' },
  threads: { title: 'Shared memories and atomics', status: 'phase4' },
  'wide-arithmetic': { title: 'Wide arithmetic', status: 'phase4' },
  'compact-imports': { title: 'Compact import section', status: 'phase4' },
  'component-model': { title: 'Component model, WASI 0.2 part', status: 'phase4' },
  'component-async': { title: 'Component async: streams, futures, tasks', status: 'phase4' },
  'component-map': { title: 'Component map type', status: 'phase4' },
  'component-implements': { title: 'Component implements and external-id attributes', status: 'phase4' },
  'custom-page-sizes': { title: 'Custom page sizes', status: 'phase3' },
  'stack-switching': { title: 'Stack switching', status: 'phase3' },
  'custom-descriptors': { title: 'Custom descriptors and exact types', status: 'phase3' },
  'component-values': { title: 'Component values and start', status: 'draft' },
  'component-nested-names': { title: 'Component nested names', status: 'draft' },
  'component-threads': { title: 'Component thread built-ins', status: 'draft' },
  'component-async-stackful': { title: 'Component stackful async lift', status: 'draft' },
  'component-async-builtins': { title: 'Component async built-ins still gated', status: 'draft' },
  'component-fixed-length-lists': { title: 'Component fixed-length lists', status: 'draft' },
  'component-error-context': { title: 'Component error-context', status: 'draft' },
  'component-canonical-versions': { title: 'Component canonical versions', status: 'draft' },
  'component-memory64': { title: 'Component 64-bit memories', status: 'draft' },
  'component-gc': { title: 'Component GC ABI', status: 'draft' },
  'component-dependency-names': { title: 'Component url and locked dependency names (removed)', status: 'draft' },
  'shared-everything-threads': { title: 'Shared-everything threads', status: 'draft' },
  'memory-control': { title: 'Memory control', status: 'draft' },
  'half-precision': { title: 'Half precision', status: 'draft' },
  'compilation-hints': { title: 'Compilation hints', status: 'draft' },
} as const satisfies Record<string, { title: string; status: FeatureStatus }>;

export type FeatureStatus = 'standard' | 'phase4' | 'phase3' | 'draft';
export type Feature = keyof typeof FEATURES;

/** Where a binary first uses a feature and how often (instructions or definitions). */
export interface FeatureUse {
  readonly feature: Feature;
  readonly count: number;
  /** Bytes from the start of the artifact. */
  readonly offset: number;
}
