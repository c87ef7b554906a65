import type { AmountArgument, Interest, TextArgument } from './model.ts';

/*
 * Imports whose arguments say what a program reaches for, with the place of each argument. Sources: WASI preview 1 "witx", the WIT
 * packages of WASI and of the hosts named here, flattened as the component model's "CanonicalABI" says; proxy-wasm ABI 0.2.1; waPC;
 * the syscalls of Emscripten.
 */

const text = (role: TextArgument['role']) => (pointer: number, more: Partial<TextArgument> = {}): TextArgument => ({ role, form: 'counted', pointer, ...more });
const ended = (role: TextArgument['role'], pointer: number): TextArgument => ({ role, form: 'ended', pointer });
const path = text('path');
const host = text('host');
const name = text('name');
const cluster = text('cluster');
const environment = text('environment');
const bytes = (pointer: number): AmountArgument => ({ role: 'amount', pointer, least: 1 << 20 });
const events = (pointer: number): AmountArgument => ({ role: 'amount', pointer, least: 10_000 });

type Row = Readonly<Record<string, readonly Interest[]>>;

const PREVIEW1: Row = {
  path_open: [path(2)],
  path_create_directory: [path(1)],
  path_filestat_get: [path(2)],
  path_filestat_set_times: [path(2)],
  path_link: [path(2), path(5)],
  path_readlink: [path(1)],
  path_remove_directory: [path(1)],
  path_rename: [path(1), path(4)],
  path_symlink: [path(0), path(3)],
  path_unlink_file: [path(1)],
  // Those of WasmEdge and WASIX.
  sock_getaddrinfo: [host(0)],
  resolve: [host(0)],
  proc_exec: [name(0)],
  proc_spawn: [name(0)],
  random_get: [bytes(1)],
  fd_allocate: [bytes(2)],
  fd_filestat_set_size: [bytes(1)],
  poll_oneoff: [events(2)],
};

const PROXY: Row = {
  proxy_http_call: [cluster(0)],
  proxy_grpc_call: [cluster(0)],
  proxy_grpc_stream: [cluster(0)],
  proxy_call_foreign_function: [name(0)],
  proxy_get_shared_data: [name(0)],
  proxy_set_shared_data: [name(0)],
};

const EMSCRIPTEN: Row = {
  __syscall_openat: [ended('path', 1)],
  __syscall_open: [ended('path', 0)],
  __syscall_unlinkat: [ended('path', 1)],
  __syscall_mkdirat: [ended('path', 1)],
  __syscall_rmdir: [ended('path', 0)],
  __syscall_stat64: [ended('path', 0)],
  getaddrinfo: [ended('host', 0)],
  system: [ended('name', 0)],
};

/** Core imports by module; of one that is not listed, `env` has the functions of several hosts. */
const CORE: Readonly<Record<string, Row>> = {
  wasi_snapshot_preview1: PREVIEW1,
  wasi_unstable: PREVIEW1,
  wasix_32v1: PREVIEW1,
  wasix_64v1: PREVIEW1,
  env: { ...PROXY, ...EMSCRIPTEN, fetch_url: [host(1)] },
  wapc: { __host_call: [name(0), name(2), name(4)] },
  wasi_experimental_http: { req: [host(0)] },
  fastly_http_req: { uri_set: [host(1)], send: [text('cluster')(2)], send_async: [text('cluster')(2)] },
  fastly_dictionary: { open: [name(0)] },
  fastly_secret_store: { open: [name(0)] },
  fastly_object_store: { open: [name(0)] },
};

/** Functions of interfaces, which are named without their version. */
const INTERFACES: Readonly<Record<string, Row>> = {
  'wasi:http/types': {
    '[method]outgoing-request.set-authority': [host(2, { present: 1 })],
    '[method]outgoing-request.set-path-with-query': [name(2, { present: 1 })],
    '[method]request.set-authority': [host(2, { present: 1 })],
    '[method]request.set-path-with-query': [name(2, { present: 1 })],
  },
  'wasi:sockets/ip-name-lookup': { 'resolve-addresses': [host(1)] },
  'wasi:filesystem/types': {
    '[method]descriptor.open-at': [path(2, { spilled: 8 })],
    '[method]descriptor.stat-at': [path(2)],
    '[method]descriptor.create-directory-at': [path(1)],
    '[method]descriptor.remove-directory-at': [path(1)],
    '[method]descriptor.unlink-file-at': [path(1)],
    '[method]descriptor.readlink-at': [path(1)],
    '[method]descriptor.rename-at': [path(1, { spilled: 4 }), path(4, { spilled: 16 })],
    '[method]descriptor.link-at': [path(2, { spilled: 8 }), path(5, { spilled: 20 })],
    '[method]descriptor.symlink-at': [path(1, { spilled: 4 }), path(3, { spilled: 12 })],
  },
  'wasi:random/random': { 'get-random-bytes': [bytes(0)] },
  'wasi:random/insecure': { 'get-insecure-random-bytes': [bytes(0)] },
  'wasi:keyvalue/store': { open: [name(0)], '[method]bucket.get': [name(1)], '[method]bucket.set': [name(1)], '[method]bucket.delete': [name(1)] },
  'wasi:blobstore/blobstore': { 'get-container': [name(0)], 'create-container': [name(0)] },
  'wasi:config/store': { get: [environment(0)] },
  'wasi:config/runtime': { get: [environment(0)] },
  'wasmcloud:secrets/store': { get: [name(0)] },
  'fermyon:spin/variables': { get: [environment(0)] },
  'fermyon:spin/config': { 'get-config': [environment(0)] },
  'fermyon:spin/key-value': { '[static]store.open': [name(0)], open: [name(0)] },
  'fermyon:spin/sqlite': { '[static]connection.open': [name(0)], open: [name(0)] },
  'fermyon:spin/redis': { '[static]connection.open': [host(0)], publish: [host(0)] },
  'fermyon:spin/mysql': { '[static]connection.open': [host(0)] },
  'fermyon:spin/postgres': { '[static]connection.open': [host(0)] },
  'fermyon:spin/mqtt': { '[static]connection.open': [host(0)] },
  'fermyon:spin/llm': { infer: [name(0)] },
  'fermyon:spin/http': { 'send-request': [host(1)] },
};

/** What of the arguments of an import is of interest; empty for most imports. `module` is an import module, or an interface with its version. */
export function interestsOf(module: string, field: string): readonly Interest[] {
  const core = Object.hasOwn(CORE, module) ? CORE[module]! : null;
  const base = module.replace(/@.*$/, '');
  const rows = core ?? (Object.hasOwn(INTERFACES, base) ? INTERFACES[base]! : null);
  // Functions of components are named with the mark of an asynchronous lowering before them.
  const plain = field.replace(/^\[async-lower\](?:\[async\])?/, '');
  return rows !== null && Object.hasOwn(rows, plain) ? rows[plain]! : [];
}

/** Imports that use a text of a role, without being given it in a way that code shows: variables are handed over all at once. */
export function looksFor(module: string, field: string): 'environment' | null {
  const base = module.replace(/@.*$/, '');
  return /^environ_(get|sizes_get)$/.test(field) || (base === 'wasi:cli/environment' && field === 'get-environment') ? 'environment' : null;
}
