// Writes the table of docs/systems.md: node test/systems/document.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Judged, SystemRow } from './row.ts';

/** The table of systems, in Markdown; one line for each example. */
export function systemsTable(rows: readonly SystemRow[]): string {
  const lines = rows.map(({ system, host, arrives, policy, allowed, denied, form, sources }) => [
    system, arrives, form === null ? 'the bytes' : `\`${form}\``, host === null ? '' : `\`${host}\``, made(allowed), made(denied), `${denied.why} (\`${denied.rule}\`)${policy ? '' : ', at `baseline`'}`, sources.map(([title, url]) => `[${title}](${url})`).join(', '),
  ]);
  const head = ['System', 'How its module arrives', 'Package', 'Host', 'Program that is allowed', 'Program that is denied', 'What is denied', 'Documented'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function made({ program: { made: by, from } }: Judged): string {
  return `${by === 'SDK' ? 'SDK' : 'encoder'}: ${from}`;
}

const START = '<!-- systems -->\n';
const END = '\n<!-- /systems -->';

if (import.meta.main) {
  const { SYSTEMS } = await import('./table.ts');
  const page = join(import.meta.dirname, '../../docs/systems.md');
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.slice(0, text.indexOf(START) + START.length) + systemsTable(SYSTEMS) + text.slice(text.indexOf(END)));
}
