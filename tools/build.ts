import { build, type Plugin } from 'esbuild';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { licensesOf } from './licenses.ts';

// Makes dist/: the command line with every library it uses, so that the installed package starts fast and needs nothing
// else. Whatever the sources import dynamically becomes one complete file of its own: at start, a second file to
// find and link costs more than some duplicated code on the disk. Run with: npm run build

const root = resolve(import.meta.dirname, '..');
/** Another folder than dist/ may be named; it needs package.json above it, for the version. */
const target = resolve(process.argv[2] ?? join(root, 'dist'));
/** Built aside and moved into place, so that a command that runs meanwhile finds a whole folder. */
const out = `${target}.${process.pid}`;
/** Source file by name in dist/. */
const entries = new Map<string, string>([
  ['main', join(root, 'cli/main.ts')], ['worker', join(root, 'cli/worker.ts')], ['examine-worker', join(root, 'webhook/examine/worker.ts')],
  // Threads of the pool start with its own file, which loads ours.
  ['piscina-worker', join(dirname(createRequire(import.meta.url).resolve('piscina')), 'worker.js')],
]);

/** Turns dynamic imports into files of dist/, built in the next round. */
const lazyFiles: Plugin = {
  name: 'lazy-files',
  setup(plugin) {
    plugin.onResolve({ filter: /^[^/]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'resolved' || path.startsWith('node:')) return null;
      const found = await plugin.resolve(path, { kind, resolveDir, pluginData: 'resolved' });
      if (found.errors.length > 0) return { errors: found.errors };
      const name = nameOf(found.path);
      entries.set(name, found.path);
      return { path: `./${name}.js`, external: true };
    });
  },
};

/**
 * A static import of a Node module makes the loader read every name it exports, and some of them load much more behind them
 * (`fs.promises`, `util.diff`, `crypto.webcrypto`): 15 ms at each start. Asked for directly, they stay unloaded.
 */
const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  setup(plugin) {
    plugin.onLoad({ filter: /[/\\](cli|engine|webhook|scanner|rules|policies)[/\\].*\.ts$/ }, ({ path }) => {
      if (path.includes('node_modules')) return null;
      const contents = readFileSync(path, 'utf8').replaceAll(/^import \{([^}]*)\} from '(node:[\w/]+)';$/gm, (_, names: string, module: string) => {
        const values = names.split(',').map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type '));
        return `const { ${values.map((name) => name.replace(' as ', ': ')).join(', ')} } = process.getBuiltinModule('${module}');`;
      });
      return { contents, loader: 'ts' };
    });
    // Libraries that are CommonJS inside `require` Node modules, which a module file cannot.
    plugin.onResolve({ filter: /./ }, ({ path, kind }) => (kind === 'require-call' && isBuiltin(path) ? { path, namespace: 'builtin' } : null));
    plugin.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({ contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});` }));
  },
};

/** The pool looks for its worker beside itself, under a name that is taken here. */
const poolWorker: Plugin = {
  name: 'pool-worker',
  setup(plugin) {
    plugin.onLoad({ filter: /[/\\]piscina[/\\]dist[/\\]index\.js$/ }, ({ path }) => ({ contents: readFileSync(path, 'utf8').replace("__dirname, 'worker.js'", "__dirname, 'piscina-worker.js'"), loader: 'js' }));
  },
};

mkdirSync(out, { recursive: true });
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
const built = new Set<string>();
const inputs = new Set<string>();
for (let round = [...entries]; round.length > 0; round = [...entries].filter(([name]) => !built.has(name))) {
  for (const [name] of round) built.add(name);
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(round),
    outdir: out,
    bundle: true,
    // Names stay readable, for the stack traces of --debug.
    minifyWhitespace: true,
    minifySyntax: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    plugins: [plainBuiltins, lazyFiles, poolWorker],
    inject: [join(import.meta.dirname, 'bundle-folder.js')],
    // Native code that the pool would only need for priorities of threads; XML that the CycloneDX library could write.
    external: ['@napi-rs/nice', 'xmlbuilder2'],
    legalComments: 'none',
    logLevel: 'warning',
  });
  for (const input of Object.keys(metafile.inputs)) inputs.add(input);
}
copyTextTool();
writeFileSync(join(out, 'third-party-licenses.txt'), licensesOf(inputs, root));
writeFileSync(join(out, 'build-id'), buildId());
rmSync(target, { recursive: true, force: true });
renameSync(out, target);

function nameOf(path: string): string {
  const inPackage = /.*[/\\]node_modules[/\\](.+)$/.exec(path)?.[1];
  return (inPackage ?? relative(root, path)).replace(/\.[cm]?[jt]s$/, '').replaceAll(/[^\w.]+/g, '-').replace(/^-/, '');
}

/** Tells two builds of one version apart, for what is kept between runs. */
function buildId(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(out).sort()) hash.update(readFileSync(join(out, name)));
  return `${hash.digest('hex')}\n`;
}

/** The converter from text to binary, for `policy test`, looks for its own Wasm beside the code. */
function copyTextTool(): void {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile')), '..', 'vendor');
  for (const name of readdirSync(folder)) if (/^wasm-tools\.core\d*\.wasm$/.test(name)) copyFileSync(join(folder, name), join(out, basename(name)));
}
