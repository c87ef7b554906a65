import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readScript, type Expectation, type ScriptItem } from './wast.ts';
import { renewWatTool, watToWasm } from './wat.ts';

/** Archives of official scripts; their README names origin and licence. */
export type SuiteName = 'core-spec' | 'proposals' | 'component-model';

/** One binary of a suite and what must become of it. */
export interface SuiteCase {
  readonly suite: SuiteName;
  /** Script inside the archive. */
  readonly file: string;
  /** Line of the form in the script, from 1. */
  readonly line: number;
  readonly expect: Expectation;
  readonly kind: 'core' | 'component';
  /** The script's words for why it is refused. */
  readonly message: string | null;
  readonly wasm: Uint8Array;
}

/** Raise when reading scripts changes, so that older cached conversions are not used. */
const CONVERSION = 2;
const root = resolve(import.meta.dirname, '../..');
const checkout = resolve(root, '../shared/suites');

/** The folder of third-party test data: WASMGATE_SUITES, by default `../shared/suites` beside the checkout. */
export function suitesFolder(): string {
  return process.env['WASMGATE_SUITES'] ?? checkout;
}

let said = false;

/**
 * Whether a file of the suites folder is there. Where it is missing: one clear line and false on a developer's
 * machine, so that tests can be skipped; an error under CI, where a skipped suite would be a silent hole.
 */
export function haveSuite(file: string): boolean {
  const path = join(suitesFolder(), file);
  if (existsSync(path)) return true;
  const message = `Test data missing: ${path} (set WASMGATE_SUITES to the folder that holds it)`;
  if (process.env['CI'] === 'true') throw new Error(message);
  if (!said) console.warn(`${message}; tests that need it are skipped`);
  said = true;
  return false;
}

/** Every distinct binary of a suite. Converted once per archive and machine, then read from a temporary folder. */
export async function suiteCases(suite: SuiteName): Promise<SuiteCase[]> {
  const archive = join(suitesFolder(), `${suite}.tar.gz`);
  const hash = createHash('sha256').update(readFileSync(archive)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), 'wasmgate-suites');
  const cached = join(folder, `${suite}-${hash}-${CONVERSION}.jsonl`);
  if (!existsSync(cached)) {
    mkdirSync(folder, { recursive: true });
    const lines = await convert(suite, archive);
    // Written aside and renamed, because several test workers may convert at the same time.
    const aside = `${cached}.${process.pid}`;
    writeFileSync(aside, lines.join('\n'));
    renameSync(aside, cached);
  }
  return readFileSync(cached, 'utf8').split('\n').filter(Boolean).map(parseLine);
}

function parseLine(line: string): SuiteCase {
  const { wasm, ...rest } = JSON.parse(line) as Omit<SuiteCase, 'wasm'> & { wasm: string };
  return { ...rest, wasm: new Uint8Array(Buffer.from(wasm, 'base64')) };
}

async function convert(suite: SuiteName, archive: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-suite-'));
  try {
    execFileSync('tar', ['-xzf', archive, '-C', folder]);
    const lines = new Map<string, string>();
    for (const file of globSync('**/*.wast', { cwd: folder }).sort()) {
      for (const item of readScript(readFileSync(join(folder, file), 'utf8'))) await addLine(lines, { suite, file, item });
    }
    return [...lines.values()];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Equal bytes with an equal expectation are one case. */
async function addLine(lines: Map<string, string>, { suite, file, item }: { suite: SuiteName; file: string; item: ScriptItem }): Promise<void> {
  const bytes = await toBytes(item);
  if (!bytes) return;
  const { content: _, ...about } = item;
  const wasm = Buffer.from(bytes).toString('base64');
  const key = item.expect + wasm;
  if (!lines.has(key)) lines.set(key, JSON.stringify({ suite, file, ...about, wasm }));
}

/** null: text that the text tool does not parse, so there are no bytes to judge. */
async function toBytes(item: ScriptItem): Promise<Uint8Array | null> {
  if ('bytes' in item.content) return item.content.bytes;
  try {
    return watToWasm(item.content.text);
  } catch {
    await renewWatTool();
    return null;
  }
}
