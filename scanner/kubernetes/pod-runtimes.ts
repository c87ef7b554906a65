import type { TargetProfile } from '../carrier.ts';

/** That a name speaks of Wasm, and of which host, if it says. */
export interface NamedRuntime {
  readonly profile: TargetProfile | null;
}

const ENGINES = ['wasmtime', 'wasmedge', 'wasmer', 'wamr'] as const;
/** Names that stand for Wasm as a word of their own, versions behind them included: `spin-v2`, `wws`, `wasmtime-slight-v1`. */
const WORDS: readonly (readonly [RegExp, TargetProfile | null])[] = [
  [word('spin(?:kube)?'), 'spin'], [word('slight'), 'slight'], [word('wws'), 'wws'], [word('lunatic'), null], [word('wasmcloud'), 'wasmcloud'], [word('wazero'), 'wazero'],
];

/**
 * Reads the name of a runtime class or handler. Names are free, so that this goes by words; crun, youki and kuasar alone run
 * ordinary containers as well and say nothing.
 * @returns null where the name says nothing of Wasm
 */
export function runtimeNamed(name: string): NamedRuntime | null {
  const text = name.slice(0, 253).toLowerCase();
  for (const [pattern, profile] of WORDS) if (pattern.test(text)) return { profile };
  const engine = ENGINES.find((one) => text.includes(one)) ?? null;
  if (engine === null && !/wasm|wasi|wagi/.test(text)) return null;
  if (text.includes('youki')) return { profile: 'youki' };
  if (text.includes('kuasar')) return { profile: engine === 'wasmedge' ? 'kuasar-wasmedge' : 'kuasar-wasmtime' };
  if (engine === null) return { profile: null };
  return { profile: text.includes('crun') ? `crun-${engine}` : `runwasi-${engine}` };
}

function word(name: string): RegExp {
  return new RegExp(`(?:^|[^a-z])${name}(?:v?\\d[a-z0-9]*)?(?:[^a-z]|$)`);
}

const OCI_HANDLERS = new Map<string, TargetProfile | null>([
  ['wasm', null], ['wasm-smart', null], ['wasmtime', 'crun-wasmtime'], ['wasmedge', 'crun-wasmedge'], ['wasmer', 'crun-wasmer'], ['wamr', 'crun-wamr'], ['spin', 'spin'],
]);

/** Reads a value of the annotation `run.oci.handler` as crun does; `krun` and other handlers that run no Wasm give null. */
export function ociHandler(value: string): NamedRuntime | null {
  const profile = OCI_HANDLERS.get(value.trim().toLowerCase());
  return profile === undefined ? null : { profile };
}

/** Programs that run Wasm, by file name. */
export const WASM_PROGRAMS: ReadonlyMap<string, TargetProfile | null> = new Map<string, TargetProfile | null>([
  ['wasmtime', 'wasmtime'], ['wasmedge', 'wasmedge'], ['wasmer', 'wasmer'], ['iwasm', null], ['wazero', 'wazero'], ['spin', 'spin'], ['wws', 'wws'], ['slight', 'slight'], ['lunatic', null],
  ['wash', 'wasmcloud'], ['wasmcloud', 'wasmcloud'], ['wasmcloud_host', 'wasmcloud'], ['kwctl', 'kubewarden'], ['wasm3', null], ['wasmi', null], ['wasmi_cli', null], ['extism', 'extism'],
]);
