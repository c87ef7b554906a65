import { closeSync, existsSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, 'node_modules');

/** How to get the corpus; shown when a test is skipped for want of it. */
export const CORPUS_HINT = 'the corpus of published binaries is not installed: run "npm ci --prefix test/corpus"';

/** Whether the corpus is here. In CI it must be: a missing one fails there instead of skipping. */
export function corpusInstalled(): boolean {
  const installed = existsSync(ROOT);
  if (!installed && process.env['CI']) throw new Error(`In CI ${CORPUS_HINT}`);
  return installed;
}

/** Paths of all files of the corpus that begin with the Wasm magic, sorted; names and suffixes do not matter. */
export function corpusFiles(): string[] {
  const entries = readdirSync(ROOT, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !TEXT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(hasMagic)
    .sort();
}

/** Path of one file of the corpus, for example `esbuild-wasm/esbuild.wasm`. */
export function corpusFile(path: string): string {
  return join(ROOT, path);
}

/** Suffixes that are never binaries here: opening 20,000 text files would only cost time. */
const TEXT = /\.(js|mjs|cjs|ts|mts|cts|json|md|map|txt|html|css|wit|d\.ts|yml|yaml|svg|png|flow|lock|py|h|rs)$/;

function hasMagic(path: string): boolean {
  const head = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    return readSync(file, head, 0, 4, 0) === 4 && head.equals(Buffer.from('\0asm'));
  } finally {
    closeSync(file);
  }
}
