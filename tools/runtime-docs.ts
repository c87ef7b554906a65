import type { FeatureSupport, RuntimeData } from '../scanner/facts/runtimes/model.ts';
import { FEATURES } from '../scanner/wasm/features.ts';
import type { RuntimeTables } from './generate-runtimes.ts';

/** The guide with its tables made anew: what stands between `<!-- name -->` and `<!-- /name -->` is replaced. Throws where a place is missing. */
export function runtimeGuide(guide: string, tables: RuntimeTables): string {
  const made: Record<string, string> = { features: featureTable(tables), advisories: advisoryTable(tables), toolchains: toolTable(tables) };
  return Object.entries(made).reduce((text, [name, table]) => {
    const from = text.indexOf(`<!-- ${name} -->`);
    const to = text.indexOf(`<!-- /${name} -->`);
    if (from < 0 || to < from) throw new Error(`docs/runtimes.md has no place for ${name}`);
    return `${text.slice(0, from)}<!-- ${name} -->\n${table}${text.slice(to)}`;
  }, guide);
}

function featureTable({ features: { date, runtimes } }: RuntimeTables): string {
  const ids = [...Object.keys(FEATURES), 'shared-memory'].filter((id) => runtimes.some((runtime) => cell(runtime, id) !== ''));
  const rows = ids.map((id) => `| \`${id}\` | ${runtimes.map((runtime) => cell(runtime, id)).join(' | ')} |\n`);
  const sources = runtimes.map(({ title, source }) => `[${title}](${source})`).join(', ');
  return `As of ${date}; read from ${sources}.\n\n| feature | ${runtimes.map(({ title }) => title).join(' | ')} |\n|---|${'---|'.repeat(runtimes.length)}\n${rows.join('')}`;
}

function cell({ features }: RuntimeData, id: string): string {
  const support = (features as Readonly<Record<string, FeatureSupport>>)[id];
  if (support === undefined) return '';
  const { on, off, flag, never } = support;
  if (never) return 'no';
  if (off !== undefined) return `${on} to before ${off}, then \`${flag}\``;
  if (on === undefined) return `\`${flag}\``;
  return on === '0' ? 'always' : `since ${on}`;
}

function advisoryTable({ advisories: { date, advisories } }: RuntimeTables): string {
  const rows = advisories.map(({ id, runtime, from, fixed, severity, where, summary, source }) =>
    `| [${id}](${source}) | ${runtime} | ${from ?? 'all'} | ${fixed.length === 0 ? 'nowhere yet' : fixed.join(', ')} | ${severity} | ${summary}${where === null ? '' : `; ${where}`} |\n`);
  return `As of ${date}.\n\n| advisory | runtime | from | fixed in | severity | what happens, and where |\n|---|---|---|---|---|---|\n${rows.join('')}`;
}

function toolTable({ toolchains: { date, advisories } }: RuntimeTables): string {
  const rows = advisories.map(({ id, tool, abi, from, fixed, severity, summary, source }) =>
    `| [${id}](${source}) | ${tool}${abi === null ? '' : `, programs for ${abi}`} | ${from ?? 'all'} | ${fixed.join(', ')} | ${severity} | ${summary} |\n`);
  return `As of ${date}.\n\n| advisory | tool | from | fixed in | severity | what happens |\n|---|---|---|---|---|---|\n${rows.join('')}`;
}
