import type { Pair, Sided } from '../../diff/pair.ts';
import type { DiffReport } from '../diff.ts';
import { diffHeadline, pairWords } from '../diff-words.ts';
import { harmlessName } from '../harmless.ts';
import { humanSize } from '../layout.ts';
import { count } from '../summary.ts';
import { pageStart } from './page-start.ts';
import { changeTables, type Budget } from './diff-tables.ts';
import { EMPTY, html, type Markup } from './markup.ts';
import { STYLE } from './style.ts';

/** Changes in a page, and artifacts with changes. */
const MOST_CHANGES = 20_000;
const MOST_PAIRS = 2_000;
/** Artifacts without a change that are named. */
const MOST_SAME = 300;
/** Artifacts unfolded from the start. */
const OPEN = 20;

/** An artifact of the page: what differs, in numbers. */
interface Told { readonly pair: Pair; readonly name: string; readonly increases: number; readonly tone: 'warn' | 'error' | 'note' }

/**
 * The difference to look at: one HTML file that loads nothing and runs nothing, increases first. Names from binaries stand in it as text. `hash`:
 * SHA-256 of a text, 64 hexadecimal digits.
 */
export function diffHtml(report: DiffReport, hash: (text: string) => string): string {
  const title = diffHeadline(report);
  const all = report.pairs.filter(({ changes, failure }) => changes.length > 0 || failure !== null).map((pair) => toldOf(pair, report));
  const told = all.toSorted((a, b) => RANK[a.tone] - RANK[b.tone]);
  const budget = { left: MOST_CHANGES };
  return `${html`${pageStart({ title, engineVersion: report.engineVersion, hash, style: STYLE, script: null })}
<p class="brand">wasmgate difference</p>
${answer(report, title, told)}
</header>
<main>
${told.length > 1 && overview(told)}
<section id="artifacts"><h2>What differs</h2>
${told.slice(0, MOST_PAIRS).map((one, index) => artifact(one, { index, budget }))}${told.length > MOST_PAIRS && html`<p>${count(told.length - MOST_PAIRS, 'more artifact')} not shown: the page has reached its size. The JSON report has all.</p>`}${same(report)}</section>
</main>
<footer><h2>About this report</h2><p>Made by wasmgate ${report.engineVersion}. An increase: the new version can do more, needs more, or fewer vouch for it. A difference judges nothing; what may run is the policy's decision.</p>
<p>Nothing of the artifacts was run. The page loads nothing and sends nothing.</p></footer>
</body>
</html>`.toString()}\n`;
}

const RANK = { warn: 0, error: 1, note: 2 } as const;

function toldOf(pair: Pair, report: DiffReport): Told {
  const increases = pair.changes.filter(({ increase }) => increase).length;
  return { pair, name: nameOf(pair, report), increases, tone: increases > 0 ? 'warn' : pair.failure === null ? 'note' : 'error' };
}

/** Both names where they differ, as two versions of a file do. */
function nameOf({ before, after }: Pair, report: DiffReport): string {
  const names = [...new Set([before, after].flatMap((side) => (side === null ? [] : [harmlessName(side.name, 300)])))];
  return names.join(' → ') || harmlessName(report.after, 300);
}

function answer({ before, after, pairs }: DiffReport, title: string, told: readonly Told[]): Markup {
  const changes = pairs.flatMap((pair) => pair.changes);
  const increases = changes.filter(({ increase }) => increase).length;
  const tiles: (readonly [number, string])[] = [
    [increases, 'increases'], [changes.length - increases, 'other changes'], [pairs.filter(({ failure }) => failure !== null).length, 'not compared'],
    [pairs.filter((pair) => pairWords(pair) === 'new').length, 'new artifacts'], [pairs.filter((pair) => pairWords(pair) === 'gone').length, 'artifacts gone'], [pairs.length - told.length, 'unchanged'],
  ];
  const tone = increases > 0 ? 'warn' : told.some((one) => one.tone === 'error') || pairs.length === 0 ? 'error' : 'allow';
  return html`<div class="answer ${tone}"><h1>${title}</h1>
${pairs.length > 1 && html`<ul class="tiles">${tiles.filter(([number]) => number > 0).map(([number, words]) => html`<li><b>${number}</b> ${words}</li>`)}</ul>`}
<p>From <strong><bdi>${harmlessName(before, 300)}</bdi></strong> to <strong><bdi>${harmlessName(after, 300)}</bdi></strong></p></div>`;
}

function overview(told: readonly Told[]): Markup {
  const rest = told.length - MOST_PAIRS;
  return html`<section><h2>Artifacts</h2><table class="diff"><thead><tr><th scope="col">Artifact</th><th scope="col">Increases</th><th scope="col">Other changes</th></tr></thead>
<tbody>${told.slice(0, MOST_PAIRS).map(({ pair, name, increases, tone }, index) => html`<tr${tone === 'warn' && MORE}><th scope="row"><a href="#a-${index + 1}"><bdi>${name}</bdi></a></th>${pair.failure === null ? html`<td class="number">${increases}</td><td class="number">${pair.changes.length - increases}</td>` : html`<td colspan="2">not compared</td>`}</tr>\n`)}</tbody></table>${rest > 0 && html`<p class="dim">${count(rest, 'more artifact')} not in this table.</p>`}</section>`;
}

const MORE = html` class="more"`;

function artifact({ pair, name, increases, tone }: Told, { index, budget }: { readonly index: number; readonly budget: Budget }): Markup {
  const word = pairWords(pair);
  const badge = tone === 'warn' ? count(increases, 'increase') : tone === 'error' ? 'not compared' : 'no increase';
  const others = pair.changes.length - increases;
  return html`<details class="artifact" id="a-${index + 1}"${(index < OPEN || tone === 'warn') && html` open`}>
<summary><span class="badge ${tone}">${badge}</span> <h3><bdi>${name}</bdi></h3> <span class="dim">${[word, others > 0 ? count(others, increases > 0 ? 'other change' : 'change') : ''].filter((part) => part !== '').join(', ')}</span></summary>
<div class="body">${pair.failure !== null && html`<p><strong>Not compared: ${harmlessName(pair.failure, 600)}</strong></p>`}${sides(pair)}
${changeTables(pair.changes, budget)}</div></details>\n`;
}

function sides({ before, after }: Pair): Markup {
  const row = (word: string, side: Sided | null): Markup => (side?.shape ? html`<dt>${word}</dt><dd><code>${side.shape.digest}</code>, ${humanSize(side.shape.size)}</dd>\n` : EMPTY);
  return before?.shape || after?.shape ? html`<dl class="facts">${row('Before', before)}${row('After', after)}</dl>` : EMPTY;
}

/** Names of what did not change: that it was compared is an answer too. */
function same(report: DiffReport): Markup {
  const names = report.pairs.filter(({ changes, failure }) => changes.length === 0 && failure === null).map((pair) => nameOf(pair, report));
  if (names.length === 0) return EMPTY;
  return html`<h3>${count(names.length, 'artifact')} without a change</h3><ul>${names.slice(0, MOST_SAME).map((name) => html`<li><bdi>${name}</bdi></li>`)}${names.length > MOST_SAME && html`<li>and ${names.length - MOST_SAME} more</li>`}</ul>`;
}
