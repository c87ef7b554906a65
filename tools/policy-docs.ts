import { VARIABLES, type Variable } from '../scanner/policy/cel-variables.ts';
import type { Level, Treatment } from '../scanner/policy/policy.ts';

type Schema = { readonly [key: string]: unknown };

/** The guide with its tables made anew: what stands between `<!-- name -->` and `<!-- /name -->` is replaced. */
export function policyGuide(guide: string, schema: Schema, levels: readonly Level[]): string {
  const tables: Record<string, string> = { levels: levelTable(levels), variables: variableTable(), keys: keyTable(schema) };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const from = text.indexOf(`<!-- ${name} -->`);
    const to = text.indexOf(`<!-- /${name} -->`);
    if (from < 0 || to < from) throw new Error(`docs/policy.md has no place for ${name}`);
    return `${text.slice(0, from)}<!-- ${name} -->\n${table}${text.slice(to)}`;
  }, guide);
}

const WORDS: Readonly<Record<Treatment, string>> = { allow: 'allowed', warn: 'warning', deny: '**error**' };

function levelTable(levels: readonly Level[]): string {
  const names = Object.keys(levels[0]!.capabilities);
  const rows = names.map((name) => `| \`${name}\` | ${levels.map((level) => WORDS[level.capabilities[name]!]).join(' | ')} |\n`);
  return `| capability | ${levels.map(({ name }) => name).join(' | ')} |\n|---|${'---|'.repeat(levels.length)}\n${rows.join('')}`;
}

function variableTable(): string {
  const rows = Object.entries<Variable>(VARIABLES).map(([name, { fields, most }]) => {
    const inner = fields === null ? 'texts' : Object.entries(fields).map(([field, type]) => `\`${field}\` ${type === 'list<string>' ? 'list of texts' : type}`).join(', ');
    return `| \`${name}\` | ${most === null ? 'object' : `list, at most ${most}`} | ${inner} |\n`;
  });
  return `| variable | kind | fields |\n|---|---|---|\n${rows.join('')}`;
}

function keyTable(schema: Schema): string {
  const rows: string[] = [];
  const definitions = schema['$defs'] as Record<string, Schema>;
  const visit = (node: Schema, path: string, depth: number): void => {
    const target = typeof node['$ref'] === 'string' ? { ...definitions[node['$ref'].split('/').at(-1)!], ...node } : node;
    if (path !== '' && !PLAIN_METADATA.test(path)) rows.push(`| \`${path}\` | ${typeText(target)} | ${(typeof target['description'] === 'string' ? target['description'] : '').replaceAll('|', '\\|')} |\n`);
    if (depth > 10) return;
    for (const [key, child] of Object.entries((target['properties'] ?? {}) as Record<string, Schema>)) visit(child, path === '' ? key : `${path}.${key}`, depth + 1);
    const items = target['items'] as Schema | undefined;
    if (items !== undefined && (items['properties'] !== undefined || items['$ref'] !== undefined)) visitItems(items, path, depth);
  };
  const visitItems = (items: Schema, path: string, depth: number): void => {
    const target = typeof items['$ref'] === 'string' ? definitions[items['$ref'].split('/').at(-1)!]! : items;
    for (const [key, child] of Object.entries((target['properties'] ?? {}) as Record<string, Schema>)) visit(child, `${path}[].${key}`, depth + 1);
  };
  visit(schema, '', 0);
  return `| key | type | meaning |\n|---|---|---|\n${rows.join('')}`;
}

/** Keys that a cluster writes; they say nothing to somebody who writes a policy. */
const PLAIN_METADATA = /^(status|metadata\.(?!name$|namespace$).+)$/;

function typeText(node: Schema): string {
  if (Array.isArray(node['enum'])) return (node['enum'] as string[]).map((value) => `\`${value}\``).join(', ');
  const items = node['items'] as Schema | undefined;
  if (node['type'] === 'array') return items?.['type'] === 'string' ? 'list of text' : 'list';
  const types = [node['type']].flat().map((type) => (type === 'string' ? 'text' : type === 'object' ? 'mapping' : type === 'integer' ? 'number' : String(type)));
  return types.join(' or ');
}
