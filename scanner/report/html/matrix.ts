import { leavesUnread } from '../../problem.ts';
import { CAPABILITY_GROUPS, capabilityRow, CAPABILITY_WORDS } from '../capability-words.ts';
import type { ScanEntry } from '../entry.ts';
import { harmlessName } from '../harmless.ts';
import { EMPTY, html, type Markup } from './markup.ts';
import { STATES, statesOf, type State } from './state.ts';

/** Rows shown; of more artifacts the number is said. */
const MOST_ROWS = 300;

/** One artifact of the matrix. */
export interface MatrixRow {
  readonly id: string;
  readonly name: string;
  /** `part`: what is not in it is not known either. */
  readonly known: 'all' | 'part' | 'nothing';
  readonly states: ReadonlyMap<string, State>;
}

/** The row of an artifact. */
export function matrixRow(entry: ScanEntry, id: string): MatrixRow {
  return { id, name: harmlessName(entry.artifact.name, 60), known: knownOf(entry), states: statesOf(entry) };
}

function knownOf({ verdict, capabilities, problems }: ScanEntry): MatrixRow['known'] {
  if (verdict !== 'error' && !problems.some(leavesUnread)) return 'all';
  return capabilities.length > 0 ? 'part' : 'nothing';
}

/** Artifacts by capabilities: what each can do, and what the policy makes of it. An empty cell: it cannot. */
export function matrix(rows: readonly MatrixRow[]): Markup {
  const groups = groupsOf(rows);
  if (groups.length === 0) return html`<p>No artifact asks its host for anything that this catalogue names.</p>`;
  const columns = groups.flatMap(({ names }) => names);
  const rest = rows.length - MOST_ROWS;
  return html`<div class="scroll" role="group" tabindex="0" aria-labelledby="capabilities-title"><table class="matrix">
<thead><tr><td class="corner" rowspan="2">Artifact</td>${groups.map(({ group, names }) => html`<th scope="colgroup" colspan="${names.length}">${group}</th>`)}</tr>
<tr>${columns.map((name) => html`<th scope="col"><span>${capabilityRow(name)[1]}</span></th>`)}</tr></thead>
<tbody>${rows.slice(0, MOST_ROWS).map((row) => rowMarkup(row, columns))}</tbody></table></div>
${rest > 0 && html`<p class="dim">${rest} more artifacts are not in this table.</p>`}${legend(rows)}`;
}

function rowMarkup({ id, name, known, states }: MatrixRow, columns: readonly string[]): Markup {
  const head = html`<th scope="row"><a href="#${id}"><bdi>${name}</bdi></a></th>`;
  if (known === 'nothing') return html`<tr>${head}<td class="state error" colspan="${columns.length}">not known</td></tr>\n`;
  return html`<tr>${head}${columns.map((column) => cell(states.get(column), known))}</tr>\n`;
}

function cell(state: State | undefined, known: MatrixRow['known']): Markup {
  if (state === undefined) return known === 'all' ? CANNOT : MAYBE;
  const { glyph, word } = STATES[state];
  return html`<td class="state ${state}"><span aria-hidden="true">${glyph}</span><span class="hide">${word}</span></td>`;
}

const CANNOT = html`<td></td>`;
const MAYBE = html`<td class="state error"><span aria-hidden="true">?</span><span class="hide">not known</span></td>`;

function groupsOf(rows: readonly MatrixRow[]): { readonly group: string; readonly names: readonly string[] }[] {
  const rank = Object.keys(CAPABILITY_WORDS);
  const names = [...new Set(rows.flatMap(({ states }) => [...states.keys()]))].sort((a, b) => rank.indexOf(a) - rank.indexOf(b));
  return CAPABILITY_GROUPS.map((group) => ({ group, names: names.filter((name) => capabilityRow(name)[0] === group) })).filter(({ names }) => names.length > 0);
}

function legend(rows: readonly MatrixRow[]): Markup {
  const used = new Set(rows.flatMap(({ states }) => [...states.values()]));
  const shown = (Object.keys(STATES) as State[]).filter((state) => used.has(state));
  return shown.length === 0 ? EMPTY : html`<ul class="legend">${shown.map((state) => html`<li><i class="state ${state}" aria-hidden="true">${STATES[state].glyph}</i>${STATES[state].word}</li>`)}<li>empty: it cannot</li></ul>`;
}
