import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { webhookRules } from './chart-rules.ts';
import { readValues, valuesSchema, valuesTables } from './chart-values.ts';

const root = resolve(import.meta.dirname, '..');
const CHART = 'charts/wasmgate';

/** Content of every generated file of the chart, by path from the root of the checkout. */
export async function generateChart(): Promise<Map<string, string>> {
  const [values, chart, introduction] = await Promise.all(['values.yaml', 'Chart.yaml', 'README.introduction.md'].map((name) => readFile(join(root, CHART, name), 'utf8')));
  const nodes = readValues(values!);
  return new Map([
    [`${CHART}/values.schema.json`, `${JSON.stringify(valuesSchema(nodes), null, 2)}\n`],
    [`${CHART}/README.md`, readme(parse(chart!) as Record<string, string>, introduction!, valuesTables(nodes))],
    [`${CHART}/files/rules.yaml`, webhookRules()],
  ]);
}

function readme(chart: Readonly<Record<string, string>>, introduction: string, tables: string): string {
  const note = '<!-- Generated from Chart.yaml, README.introduction.md and values.yaml by npm run generate. Do not edit. -->';
  const facts = `Chart ${chart['version']}, application ${chart['appVersion']}, Kubernetes ${chart['kubeVersion']!.replace(/-0$/, '')}.`;
  return `${note}\n\n# ${chart['name']}\n\n${chart['description']}. ${facts}\n\n${introduction.trim()}\n\n## Values\n\n${tables}`;
}
