import { parse } from 'yaml';

/** One key of a values file, with what its comment says. */
export interface ValueNode {
  readonly key: string;
  /** `image.tag` */
  readonly path: string;
  readonly description: string;
  /** Title of the section it stands in; of the first level alone. */
  readonly section: string;
  readonly value: unknown;
  /** What the comment adds to the schema. */
  readonly schema: Schema;
  readonly children: readonly ValueNode[];
}

export type Schema = { readonly [key: string]: unknown };

interface Line {
  readonly depth: number;
  readonly key: string;
  readonly comment: readonly string[];
  readonly section: string;
}

const INDENT = 2;

/**
 * Reads a values file in block style: each key has a comment `# -- what it is`, which may go on, and `# @schema {...}` where its type and default
 * say too little. `# ## Title` begins a section.
 * @throws Error that names the first key without a comment
 */
export function readValues(text: string): readonly ValueNode[] {
  const lines = linesOf(text);
  let at = 0;
  const level = (depth: number, parent: string, values: Readonly<Record<string, unknown>>): ValueNode[] => {
    const nodes: ValueNode[] = [];
    for (let line = lines[at]; line !== undefined && line.depth === depth; line = lines[at]) {
      at += 1;
      const path = parent === '' ? line.key : `${parent}.${line.key}`;
      const value = values[line.key];
      // What stands below a key without comments of its own is one value, such as a default of resources.
      const documented = (lines[at]?.depth ?? 0) > depth && lines[at]!.comment.length > 0;
      const children = documented ? level(depth + 1, path, value as Record<string, unknown>) : [];
      while ((lines[at]?.depth ?? 0) > depth) at += 1;
      nodes.push({ key: line.key, path, section: line.section, value, children, ...commentOf(line, path) });
    }
    return nodes;
  };
  return level(0, '', parse(text) as Record<string, unknown>);
}

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  let comment: string[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    const words = /^\s*# ?(.*)$/.exec(line)?.[1];
    const key = /^( *)([\w./-]+):/.exec(line);
    if (words?.startsWith('## ')) section = words.slice(3);
    else if (words !== undefined) comment.push(words);
    else if (key !== null) lines.push({ depth: key[1]!.length / INDENT, key: key[2]!, comment, section });
    if (words === undefined || words.startsWith('## ')) comment = [];
  }
  return lines;
}

function commentOf({ comment }: Line, path: string): { readonly description: string; readonly schema: Schema } {
  const first = comment.findIndex((line) => line.startsWith('-- '));
  if (first < 0) throw new Error(`charts/wasmgate/values.yaml: ${path} has no comment that begins with "# --"`);
  const annotation = comment.findIndex((line) => line.startsWith('@schema '));
  const words = comment.slice(first, annotation < 0 ? undefined : annotation);
  return { description: words.join(' ').slice(3).trim(), schema: annotation < 0 ? {} : (parse(comment.slice(annotation).join(' ').slice(8)) as Schema) };
}

/** The schema of values (JSON Schema, draft 7): types from the defaults, the rest from the comments, and no key but those. */
export function valuesSchema(nodes: readonly ValueNode[]): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: 'Generated from values.yaml by npm run generate. Do not edit.',
    title: 'Values of the wasmgate chart',
    type: 'object',
    additionalProperties: false,
    properties: propertiesOf(nodes),
    allOf: CONDITIONS,
  };
}

const filled = { minLength: 1 };

/** Said as an alternative: a key named `then` would make a promise of the object. */
function when(path: string, is: Schema, asked: Schema): Schema {
  return { anyOf: [{ not: nested(path, is) }, asked] };
}

function nested(path: string, schema: Schema): Schema {
  return path.split('.').reduceRight<Schema>((inner, key) => ({ properties: { [key]: inner }, required: [key] }), schema);
}

/** What no single value can say: values that contradict each other. */
const CONDITIONS: readonly Schema[] = [
  when('certificates.mode', { const: 'existingSecret' }, { allOf: [nested('certificates.existingSecret.name', filled), nested('certificates.existingSecret.caBundle', filled)] }),
  when('audit.cronJob.enabled', { const: true }, nested('audit.intervalSeconds', { const: 0 })),
  when('clusterPolicy.create', { const: true }, nested('clusterPolicy.spec', { minProperties: 1 })),
  when('sweep.enabled', { const: true }, { anyOf: [nested('sweep.targets', { minItems: 1 }), nested('sweep.targetsConfigMap', filled)] }),
];

function propertiesOf(nodes: readonly ValueNode[]): Schema {
  return Object.fromEntries(nodes.map((node) => [node.key, schemaOf(node)]));
}

function schemaOf({ description, value, schema, children }: ValueNode): Schema {
  const properties = children.length === 0 ? {} : { additionalProperties: false, properties: propertiesOf(children) };
  return { description, type: typeOf(value), ...properties, ...schema, default: value };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
}

/** The table of values in Markdown, a section each. */
export function valuesTables(nodes: readonly ValueNode[]): string {
  return [...Map.groupBy(nodes, ({ section }) => section)].map(([section, members]) => `### ${section}\n\n| value | default | what it is |\n|---|---|---|\n${members.map(rows).join('')}`).join('\n');
}

function rows(node: ValueNode): string {
  const choices = Array.isArray(node.schema['enum']) ? ` One of ${(node.schema['enum'] as string[]).map((choice) => `\`${choice}\``).join(', ')}.` : '';
  const shown = node.children.length > 0 ? '' : `\`${JSON.stringify(node.value)}\``;
  return `| \`${node.path}\` | ${shown} | ${node.description.replaceAll('|', '\\|')}${choices} |\n${node.children.map(rows).join('')}`;
}
