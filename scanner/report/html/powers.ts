import { capabilityRow, CAPABILITY_WORDS, capabilitiesInWords } from '../capability-words.ts';
import { leavesUnread } from '../../problem.ts';
import type { DetailImport } from '../entry-detail.ts';
import type { ScanEntry } from '../entry.ts';
import { harmlessName } from '../harmless.ts';
import { count } from '../summary.ts';
import { EMPTY, html, type Markup } from './markup.ts';
import { stateBadge, statesOf } from './state.ts';

/** Imports listed for one capability. */
const MOST_IMPORTS = 40;

/** What an artifact can do, in words: each power with what the policy makes of it, the imports that bring it, and how they are reached. */
export function powers(entry: ScanEntry): Markup {
  if (entry.kind !== 'module' && entry.kind !== 'component') return EMPTY;
  const groups = capabilitiesInWords(entry.capabilities);
  if (groups.length === 0) return entry.problems.some(leavesUnread) ? EMPTY : html`<h4>What it can do</h4><p>Only compute: it asks the host for nothing.</p>`;
  const states = statesOf(entry);
  const imports = Map.groupBy(entry.detail?.imports ?? [], ({ capability }) => capability);
  const rank = Object.keys(CAPABILITY_WORDS);
  const sorted = entry.capabilities.toSorted((a, b) => rank.indexOf(a) - rank.indexOf(b));
  const left = (entry.detail?.importCount ?? 0) - (entry.detail?.imports.length ?? 0);
  return html`<h4>What it can do</h4><ul class="powers">${sorted.map((name) => power(name, stateBadge(states.get(name) ?? 'allow'), imports.get(name) ?? []))}</ul>${left > 0 && html`<p class="dim">Of ${left} more imports nothing is shown.</p>`}`;
}

function power(name: string, badge: Markup, imports: readonly DetailImport[]): Markup {
  const [, words] = capabilityRow(name);
  if (imports.length === 0) return html`<li>${badge} ${words} <code>${name}</code></li>\n`;
  const shown = imports.slice(0, MOST_IMPORTS);
  const dead = imports.every(({ reachable }) => reachable === false);
  return html`<li><details><summary>${badge} ${words} <code>${name}</code> <span class="dim">${count(imports.length, 'import')}${dead && ', never called'}</span></summary>
<ul>${shown.map(importItem)}${imports.length > shown.length && html`<li>and ${imports.length - shown.length} more</li>`}</ul></details></li>\n`;
}

function importItem({ module, name, path, reachable }: DetailImport): Markup {
  const text = name === '' ? module : `${module}.${name}`;
  return html`<li><code>${harmlessName(text, 200)}</code>${reachable === false && html` <span class="dim">nothing in the artifact calls it</span>`}${path !== null && path.length > 1 && html`<br><span class="dim">reached by </span><ol class="path">${path.slice(0, -1).map((step) => html`<li><code>${harmlessName(step, 100)}</code></li>`)}<li>this import</li></ol>`}</li>\n`;
}
