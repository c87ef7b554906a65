import { exactRows, findRow } from './catalogue/lookup.ts';
import { needsAbi } from './catalogue/classify.ts';

/** What ABIs are recognised by. */
export interface AbiEvidence {
  /** A module inside a component is part of one. */
  readonly of: 'module' | 'component';
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: string }[];
  /** Names of exports; read once. */
  readonly exports: Iterable<string>;
  /** Names of custom sections. */
  readonly customs: readonly string[];
}

/** What shows an ABI beyond the module name of an import. Every part present is enough by itself. */
interface Marker {
  readonly abi: string;
  /** Names imported from `env`. */
  readonly env?: RegExp;
  /** Whether these names must also be ones the catalogue lists, because others begin like them too. */
  readonly listed?: true;
  /** Other imports, `module name`. */
  readonly imports?: RegExp;
  readonly exports?: RegExp;
  readonly customs?: RegExp;
}

const MARKERS: readonly Marker[] = [
  { abi: 'proxy-wasm', env: /^proxy_/, listed: true, exports: /^proxy_(abi_version_|on_)/ },
  { abi: 'wapc', exports: /^(__guest_call|wapc_init)$/ },
  { abi: 'opa', env: /^opa_/, exports: /^(opa_wasm_abi_(minor_)?version|opa_eval)$/ },
  { abi: 'extism', env: /^extism_/ },
  { abi: 'fastly', env: /^xqd_/ },
  { abi: 'suborbital', env: /^(return_(result|error|abort)|get_ffi_result|add_ffi_var|fetch_url|graphql_query|(request_get|request_set)_field|resp_set_header|get_static_file|get_secret_value)$/, exports: /^run_e$/ },
  { abi: 'emscripten', env: /^(invoke_|_?emscripten_|__syscall_|_emval_|_embind_|_wasmfs_|__cxa_|__resumeException$|llvm_eh_typeid_for$|[gs]etTempRet0$|__pthread_create_js$|_(abort|localtime|gmtime|mktime|timegm|tzset|setitimer|dlopen|dlsym|dlsym_catchup)_js$)/, exports: /^_?emscripten_/, customs: /^emscripten_metadata$/ },
  { abi: 'go-js', env: /^(runtime|syscall\/js)\./ },
  { abi: 'assemblyscript', env: /^(Date\.now|Math\.|Reflect\.|Object\.|String\.|console\.|crypto\.getRandomValues|process\.|seed$)/, exports: /^(__pin|__unpin|__rtti_base)$/ },
  { abi: 'nginx-unit', env: /^nxt_wasm_/ },
  { abi: 'trivy-module', exports: /^(is_analyzer|is_post_scanner)$/ },
  { abi: 'containerd-nri', exports: /^plugin_(configure|synchronize|shutdown|(create|start|stop|update|remove)_container|run_pod_sandbox)$/ },
  { abi: 'wamr', env: /^(librats_|shared_heap_|emcc_|__sys_)/, imports: /^wasi_(snapshot_preview1|unstable) sock_(addr_|close$|get_|set_)/ },
  { abi: 'wasi-threads', imports: /^wasi thread-spawn$/, exports: /^wasi_thread_start$/ },
  { abi: 'wasi-http-prototype', imports: /^default-outgoing-HTTP / },
  { abi: 'http-wasm', imports: /^http_handler / },
  { abi: 'javy', exports: /^javy\./, customs: /^import_namespace$/ },
  { abi: 'spin-legacy', imports: /^(wasi-outbound-http|spin-config|outbound-(redis|pg|mysql)) / },
  { abi: 'inspektor-gadget', exports: /^gadgetAPIVersion$/ },
  { abi: 'zed', imports: /^(zed:|process run-command$|nodejs (node-binary-path|npm-)|github (latest-release|github-release-by-tag-name)$|\$root (download-file|make-file-executable)$)/, exports: /^init-extension$/, customs: /^zed:api-version$/ },
];

/** ABIs whose whole list of `env` functions is so ordinary that only all of them together show it, in order of trial. */
const CLOSED_LISTS: readonly { readonly abi: string; readonly knows: (name: string) => boolean }[] = [
  { abi: 'assemblyscript', knows: (name) => name === 'abort' || name === 'trace' || name === 'seed' },
  { abi: 'wamr', knows: (name) => findRow('env', name, ({ abi, name: pattern }) => (abi === 'wamr' && pattern !== '*' ? 1 : 0)) !== null },
];

/** Beginnings of the exports that are markers, so that 75,000 other names are dismissed cheaply. */
const EXPORT_START = /^(_?emscripten_|proxy_|__guest_call|wapc_init|opa_|run_e|__pin|__unpin|__rtti_base|is_|plugin_|wasi_thread_start|javy\.|gadgetAPI|compile-src|initialize-runtime|handle|init-extension|m$)/;

/**
 * The ABIs that a module's imports, exports and custom sections show. Decided before any name is classified, because a name
 * under `env` means something only within an ABI. Module names that one ABI alone uses need no marker and are not listed here.
 */
export function recogniseAbis(evidence: AbiEvidence): Set<string> {
  const { imports, customs } = evidence;
  const found = new Set<string>();
  const exported = new Set<string>();
  for (const name of evidence.exports) if (EXPORT_START.test(name)) exported.add(name);
  const env: string[] = [];
  const others: string[] = [];
  for (const { module, name, kind } of imports) {
    if (kind !== 'func' && kind !== 'tag') continue;
    if (module === 'env') env.push(name);
    else others.push(`${module} ${name}`);
  }
  for (const marker of MARKERS) if (shows(marker, { env, others, exported, customs })) found.add(marker.abi);
  addCombinations(found, exported, evidence);
  if (!found.has('emscripten') && env.length > 0) addClosedList(found, env);
  return found;
}

interface Seen { readonly env: readonly string[]; readonly others: readonly string[]; readonly exported: ReadonlySet<string>; readonly customs: readonly string[] }

function shows(marker: Marker, { env, others, exported, customs }: Seen): boolean {
  const known = marker.listed ? env.filter((name) => exactRows('env', name).some(({ abi }) => abi === marker.abi)) : env;
  return matchesAny(marker.env, known) || matchesAny(marker.exports, exported) || matchesAny(marker.customs, customs) || matchesAny(marker.imports, others);
}

function matchesAny(pattern: RegExp | undefined, texts: Iterable<string>): boolean {
  if (!pattern) return false;
  for (const text of texts) if (pattern.test(text)) return true;
  return false;
}

/** Markers that mean something only together. */
function addCombinations(found: Set<string>, exported: ReadonlySet<string>, { of, imports, customs }: AbiEvidence): void {
  if (exported.has('handle_request') && exported.has('handle_response')) found.add('http-wasm');
  if (exported.has('compile-src') && exported.has('initialize-runtime')) found.add('javy');
  if (exported.has('handle-http-request') || exported.has('handle-redis-message')) found.add('spin-legacy');
  const nameless = imports.filter(({ module, kind }) => module === '' && kind === 'func');
  if (exported.has('m') && nameless.length > 0 && nameless.every(({ name }) => /^[a-z]$/.test(name))) found.add('porffor');
  // Components name these interfaces with a version or carry their types; a plain module that does neither was made for WasmEdge.
  const plugin = of === 'module' && imports.some(({ module, kind }) => kind === 'func' && (module.startsWith('wasmedge_') || (module.startsWith('wasi:') && needsAbi(module))));
  if (plugin && !customs.some((name) => name.startsWith('component-type'))) found.add('wasmedge-plugin');
// String constants are globals; a function of that module is none.
  const constants = imports.filter(({ module }) => module === "'");
  if (constants.length > 0 && constants.every(({ kind }) => kind === 'global')) found.add('js-builtins');
}

function addClosedList(found: Set<string>, env: readonly string[]): void {
  const open = env.filter((name) => !explained(found, name));
  if (open.length === 0) return;
  const list = CLOSED_LISTS.find(({ knows }) => open.every(knows));
  if (list) found.add(list.abi);
}

function explained(found: ReadonlySet<string>, name: string): boolean {
  if (found.size === 0) return false;
  if (exactRows('env', name).some(({ abi }) => found.has(abi))) return true;
  return findRow('env', name, ({ abi }) => (found.has(abi) ? 1 : 0)) !== null;
}
