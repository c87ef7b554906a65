import { mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../engine/usage-error.ts';
import type { Io } from './io.ts';

/** Where one report goes. */
export interface Destination {
  /** null: standard output. */
  readonly file: string | null;
  write(text: string): void;
  /** Makes what was written visible. Until then a file stays as it was. Throws UsageError when it cannot be written. */
  close(): void;
}

export interface FormatChoice<Name extends string> {
  readonly format: Name;
  readonly file: string | null;
}

/**
 * Reads `--format F[=FILE]` and `--output FILE`; the latter is for the one format without a file. Throws UsageError for an
 * unknown format and for two formats on one stream.
 */
export function chooseFormats<Name extends string>(texts: readonly string[], output: string | undefined, known: readonly Name[]): FormatChoice<Name>[] {
  const choices = (texts.length > 0 ? texts : ['text']).map((text) => {
    const [name = '', ...rest] = text.split('=');
    const format = known.find((one) => one === name);
    if (!format) throw new UsageError(`Unknown format ${JSON.stringify(name)} in --format`, `Known formats: ${known.join(', ')}`);
    const file = rest.length > 0 ? rest.join('=') : null;
    if (file === '') throw new UsageError(`No file after ${name}= in --format`, `Write --format ${name}=report.txt, or --format ${name} for standard output`);
    return { format, file: file === '-' ? null : (file ?? (output === '-' ? null : (output ?? null))) };
  });
  const places = choices.map(({ file }) => (file === null ? '' : resolve(file)));
  if (new Set(places).size < places.length) throw new UsageError('Two formats for one stream', 'Give all but one of them a file: --format text --format json=report.json');
  if (output !== undefined && output !== '-' && !choices.some(({ file }) => file === output)) throw new UsageError('No format left for --output', 'Every --format names its own file already: leave one without a file, or leave out --output');
  return choices;
}

/** Opens a destination; a file's folder is made, so that a path that cannot be written is known before anything is judged. */
export function openDestination(file: string | null, io: Io): Destination {
  if (file === null) return { file, write: (text) => void (text !== '' && io.stdout.write(text)), close: () => {} };
  const pieces: string[] = [];
  const path = prepared(resolve(io.cwd, file), file);
  return { file, write: (text) => void pieces.push(text), close: () => attempt(file, () => replace(path, pieces)) };
}

function prepared(path: string, shown: string): string {
  return attempt(shown, () => {
    mkdirSync(dirname(path), { recursive: true });
    if (isFolder(path)) throw new Error('it is a folder');
    return path;
  });
}

/** Written aside and renamed, so that nobody ever reads half a report. Pipes and devices are written directly. */
function replace(path: string, pieces: readonly string[]): void {
  const end = endOf(path);
  if (end && !statSync(end).isFile()) return writeFileSync(end, pieces.join(''));
  const target = end ?? path;
  const aside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    writeFileSync(aside, pieces.join(''), { flag: 'wx' });
    renameSync(aside, target);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

function endOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function attempt<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
