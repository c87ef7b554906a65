import type { Change } from '../../diff/compare.ts';
import type { Area } from '../../diff/trait.ts';
import { capabilityRow } from '../capability-words.ts';
import { bothWords } from '../diff-words.ts';
import { harmlessName } from '../harmless.ts';
import { count } from '../summary.ts';
import { html, type Content, type Markup } from './markup.ts';

/** How many changes a page may still show; counted down. */
export interface Budget { left: number }

/** Changes of one area that are shown; of the rest the number is said. */
const MOST_IN_AREA = 1_000;

const TITLES: Readonly<Record<Area, string>> = {
  kind: 'Kind', capability: 'Powers over the host', import: 'Imports', reachability: 'Reachability of imports', export: 'Exports', feature: 'Features of the engine',
  limit: 'Memories and tables', signer: 'Who vouches for it', dependency: 'Dependencies', tool: 'Tools that made it', size: 'Size',
};
const WORDS = { added: 'new', removed: 'gone', changed: 'changed' } as const;

/** A table for each area in which something differs, those with increases first, and in each the increases first. */
export function changeTables(changes: readonly Change[], budget: Budget): Markup {
  const areas = [...Map.groupBy(changes, ({ area }) => area)].map(([area, all]) => ({ area, all: all.toSorted(increasesFirst), increases: all.filter(({ increase }) => increase).length }));
  areas.sort((a, b) => Number(b.increases > 0) - Number(a.increases > 0));
  return html`${areas.map(({ area, all, increases }) => areaTable(area, all, { increases, budget }))}`;
}

function increasesFirst(a: Change, b: Change): number {
  return Number(b.increase) - Number(a.increase);
}

function areaTable(area: Area, all: readonly Change[], { increases, budget }: { readonly increases: number; readonly budget: Budget }): Markup {
  const shown = all.slice(0, Math.min(MOST_IN_AREA, budget.left));
  budget.left -= shown.length;
  const rows = shown.map((change) => ({ change, values: valuesOf(change) }));
  const valued = rows.some(({ values }) => values.some((value) => value !== ''));
  const rest = all.length - shown.length;
  const title = html`<h4>${TITLES[area]}${increases > 0 && html` <span class="badge warn">${count(increases, 'increase')}</span>`}</h4>`;
  const note = rest > 0 && html`<p class="dim">and ${count(rest, 'more change')}, which the JSON report has</p>`;
  if (rows.length === 0) return html`${title}${note}`;
  return html`${title}<table class="diff"><thead><tr><th scope="col">Change</th><th scope="col">What</th>${valued && html`<th scope="col">Before</th><th scope="col">After</th>`}</tr></thead>
<tbody>${rows.map(({ change, values }) => row(change, valued ? values : []))}</tbody></table>${note}`;
}

/** The values on both sides; '' on the side that does not have it. */
function valuesOf(change: Change): readonly [string, string] {
  const [from, to] = bothWords(change);
  return [change.change === 'added' ? '' : from, change.change === 'removed' ? '' : to];
}

function row({ area, name, change, increase }: Change, values: readonly string[]): Markup {
  const mark = html`${WORDS[change]}${increase && html` <span class="badge warn">increase</span>`}`;
  return html`<tr${increase && html` class="more"`}><td class="mark">${mark}</td><th scope="row">${whatOf(area, name)}</th>${values.map((value) => html`<td>${value !== '' && html`<code>${harmlessName(value, 300)}</code>`}</td>`)}</tr>\n`;
}

function whatOf(area: Area, name: string): Content {
  const code = html`<code>${harmlessName(name, 300)}</code>`;
  return area === 'capability' ? html`${capabilityRow(name)[1]} ${code}` : code;
}
