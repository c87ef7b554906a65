import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Reads a catalogue of host interfaces (YAML, given as argument) and writes the data file the engine ships. */

interface Entry { readonly abi: string; readonly module: string; readonly name: string; readonly capability: string; readonly risk: string; readonly note?: string }
interface ExportEntry { readonly abi: string; readonly name: string; readonly capability: string; readonly note?: string }
interface Catalogue {
  readonly capabilities: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
  readonly exports: readonly ExportEntry[];
}

const TARGET = join(import.meta.dirname, '../scanner/facts/catalogue/data.ts');

const source = process.argv[2];
if (!source) {
  console.error('Usage: node tools/import-catalogue.ts CATALOGUE.yaml');
  process.exit(2);
}
const catalogue = parse(readFileSync(source, 'utf8')) as Catalogue;
writeFileSync(TARGET, dataFile(catalogue));
console.log(`${TARGET}: ${catalogue.entries.length} import rows, ${catalogue.exports.length} export rows`);

function dataFile({ capabilities, entries, exports }: Catalogue): string {
  return [
    '// Written by tools/import-catalogue.ts; change the catalogue instead.',
    '',
    '/** Every capability with what it means. */',
    'export const CAPABILITIES: Readonly<Record<string, string>> = {',
    ...Object.entries(capabilities).map(([id, about]) => `  ${quoted(id)}: ${quoted(about)},`),
    '};',
    '',
    '/**',
    ' * Import rows, grouped. A line `@ABI`, tab, MODULE opens a group; the lines after it are capability, risk, names separated by blanks',
    ' * and, where there is one, a note, with tabs between. `*` in modules and names stands for any run of characters.',
    ' */',
    'export const IMPORT_ROWS: readonly string[] = [',
    ...importLines(entries).map((line) => `  ${quoted(line)},`),
    '];',
    '',
    '/** Export rows: ABI, capability, name and, where there is one, a note, with tabs between. */',
    'export const EXPORT_ROWS: readonly string[] = [',
    ...exports.map(({ abi, capability, name, note }) => `  ${quoted(fields(abi, capability, name, note))},`),
    '];',
    '',
  ].join('\n');
}

function importLines(entries: readonly Entry[]): string[] {
  const groups = Map.groupBy(entries, ({ abi, module }) => `@${fields(abi, module)}`);
  return [...groups].flatMap(([head, members]) => [head, ...groupLines(members)]);
}

function groupLines(members: readonly Entry[]): string[] {
  const kinds = Map.groupBy(members, ({ capability, risk, note }) => JSON.stringify([capability, risk, note]));
  return [...kinds.values()].map((same) => {
    const { capability, risk, note } = same[0]!;
    const spaced = same.find(({ name }) => name.includes(' '));
    if (spaced) throw new Error(`Name with a blank: ${spaced.module} ${spaced.name}`);
    return fields(capability, risk, same.map(({ name }) => name).join(' '), note);
  });
}

function fields(...parts: readonly (string | undefined)[]): string {
  const present = parts.filter((part) => part !== undefined);
  const tabbed = present.find((part) => part.includes('\t'));
  if (tabbed !== undefined) throw new Error(`Text with a tab: ${tabbed}`);
  return present.join('\t');
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
