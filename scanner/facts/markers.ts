import { joinSearch } from './joined-search.ts';
import { asciiBytes } from './literal-search.ts';
import type { CustomFact } from './facts.ts';
import { customSources, dataSources } from './text-sources.ts';
import type { PlacedModule } from './text-sources.ts';

/** What a toolchain leaves behind in imports, exports, names and data when it writes no producers section. */
interface Marker {
  readonly tool: string | null;
  readonly language: string | null;
  /** `module name` of an import. */
  readonly imports?: RegExp;
  readonly exports?: RegExp;
  /** Functions in the name section. */
  readonly functions?: RegExp;
  /** Name of a custom section. */
  readonly custom?: RegExp;
  /** ASCII or UTF-16 text in data or debug sections. */
  readonly text?: readonly string[];
}

/** What was recognised, with the module it was seen in. */
export interface Recognised { readonly tool: string | null; readonly language: string | null; readonly path: string }

const MARKERS: readonly Marker[] = [
  { tool: 'Go', language: 'Go', imports: /^(gojs|go) runtime\.(wasmExit|scheduleTimeoutEvent)$/, custom: /^go[.:](buildid|version)$/, text: [' Go build ID: "'] },
  { tool: 'TinyGo', language: 'Go', imports: /^(gojs|env|go) runtime\.(ticks|sleepTicks)$/, exports: /^(tinygo_\w+|go_scheduler)$/, functions: /^(tinygo_\w+|runtime\.alloc)$/ },
  { tool: 'rustc', language: 'Rust', functions: /^(_ZN.*17h[0-9a-f]{16}E|_R[NIMXYC]\w+|rust_begin_unwind|__rust_alloc)$/, text: ['/rustc/', '/.cargo/registry/src/', 'library/std/src/'] },
  { tool: 'wasm-bindgen', language: 'Rust', imports: /^(__wbindgen_\w+ |wbg |\.\/\w+_bg\.js )/, exports: /^__wbindgen_\w+$/, custom: /^__wasm_bindgen_/ },
  { tool: 'AssemblyScript', language: 'AssemblyScript', exports: /^(__pin|__unpin|__rtti_base|__setArgumentsLength)$/, text: ['~\0l\0i\0b\0/\0'] },
  { tool: 'Emscripten', language: null, imports: /^(env (emscripten_\w+|_emscripten_\w+|__syscall_\w+|invoke_[ivjdf]+|__cxa_throw)|wasi_snapshot_preview1 emscripten_\w+)$/, exports: /^(emscripten_\w+|_emscripten_\w+|stackSave|stackAlloc)$/, custom: /^emscripten_metadata$/ },
  { tool: 'Zig', language: 'Zig', text: ['/lib/std/start.zig', 'lib/zig/std/'] },
  { tool: 'Swift', language: 'Swift', exports: /^swjs_\w+$/, functions: /^(swift_retain|\$s\w+)$/ },
  { tool: '.NET', language: 'C#', imports: /^env mono_wasm_\w+$/, exports: /^mono_wasm_\w+$/ },
  { tool: 'Kotlin', language: 'Kotlin', imports: /^(js_code kotlin\.|intrinsics kotlin)/ },
  { tool: 'dart2wasm', language: 'Dart', imports: /^dart2wasm / },
  { tool: 'MoonBit', language: 'MoonBit', imports: /^(moonbit:|__moonbit_)/ },
  { tool: 'Grain', language: 'Grain', imports: /^grainRuntime / },
  { tool: 'Javy', language: 'JavaScript', imports: /^javy_\w+ /, custom: /^import_namespace$/ },
  { tool: 'StarlingMonkey', language: 'JavaScript', text: ['StarlingMonkey'] },
  { tool: 'CPython', language: 'Python', functions: /^Py_Initialize\w*$/, text: ['Py_Initialize', 'Fatal Python error'] },
  { tool: 'Ruby', language: 'Ruby', functions: /^ruby_init\w*$/ },
  { tool: 'OPA', language: 'Rego', exports: /^opa_eval\w*$/ },
  { tool: 'porffor', language: 'JavaScript', imports: /^ [a-z]$/ },
];

/** Names looked at per module: markers of a toolchain are everywhere or nowhere. They are hints that anybody can leave out or forge, so no verdict may rest on their absence, and a limit hides nothing. */
const MAX_NAMES = 20_000;
/** Sections that hold source paths; anything else a tool writes is read by its own decoder. */
const TEXT_SECTIONS = /^\.debug_(str|line_str|line|info)$|^name$/;

const literals = MARKERS.flatMap((marker) => (marker.text ?? []).map((text) => ({ marker, bytes: asciiBytes(text) })));
const search = joinSearch(() => literals.map(({ bytes }) => bytes));

/** Recognises toolchains by what they leave behind; each at most once per module. */
export function recogniseToolchains(modules: readonly PlacedModule[], customs: readonly CustomFact[]): Recognised[] {
  const byPath = Map.groupBy(customs, (custom) => custom.path);
  return modules.flatMap((placed) => {
    const own = byPath.get(placed.path) ?? [];
    const texts = markersInText(placed);
    const exported = firstNames(placed.module.exports);
    return MARKERS.filter((marker) => texts.has(marker) || matches(marker, { module: placed.module, exported }, own)).map(({ tool, language }) => ({ tool, language, path: placed.path }));
  });
}

function matches(marker: Marker, { module, exported }: Pick<PlacedModule, 'module'> & { readonly exported: readonly string[] }, customs: readonly CustomFact[]): boolean {
  if (marker.custom && customs.some((custom) => marker.custom!.test(custom.name))) return true;
  if (marker.imports && some(module.imports, (item) => marker.imports!.test(`${item.module} ${item.name}`))) return true;
  if (marker.exports && exported.some((name) => marker.exports!.test(name))) return true;
  if (!marker.functions) return false;
  const names = customs.find((custom) => custom.content.kind === 'name')?.content;
  return names?.kind === 'name' && some(names.functions, ([, name]) => marker.functions!.test(name));
}

/** Read once for all markers: a name is decoded each time it is asked for. */
function firstNames(items: Iterable<{ readonly name: string }>): string[] {
  const names: string[] = [];
  some(items, ({ name }) => {
    names.push(name);
    return false;
  });
  return names;
}

function some<T>(items: Iterable<T>, test: (item: T) => boolean): boolean {
  let left = MAX_NAMES;
  for (const item of items) {
    if (test(item)) return true;
    if (--left === 0) return false;
  }
  return false;
}

function markersInText(placed: PlacedModule): Set<Marker> {
  const found = new Set<Marker>();
  for (const source of dataSources([placed])) search.search(source.bytes, (literal) => found.add(literals[literal]!.marker));
  for (const source of customSources([placed], null)) {
    if (TEXT_SECTIONS.test(source.section)) search.search(source.bytes, (literal) => found.add(literals[literal]!.marker));
  }
  return found;
}
