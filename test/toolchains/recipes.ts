import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Programs built by real toolchains, each with the source beside it. Small outputs are committed in
 * test/fixtures/toolchains; the others are built where the tools are. `npm run toolchains` builds them all.
 */
export interface Recipe {
  /** Name of the output, without ending. */
  readonly id: string;
  /** Folder of the source, below test/toolchains. */
  readonly source: string;
  /** Commands that must exist. */
  readonly tools: readonly string[];
  /** Committed because it is small. */
  readonly committed: boolean;
  readonly build: (context: BuildContext) => void;
}

export interface BuildContext {
  /** Folder of the source. */
  readonly source: string;
  /** File to write. */
  readonly output: string;
  /** Folder for intermediate files, shared by all recipes. */
  readonly work: string;
}

export const RECIPES: readonly Recipe[] = [
  rustc('rust-pure', 'rust-pure', 'wasm32-unknown-unknown', 'lib.rs'),
  ...['stdin', 'hello', 'files', 'tcp-client'].flatMap((name) => [
    rustc(`rust-${name}-wasip1`, `rust-${name}`, 'wasm32-wasip1', 'main.rs'),
    rustc(`rust-${name}-wasip2`, `rust-${name}`, 'wasm32-wasip2', 'main.rs'),
  ]),
  cargo('rust-proxy-wasm', 'wasm32-wasip1'),
  cargo('rust-extism', 'wasm32-wasip1'),
  cargo('rust-wapc', 'wasm32-wasip1'),
  cargo('rust-kubewarden', 'wasm32-wasip1'),
  cargo('rust-spin', 'wasm32-wasip1'),
  cargo('rust-suborbital', 'wasm32-wasip1'),
  cargo('rust-http-wasm', 'wasm32-wasip1'),
  cargo('rust-wasix', 'wasm32-wasip1'),
  cargo('rust-wasmedge-socket', 'wasm32-wasip1'),
  cargo('rust-extism-http', 'wasm32-wasip1'),
  cargo('rust-kubewarden-lookup', 'wasm32-wasip1'),
  cargo('rust-suborbital-fetch', 'wasm32-wasip1'),
  cargo('rust-bindgen', 'wasm32-unknown-unknown'),
  cargo('rust-http', 'wasm32-wasip2'),
  cargo('rust-wasmcloud', 'wasm32-wasip2'),
  go('go-wasip1', 'wasip1'),
  go('go-js', 'js'),
  clang('c-hello'),
  clang('c-files'),
  {
    id: 'zig-add', source: 'zig-hello', tools: ['python3'], committed: true,
    build: ({ source, output }) => run('python3', ['-m', 'ziglang', 'build-exe', 'main.zig', '-target', 'wasm32-freestanding', '-fno-entry', '-rdynamic', '-O', 'ReleaseSmall', `-femit-bin=${output}`], source),
  },
  {
    id: 'zig-cc', source: 'zig-hello', tools: ['python3'], committed: true,
    build: ({ source, output }) => run('python3', ['-m', 'ziglang', 'cc', '--target=wasm32-wasi', '-Os', '-s', '-o', output, 'main.c'], source),
  },
  {
    id: 'emscripten-standalone', source: 'emscripten-hello', tools: ['emcc'], committed: true,
    build: ({ source, output }) => run('emcc', ['-Os', '-sSTANDALONE_WASM', '-o', output, 'main.c'], source),
  },
  {
    id: 'assemblyscript', source: 'assemblyscript-add', tools: ['npm'], committed: true,
    build: ({ source, output, work }) => {
      npmInstall(work, 'assemblyscript@0.28.20');
      run(join(work, 'node_modules/.bin/asc'), [join(source, 'main.ts'), '-O', '--runtime', 'incremental', '-o', output], work);
    },
  },
  {
    id: 'componentize-py', source: 'componentize-py-add', tools: ['componentize-py'], committed: false,
    build: ({ source, output }) => run('componentize-py', ['-d', 'world.wit', '-w', 'calc', 'componentize', 'app', '-o', output], source),
  },
  {
    id: 'componentize-js', source: 'componentize-js-add', tools: ['npm'], committed: false,
    build: ({ source, output, work }) => {
      npmInstall(work, '@bytecodealliance/componentize-js@0.23.0', '@bytecodealliance/preview2-shim@0.25.0');
      const script = join(work, 'componentize.mjs');
      writeFileSync(script, COMPONENTIZE_JS);
      run(process.execPath, [script, source, output], work);
    },
  },
  {
    id: 'opa', source: 'opa-allow', tools: ['go', 'tar'], committed: true,
    build: ({ source, output, work }) => {
      run('go', ['install', 'github.com/open-policy-agent/opa@v1.22.0'], work, { GOBIN: work });
      run(join(work, 'opa'), ['build', '-t', 'wasm', '-e', 'example/allow', '-o', join(work, 'bundle.tar.gz'), 'policy.rego'], source);
      writeFileSync(output, execFileSync('tar', ['-xzf', join(work, 'bundle.tar.gz'), '-O', '/policy.wasm'], { maxBuffer: 1 << 26 }));
    },
  },
];

const COMPONENTIZE_JS = `
import { componentize } from '@bytecodealliance/componentize-js';
import { readFileSync, writeFileSync } from 'node:fs';
const [folder, output] = process.argv.slice(2);
const { component } = await componentize(readFileSync(folder + '/app.js', 'utf8'), readFileSync(folder + '/world.wit', 'utf8'), { worldName: 'calc' });
writeFileSync(output, component);
`;

function rustc(id: string, source: string, target: string, file: string): Recipe {
  const kind = file === 'lib.rs' ? ['--crate-type', 'cdylib'] : [];
  return {
    id, source, tools: ['rustc'], committed: true,
    build: (context) => run('rustc', ['--edition', '2024', ...kind, '-C', 'opt-level=s', '-C', 'panic=abort', '-C', 'strip=symbols', '-C', 'lto=fat', '--target', target, '-o', context.output, file], context.source),
  };
}

function cargo(id: string, target: string): Recipe {
  return {
    id, source: id, tools: ['cargo'], committed: true,
    build: ({ source, output, work }) => {
      run('cargo', ['build', '--quiet', '--release', '--target', target], source, { CARGO_TARGET_DIR: join(work, 'target'), RUSTFLAGS: remapSources(work) });
      copyFileSync(join(work, 'target', target, 'release', `${id.replaceAll('-', '_')}.wasm`), output);
    },
  };
}

/** Panic messages carry source paths; the committed ones must not name the machine they were built on. */
function remapSources(work: string): string {
  const home = process.env['CARGO_HOME'] ?? join(homedir(), '.cargo');
  const sources = join(home, 'registry', 'src');
  const folders = existsSync(sources) ? readdirSync(sources).map((name) => join(sources, name)) : [];
  return [...folders, work].map((folder) => `--remap-path-prefix=${folder}=/build`).join(' ');
}

function go(id: string, system: string): Recipe {
  return {
    id, source: 'go-hello', tools: ['go'], committed: false,
    build: ({ source, output }) => run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', output, '.'], source, { GOOS: system, GOARCH: 'wasm' }),
  };
}

function clang(id: string): Recipe {
  return {
    id, source: id, tools: ['clang-19', 'wasm-ld-19'], committed: true,
    build: ({ source, output }) => run('clang-19', ['--target=wasm32-wasi', '-Os', '-o', output, 'main.c'], source),
  };
}

function npmInstall(folder: string, ...names: readonly string[]): void {
  const manifest = join(folder, 'package.json');
  try {
    readFileSync(manifest);
  } catch {
    writeFileSync(manifest, '{"private":true}');
  }
  run('npm', ['install', '--silent', '--no-save', ...names], folder);
}

function run(command: string, parameters: readonly string[], folder: string, environment: Record<string, string> = {}): void {
  execFileSync(command, parameters, { cwd: folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] });
}
