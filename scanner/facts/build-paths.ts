import type { Indicator } from './facts.ts';

/** An absolute path of a build machine, and whose machine it was. */
export interface BuildPath {
  /** Up to and including the file name. */
  readonly path: string;
  /** Characters before the anchor that belong to it. */
  readonly before: number;
  readonly owner: Indicator['owner'];
  readonly user: string | null;
  /** What paths are counted by: the directory that names the machine or user. */
  readonly directory: string;
}

/** Literals with which such paths start. */
export const BUILD_PATH_ANCHORS = [
  '/home/', '/Users/', '\\Users\\', '/root/', '/builds/', '/__w/', '/_work/', '/github/workspace/', '/workspace/', '/var/lib/jenkins/', '/build/', '/usr/src/', '/private/', '/nix/store/',
  '/emsdk/', '/opt/', '/mnt/', '/tmp/', '/rustc/', '/rust/deps/', '\\a\\', '/usr/local/go/src/', '/usr/lib/go',
] as const;

/** Accounts of build services and images; a path with one of them names nobody. */
const SERVICE_USERS = /^(runner|runneradmin|circleci|travis|jenkins|gitlab-runner|vsts|vsts_azpcontainer|buildkite-agent|buildbot|builder|build|ci|codespace|azureuser|gitpod|ubuntu|debian|ec2-user|root|node|app|nobody|nonroot|vagrant|docker|worker|bazel|cloudbuild|distiller|linuxbrew|rustbuild|emscripten|containeradministrator|administrator|vssadministrator)$/i;
/** Names that stand in documentation and tests. */
const MADE_UP_USERS = /^(user|username|user-?name|your-?name|you|me|foo|bar|foobar|test|tester|example|name|xxx+|alice|bob|joe|john|jane|someone|somebody|public|default|shared|all users)$/i;
const SERVICE_DIRECTORIES = /^(\/builds\/|\/__w\/|\/root\/|\/github\/workspace\/|\/workspace\/|\/var\/lib\/jenkins\/|\/build\/|\/tmp\/|\/private\/(tmp|var)\/|\/usr\/src\/|\/mnt\/)|\/_work\/|^[A-Za-z]:\\a\\/;
/** Sources that a toolchain's vendor compiled, or that a compiler writes under a name of its own. */
const TOOLCHAIN = /^\/(rustc|rust\/deps|nix\/store|emsdk|usr\/local\/go|usr\/lib\/go)|wasi-libc|wasi-sdk|wasi_sdk|llvm-project|llvm-toolchain|compiler-rt|\/emscripten\/|\/emsdk\/|cpython|\/Python-3\.|starling-?monkey|spidermonkey|gecko-dev|mozjs|componentize-?(py|js)|\/rust-lang\/rust\/|\/tinygo\/|quickjs|\/pkg\/mod\/golang\.org\/toolchain/i;

/** What a source path ends with. The second form stands at the end of a text that goes on without a gap, as Rust and Go pack them. */
const SOURCE_END = /\.(rs|go|zig|c|cc|cpp|cxx|h|hh|hpp|hxx|inc|ts|tsx|js|mjs|py|pyx|swift|cs|fs|kt|java|nim|d|mbt|gr|s|asm|o|a|rlib|map|wat|wasm|toml)(?![A-Za-z0-9_.-])|\.(rs|go|zig|cpp|swift|hpp)/g;
const SOURCE_DIRECTORY = /[/\\](src|target|\.cargo|node_modules|pkg[/\\]mod|lib|include)[/\\]/;
/** Directories that only tools make. */
const BUILD_DIRECTORY = /[/\\](target|\.cargo|node_modules|pkg[/\\]mod)[/\\]/;
const PATH_CHARACTERS = /[^\n\t"'<>|*?;,()[\]{}`$%&=!^]{1,300}/y;

/**
 * Reads the path at an anchor in a text. Null when it is no path of a source file: documentation and tests are full of
 * `/home/user`. `bare`: texts of debug sections, where directories stand alone.
 */
export function readBuildPath(text: string, at: number, where: 'text' | 'debug'): BuildPath | null {
  const drive = text[at] === '\\' && /[A-Za-z]:$/.test(text.slice(Math.max(0, at - 2), at));
  if (text.startsWith('\\a\\', at) && !drive) return null;
  const before = drive ? 2 : 0;
  PATH_CHARACTERS.lastIndex = at;
  const run = (PATH_CHARACTERS.exec(text)?.[0] ?? '').replaceAll('\\\\', '\\');
  const path = text.slice(at - before, at) + cutAtFile(run.split(':')[0]!, where);
  if (path.length === before) return null;
  const user = /(?:^\/home|\/Users|\\Users)[/\\]([^/\\\s]{1,64})[/\\]/.exec(path)?.[1] ?? null;
  if (user !== null && MADE_UP_USERS.test(user) && !SOURCE_DIRECTORY.test(path)) return null;
  const named = user !== null && !SERVICE_USERS.test(user) ? user : null;
  return { path, before, owner: ownerOf(path, { user, named }), user: named, directory: directoryOf(path, user) };
}

/** The path up to the file name; empty when there is no sign of a source file. */
function cutAtFile(run: string, where: 'text' | 'debug'): string {
  let end = 0;
  for (const match of run.matchAll(SOURCE_END)) {
    end = match.index + match[0].length;
    // Directories such as `github.com/x.go/` go on; a file name ends here.
    if (run[end] !== '/' && run[end] !== '\\') break;
  }
  if (end > 0) return run.slice(0, end);
  const depth = run.split(/[/\\]/).filter(Boolean).length;
  return depth >= (where === 'debug' ? 2 : 4) && (where === 'debug' || BUILD_DIRECTORY.test(run)) ? run.trimEnd() : '';
}

function ownerOf(path: string, { user, named }: { readonly user: string | null; readonly named: string | null }): Indicator['owner'] {
  if (named !== null) return 'author';
  // The name of a library says nothing of who compiled it.
  if (TOOLCHAIN.test(path.split(/[/\\]\.cargo[/\\]/)[0]!)) return 'toolchain';
  return user !== null || SERVICE_DIRECTORIES.test(path) ? 'build-service' : null;
}

function directoryOf(path: string, user: string | null): string {
  if (user !== null) return path.slice(0, path.indexOf(user) + user.length);
  return path.split(/[/\\]/).slice(0, 3).join('/');
}
