import type { Outline, OutlinePart, OutlineWire } from '../../facts/outline.ts';
import type { DetailComposition } from '../entry-detail.ts';
import { harmlessName } from '../harmless.ts';
import { humanSize } from '../layout.ts';
import { count } from '../summary.ts';
import { EMPTY, html, type Content, type Markup } from './markup.ts';

/** Boxes on either side; more cannot be read. */
const MOST_BOXES = 30;
/** Rows of the table. */
const MOST_ROWS = 300;
const WIDTH = 960;
const BOX = { width: 380, height: 28, gap: 10 } as const;
/** Characters that fit into a box. */
const LETTERS = 54;

const KINDS: Readonly<Record<OutlineWire['kind'], string>> = { host: 'the host', sibling: 'another core module', virtualised: 'code inside that plays the host', builtin: 'a built-in function', unresolved: 'not known' };

/** How a component is composed: who gives each core module what it imports, as a picture and as a table, and what is nested in what. */
export function composition({ parts, partCount, wires }: Outline, powers: DetailComposition | null): Markup {
  if (parts[0]?.kind !== 'component') return EMPTY;
  return html`<h4>Composition</h4>${powers && modulePowers(powers)}
${wires.length > 0 && html`<figure><div class="scroll" role="group" tabindex="0" aria-label="Composition">${drawing(wires)}</div></figure>
<details><summary>As a table</summary><div class="scroll" role="group" tabindex="0" aria-label="Origins of imports"><table><thead><tr><th scope="col">Core module</th><th scope="col">Imports from</th><th scope="col">Given by</th><th scope="col">Functions</th></tr></thead>
<tbody>${wires.slice(0, MOST_ROWS).map((wire) => html`<tr><td>${wire.to}</td><td><code>${harmlessName(wire.from, 120)}</code></td><td>${KINDS[wire.kind]}</td><td class="number">${wire.count}</td></tr>\n`)}</tbody></table></div></details>`}
<details><summary>${count(partCount - 1, 'nested part')}</summary><ul>${parts.slice(1).map(partItem)}${partCount > parts.length && html`<li>and ${partCount - parts.length} more</li>`}</ul></details>`;
}

/** What each core module asks for by the names of its imports, and what of it reaches the host through whoever serves it. */
function modulePowers({ modules, moduleCount, declared, effective, entered }: DetailComposition): Markup {
  const held = declared.filter((name) => !effective.includes(name));
  const said = !entered ? 'Nothing of it runs yet: it offers nothing that can be called.' : held.length === 0 ? 'Everything that is asked for inside reaches the host.' : html`Asked for inside, but never of the host: ${codes(held)}.`;
  return html`<p>${said}</p><details><summary>Powers of ${count(moduleCount, 'core module')}</summary><div class="scroll" role="group" tabindex="0" aria-label="Powers of core modules"><table><thead><tr><th scope="col">Core module</th><th scope="col">Instances</th><th scope="col">Asks for</th><th scope="col">Reaches of the host</th></tr></thead>
<tbody>${modules.map((one) => html`<tr><td><code>${one.path}</code></td><td class="number">${one.instances}</td><td>${codes(one.declared)}</td><td>${codes(one.effective)}</td></tr>\n`)}</tbody></table></div>${moduleCount > modules.length && html`<p class="dim">and ${moduleCount - modules.length} more</p>`}</details>`;
}

function codes(names: readonly string[]): Content {
  return names.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`);
}

function partItem({ path, kind, length }: OutlinePart): Markup {
  return html`<li><code>${path}</code> ${kind === 'module' ? 'core module' : 'component'}, ${humanSize(length)}</li>\n`;
}

interface Node { readonly key: string; readonly label: string; readonly kind: OutlineWire['kind'] | 'module'; readonly y: number }

function drawing(wires: readonly OutlineWire[]): Markup {
  const targets = nodes(new Map(wires.map(({ to }) => [to, { label: to, kind: 'module' as const }])));
  const rank = new Map([...targets.keys()].map((key, index) => [key, index]));
  const sorted = wires.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (rank.get(a.to) ?? 0) - (rank.get(b.to) ?? 0));
  const sources = nodes(new Map(sorted.map((wire) => [sourceKey(wire), { label: wire.from || '(no name)', kind: wire.kind }])));
  const height = Math.max(sources.size, targets.size) * (BOX.height + BOX.gap) + 30;
  const left = [...sources.values()];
  const right = [...targets.values()];
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Graph of who gives the core modules their imports; the same is in the table below">
<text x="0" y="14">gives functions</text><text x="${WIDTH - BOX.width}" y="14">core modules</text>
${wires.map((wire) => wireLine(wire, sources.get(sourceKey(wire)), targets.get(wire.to)))}${left.map((node) => box(node, 0))}${right.map((node) => box(node, WIDTH - BOX.width))}</svg>${left.length === MOST_BOXES || right.length === MOST_BOXES ? html`<p class="dim">Only the first ${MOST_BOXES} boxes of each side are drawn.</p>` : EMPTY}`;
}

const ORDER: readonly OutlineWire['kind'][] = ['host', 'unresolved', 'virtualised', 'sibling', 'builtin'];

function nodes(found: ReadonlyMap<string, Pick<Node, 'label' | 'kind'>>): Map<string, Node> {
  return new Map([...found].slice(0, MOST_BOXES).map(([key, node], index) => [key, { key, ...node, y: 24 + index * (BOX.height + BOX.gap) }]));
}

function sourceKey({ kind, from }: OutlineWire): string {
  return `${kind} ${from}`;
}

function wireLine({ kind, count: functions }: OutlineWire, from: Node | undefined, to: Node | undefined): Markup {
  if (!from || !to) return EMPTY;
  const [x1, x2] = [BOX.width, WIDTH - BOX.width];
  const [y1, y2] = [from.y + BOX.height / 2, to.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return html`<path class="wire ${kind}" stroke-width="${Math.min(6, 1 + Math.log2(functions)).toFixed(1)}" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"><title>${count(functions, 'function')}</title></path>`;
}

const LEADS: Readonly<Record<Node['kind'], string>> = { host: 'host: ', sibling: 'inside: ', virtualised: 'plays the host: ', builtin: 'built-in: ', unresolved: 'not known: ', module: '' };

function box({ label, kind, y }: Node, x: number): Markup {
  const lead = LEADS[kind];
  return html`<g class="box ${kind}"><title>${lead}${harmlessName(label, 200)}</title><rect x="${x + 1}" y="${y}" width="${BOX.width - 2}" height="${BOX.height}" rx="4"/><text x="${x + 10}" y="${y + 18}">${lead}${harmlessName(label, LETTERS - lead.length)}</text></g>`;
}
