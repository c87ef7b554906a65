// Runs after npm ci in a checkout. Whatever keeps it from building dist/ (an older Node, no development dependencies, a mistake
// in the sources) must not keep the packages from being installed: the command line then runs from its sources.
// Packing is strict and runs the build itself.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
const recent = major > 24 || (major === 24 && minor >= 15);
try {
  if (recent && existsSync(new URL('../node_modules/esbuild', import.meta.url))) await import('./build.ts');
  else process.stderr.write('wasmgate: dist/ not built (needs Node 24.15 and the development dependencies)\n');
} catch (error) {
  process.stderr.write(`wasmgate: dist/ not built: ${error instanceof Error ? error.message : String(error)}\n`);
}
