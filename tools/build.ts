import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

// Makes dist/: the command line bundled with every library it uses, one chunk per command, so that the
// installed package starts fast and needs nothing else. Run with: npm run build

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'dist');

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
await build({
  absWorkingDir: root,
  entryPoints: { main: 'cli/main.ts', worker: 'cli/worker.ts' },
  outdir: out,
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: false,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Some libraries are CommonJS inside and ask for `require` at run time.
  banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
  legalComments: 'external',
  logLevel: 'warning',
});
copyTextTool();

/** The converter from text to binary, for `policy test`, looks for its own Wasm beside the code. */
function copyTextTool(): void {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile')), '..', 'vendor');
  for (const name of readdirSync(folder)) if (/^wasm-tools\.core\d*\.wasm$/.test(name)) copyFileSync(join(folder, name), join(out, name));
}
