import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Root of the checkout. */
export const ROOT: string = resolve(import.meta.dirname, '../..');

/** A TypeScript source with what it imports. */
export interface SourceFile {
  /** Path from the root of the checkout. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Imported[];
}

export interface Imported {
  /** Path from the root for local imports, else the specifier: `node:fs`, `yaml`. */
  readonly target: string;
  readonly local: boolean;
}

/** Every TypeScript file below the named folders, generated and test files included. */
export function sourceFiles(folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => listFiles(join(ROOT, folder))).map(readSource);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function readSource(file: string): SourceFile {
  const text = readFileSync(file, 'utf8');
  return { path: relative(ROOT, file), text, lines: text.split('\n').length - 1, imports: readImports(file, text) };
}

const SPECIFIER = /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

function readImports(file: string, text: string): Imported[] {
  return [...text.matchAll(SPECIFIER)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3]!;
    const local = specifier.startsWith('.');
    return { target: local ? relative(ROOT, join(dirname(file), specifier)) : specifier, local };
  });
}
