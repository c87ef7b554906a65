import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './imports.ts';

/** The fenced blocks of a guide in docs/, of one language, in order. */
export function blocks(guide: string, language: string): string[] {
  const text = readFileSync(join(ROOT, 'docs', guide), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, found]) => found === language).map(([, , content]) => content!);
}

/** Every command line of the tool in the shell and YAML blocks of a guide, without its name, as words. */
export function commands(guide: string): string[][] {
  const lines = [...blocks(guide, 'sh'), ...blocks(guide, 'yaml')].join('\n').split('\n');
  return lines.flatMap((line) => /^(?:\s*- (?:run: |script: )?)?wasmgate ([^#]*)/.exec(line)?.[1] ?? []).map((words) => words.trim().split(/\s+/));
}
