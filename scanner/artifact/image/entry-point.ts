/** What image and workload say of the process. null: not said. */
export interface ImageProcess {
  /** `command` and `args` of the container in a workload. */
  readonly command: readonly string[] | null;
  readonly args: readonly string[] | null;
  /** `Entrypoint`, `Cmd`, `WorkingDir` and `Env` of the image's config. */
  readonly entrypoint: readonly string[] | null;
  readonly cmd: readonly string[] | null;
  readonly workingDir: string | null;
  readonly env: readonly string[] | null;
}

/** The file that a path from the root leads to, symbolic links resolved, without leading slash; null: none. */
export type FindFile = (path: string) => string | null;

export interface EntryPoint {
  /** The first argument as written, or null where the image says nothing. */
  readonly written: string | null;
  /** Files that it may stand for, in the order in which runtimes look; mostly one. */
  readonly files: readonly string[];
  /** Exported function that is called, after the first `#`; null: the default, `_start`. */
  readonly function: string | null;
  /** The first argument is a program that runs modules, or a shell that starts one. */
  readonly runner: boolean;
  /** Files named in the arguments of such a runner. */
  readonly arguments: readonly string[];
}

/**
 * The file that a process starts, as runwasi, crun and youki find it: the workload's command, else the image's Entrypoint, else its Cmd;
 * split at the first `#` (runwasi); a relative path against the working directory, then along PATH, then from the root.
 */
export function entryPointOf(process: ImageProcess, find: FindFile): EntryPoint {
  const argv = argvOf(process);
  const written = argv[0] ?? null;
  if (written === null || written === '') return { written, files: [], function: null, runner: false, arguments: [] };
  const hash = written.indexOf('#');
  const path = hash < 0 ? written : written.slice(0, hash);
  // A file whose name holds a `#` is what runtimes other than runwasi start.
  const files = unique([...candidates(path, process), ...(hash < 0 ? [] : candidates(written, process))], find);
  const words = wordsOf(argv);
  return {
    written,
    files,
    function: hash < 0 ? null : written.slice(hash + 1),
    runner: words !== null,
    arguments: words === null ? [] : unique(words.flatMap((word) => argumentPaths(word, process)), find),
  };
}

/** Programs that run the module named in their arguments. */
const RUNNERS = new Set(['wasmtime', 'wasmedge', 'wasmer', 'wasmer-headless', 'iwasm', 'wamrc', 'wazero', 'wasm3', 'wasmi', 'wasmi_cli', 'wasm-micro-runtime', 'wws', 'spin', 'extism', 'lunatic', 'wash', 'slight', 'node', 'deno', 'bun']);
const SHELLS = new Set(['sh', 'bash', 'ash', 'dash', 'busybox']);
/** Programs that start the program named after their own options. */
const WRAPPERS = new Set(['env', 'exec', 'tini', 'dumb-init', 'catatonit', 'su-exec', 'gosu', 'nohup', 'sudo']);
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Arguments and words in them that are looked at. */
const MOST_WORDS = 10_000;

/** As the kubelet: a command drops the image's own arguments. */
function argvOf({ command, args, entrypoint, cmd }: ImageProcess): readonly string[] {
  if (command && command.length > 0) return [...command, ...(args ?? [])];
  const own = entrypoint ?? [];
  return [...own, ...(args && args.length > 0 ? args : (cmd ?? []))];
}

function candidates(path: string, { workingDir, env }: ImageProcess): string[] {
  if (path.startsWith('/')) return [path];
  const here = `${workingDir ?? '/'}/${path}`;
  if (path.includes('/')) return [here, `/${path}`];
  const search = env?.findLast((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
  return [here, ...search.split(':').map((folder) => `${folder}/${path}`), `/${path}`];
}

function unique(paths: readonly string[], find: FindFile): string[] {
  return [...new Set(paths.map(find).filter((file) => file !== null))];
}

/** The arguments of a runner, or null where the process is none. */
function wordsOf(argv: readonly string[]): readonly string[] | null {
  const words = argv.flatMap((argument, index) => (index === 0 ? [argument] : argument.split(/[\s;&|()"']+/))).filter((word) => word !== '').slice(0, MOST_WORDS);
  const first = baseName(words[0] ?? '');
  if (RUNNERS.has(first)) return words.slice(1);
  if (!SHELLS.has(first) && !WRAPPERS.has(first)) return null;
  const runner = words.findIndex((word) => RUNNERS.has(baseName(word)));
  return runner < 0 ? null : words.slice(runner + 1);
}

/** `/app.wasm`, `--wasm=/app.wasm`, `--preload=env=/lib.wasm`. */
function argumentPaths(word: string, process: ImageProcess): string[] {
  const value = word.slice(word.lastIndexOf('=') + 1);
  const paths = word.startsWith('-') && value === word ? [] : [...new Set([word, value])];
  return paths.flatMap((path) => (path.startsWith('/') ? [path] : [`${process.workingDir ?? '/'}/${path}`, `/${path}`]));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
