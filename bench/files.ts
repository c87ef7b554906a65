import { join } from 'node:path';
import { corpusFile } from '../test/corpus/files.ts';

/** The files that every tool is measured on, from 0.1 to 75 MB. */
export const BENCH_FILES: readonly { readonly name: string; readonly path: string }[] = [
  { name: 'policy 0.13 MB', path: join(import.meta.dirname, '../test/fixtures/toolchains/opa.wasm') },
  { name: 'rollup 0.59 MB', path: corpusFile('@rollup/wasm-node/dist/wasm-node/bindings_wasm_bg.wasm') },
  { name: 'sqlite 0.69 MB', path: corpusFile('sql.js/dist/sql-wasm.wasm') },
  { name: 'esbuild 14 MB', path: corpusFile('esbuild-wasm/esbuild.wasm') },
  { name: 'golem component 11.5 MB', path: corpusFile('@golemcloud/golem-ts-sdk/wasm/agent_guest.wasm') },
  { name: 'duckdb 39 MB', path: corpusFile('@duckdb/duckdb-wasm/dist/duckdb-mvp.wasm') },
  { name: 'biome 46 MB', path: corpusFile('@biomejs/wasm-nodejs/biome_wasm_bg.wasm') },
  { name: 'pandoc 59 MB', path: corpusFile('pandoc-wasm/src/pandoc.wasm') },
  { name: 'llvm 75 MB', path: corpusFile('@yowasp/clang/gen/llvm.core.wasm') },
];
