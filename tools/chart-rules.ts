import { CARRIER_TABLE } from '../scanner/kubernetes/table.ts';
import type { CarrierRow } from '../scanner/kubernetes/table-row.ts';

/** Kinds with an entry of their own in the webhook configuration. */
const OWN_ENTRY = new Set(['pods', 'configmaps', 'secrets']);

/**
 * The rules of the webhook configuration, from the table that the scanner reads: custom resources that are denied, and kinds that only warn.
 * Every version of a group counts, because the scanner reads them alike. A rule for what no cluster serves does no harm.
 */
export function webhookRules(table: readonly CarrierRow[] = CARRIER_TABLE): string {
  const rows = table.filter(({ group, resource }) => !(group === '' && OWN_ENTRY.has(resource)));
  const parts = (['deny', 'warn'] as const).map((answer) => `${answer}:\n${rulesOf(rows.filter(({ onDeny }) => onDeny === answer))}`);
  return `# Generated from scanner/kubernetes/table.ts by npm run generate. Do not edit.\n${parts.join('')}`;
}

function rulesOf(rows: readonly CarrierRow[]): string {
  const groups = [...Map.groupBy(rows, ({ group }) => group)].sort(([a], [b]) => (a < b ? -1 : 1));
  return groups.map(([group, members]) => `- group: ${JSON.stringify(group)}\n  resources: [${[...new Set(members.map(({ resource }) => resource))].sort().join(', ')}]\n`).join('');
}
