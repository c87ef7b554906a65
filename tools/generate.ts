import { mkdir, readFile, rm, writeFile, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { generateCrds } from './generate-crds.ts';
import { generateChart } from './generate-chart.ts';
import { generatePolicy } from './generate-policy.ts';
import { generateRules } from './generate-rules.ts';
import { generateRuntimes } from './generate-runtimes.ts';
import { generateTrustRoot } from './generate-trust-root.ts';

// Writes every generated file that is stale; `--check` writes none and exits 1 with their names instead.

const root = resolve(import.meta.dirname, '..');
/** Folders where nothing but generated files stands, so that what is no longer made goes away. */
const OWNED = ['docs/rules', 'charts/wasmgate/files/crds'];

const wanted = new Map([...(await generatePolicy()), ...(await generateRules()), ...(await generateRuntimes()), ...(await generateTrustRoot()), ...(await generateCrds()), ...(await generateChart())]);
const stale: string[] = [];
for (const [path, content] of wanted) if ((await readFile(join(root, path), 'utf8').catch(() => null)) !== content) stale.push(path);
const leftover = (await Promise.all(OWNED.map(list))).flat().filter((path) => !wanted.has(path));

if (process.argv.includes('--check')) {
  for (const path of [...stale, ...leftover]) console.error(`${path} is stale: run npm run generate`);
  process.exitCode = stale.length + leftover.length > 0 ? 1 : 0;
} else {
  for (const path of stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), wanted.get(path)!);
    console.log(`wrote ${path}`);
  }
  for (const path of leftover) {
    await rm(join(root, path));
    console.log(`removed ${path}`);
  }
}

async function list(folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder)).catch(() => []);
  return names.map((name) => `${folder}/${name}`);
}
