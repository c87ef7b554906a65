import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../cli/commands.ts';
import { CAPABILITIES } from '../scanner/facts/catalogue/data.ts';
import { rowGroups, rowsOf } from '../scanner/facts/catalogue/rows.ts';
import { ROOT } from './support/imports.ts';

const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];
/** Folders of this repository: text that starts with one of them and a slash is a path. */
const PATH = /`((?:scanner|rules|policies|cli|test|bench|tools|docs|bin)\/[\w./-]+)`/g;
const SCRIPTS = Object.keys((JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts);

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  test('links to files that exist', () => {
    const broken = [...text.matchAll(/\]\(([^)#\s]+)(?:#[\w-]*)?\)/g)].map(([, target]) => target!).filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, dirname(page), target)));
    expect(broken).toEqual([]);
  });

  test('names paths that exist', () => {
    const missing = [...text.matchAll(PATH)].map(([, path]) => path!).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  test('shows commands and options that exist', () => {
    const wrong = commandLines(text).filter((line) => faultOf(line) !== null).map((line) => `${line}: ${faultOf(line)}`);
    expect(wrong).toEqual([]);
  });

  test('names scripts of the package that exist', () => {
    const names = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name!);
    expect(names.filter((name) => !SCRIPTS.includes(name))).toEqual([]);
  });
});

test('the README counts patterns, ABIs and capabilities as the catalogue has them', () => {
  const groups = rowGroups();
  const rows = groups.flatMap((group) => [...rowsOf(group)]).length;
  const abis = new Set(groups.map(({ abi }) => abi)).size;
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8').replaceAll(/\s+/g, ' ')).toContain(`${rows.toLocaleString('en')} import patterns of ${abis} host ABIs`);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`mapped to ${Object.keys(CAPABILITIES).length} capabilities`);
});

/** Lines of shell blocks that call the command line. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/```(?:sh|bash|console|yaml|yml)\n([\s\S]*?)```/g)].map(([, block]) => block!);
  return blocks.flatMap((block) => block.split('\n')).flatMap((line) => /(?:^|&& |\$ |run: |- )\s*(?:npx )?(wasmgate [^|#&>]*)/.exec(line)?.[1]?.trim() ?? []);
}

function faultOf(line: string): string | null {
  const words = line.split(/\s+/).slice(1);
  const command = COMMANDS.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (!command) return words[0]!.startsWith('-') || words[0] === 'help' ? null : `no command ${words[0]}`;
  const options = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=')[0]!);
  const unknown = options.find((option) => !command.options.some(({ name }) => name === option));
  return unknown === undefined ? null : `no option --${unknown}`;
}
