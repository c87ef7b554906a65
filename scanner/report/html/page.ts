import type { Verdict } from '../../result.ts';
import type { ScanEntry } from '../entry.ts';
import type { ReportContext, ReportWriter } from '../format.ts';
import { count, headline, type Summary } from '../summary.ts';
import { artifactMarkup, VERDICT_WORDS } from './artifact.ts';
import { pageStart } from './page-start.ts';
import type { FindingContext } from './findings.ts';
import { html, Markup, type Content } from './markup.ts';
import { matrix, matrixRow, type MatrixRow } from './matrix.ts';
import { ruleHelp } from './rule-help.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** Findings in a page: some hundred bytes each, and a browser must lay them out. */
const MOST_FINDINGS = 20_000;
/** Artifacts shown whole, and how much text they may take together, in characters. */
const MOST_ARTIFACTS = 2_000;
const MOST_TEXT = 24_000_000;

interface State {
  readonly rows: MatrixRow[];
  readonly sections: Markup[];
  readonly used: Set<string>;
  readonly context: FindingContext;
  text: number;
  leftOut: number;
}

/**
 * The report to look at: one HTML file that loads nothing, says everything without its script, and shows names from binaries as text.
 * The same input gives the same bytes.
 */
export function htmlReport(context: ReportContext): ReportWriter {
  const titles = new Map(context.rules.map(({ id, title }) => [id, title]));
  const state: State = {
    rows: [], sections: [], used: new Set(), text: 0, leftOut: 0,
    context: { hash: context.hash, titleOf: (rule) => titles.get(rule) ?? rule, budget: { left: MOST_FINDINGS }, taken: new Set() },
  };
  return {
    add(entry) {
      addEntry(entry, state, context.expected);
      return '';
    },
    end: (summary) => `${page(summary, state, context).toString()}\n`,
  };
}

function addEntry(entry: ScanEntry, state: State, expected: number): void {
  if (state.sections.length >= MOST_ARTIFACTS || state.text > MOST_TEXT) {
    state.leftOut++;
    return;
  }
  const id = `a-${state.sections.length + 1}`;
  const open = expected <= 1 || (entry.verdict !== 'allow' && state.sections.length < 20) ? 'open' : 'closed';
  const section = artifactMarkup(entry, { id, open, context: state.context });
  for (const { rule } of entry.findings) state.used.add(rule);
  state.rows.push(matrixRow(entry, id));
  state.sections.push(section);
  state.text += section.toString().length;
}

function page(summary: Summary, state: State, context: ReportContext): Markup {
  const title = titleOf(summary);
  const rules = context.rules.filter(({ id }) => state.used.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
  return html`${pageStart({ title, engineVersion: context.engineVersion, hash: context.hash, style: STYLE, script: SCRIPT })}
<p class="brand">wasmgate report</p>
${answer(summary, title, context)}
${summary.artifacts > 0 && html`<nav aria-label="Parts of the report"><ul><li><a href="#capabilities">Capabilities</a></li><li><a href="#artifacts">Artifacts</a></li>${rules.length > 0 && html`<li><a href="#rules">Rules</a></li>`}<li><a href="#about">About</a></li></ul></nav>`}
</header>
<main>
${summary.artifacts > 0 && html`<section id="capabilities"><h2 id="capabilities-title">What the artifacts can do</h2>${matrix(state.rows)}</section>
<section id="artifacts"><h2>Artifacts</h2>${filter()}
${state.sections}${state.leftOut > 0 && html`<p>${count(state.leftOut, 'more artifact')} not shown: the page has reached its size. The JSON report has all.</p>`}</section>`}
${ruleHelp(rules, context.sarif.pages ?? {})}
</main>
${about(summary, context)}
<script>${new Markup(SCRIPT)}</script>
</body>
</html>`;
}

function worstOf({ verdicts }: Summary): Verdict {
  return (['deny', 'error', 'warn'] as const).find((verdict) => verdicts[verdict] > 0) ?? 'allow';
}

function titleOf(summary: Summary): string {
  const worst = worstOf(summary);
  const { artifacts, verdicts } = summary;
  if (artifacts === 0) return 'No artifact was found';
  const words = { deny: 'denied', error: 'not analysed', warn: 'allowed with warnings', allow: 'allowed' }[worst];
  if (artifacts === 1) return words.slice(0, 1).toUpperCase() + words.slice(1);
  return verdicts[worst] === artifacts ? `All ${artifacts} artifacts ${words}` : `${verdicts[worst]} of ${artifacts} artifacts ${words}`;
}

function answer(summary: Summary, title: string, { policies }: ReportContext): Markup {
  const { verdicts, findings, waived, unblocked } = summary;
  const tiles: (readonly [number, string])[] = [
    ...(['deny', 'error', 'warn', 'allow'] as const).map((verdict) => [verdicts[verdict], verdict === 'warn' ? 'with warnings' : VERDICT_WORDS[verdict]] as const),
    [findings.error, 'errors'], [findings.warning, 'warnings'], [findings.note, 'notes'], [waived, 'waived'], [unblocked, 'let through unseen'],
  ];
  return html`<div class="answer ${summary.artifacts === 0 ? 'error' : worstOf(summary)}"><h1>${title}</h1>
<ul class="tiles">${tiles.filter(([number]) => number > 0).map(([number, word]) => html`<li><b>${number}</b> ${word}</li>`)}</ul>
<p>Judged by ${listed(policies.map(({ name }) => name))}</p></div>`;
}

function listed(names: readonly string[]): Content {
  return names.length === 0 ? 'no policy' : names.map((name, index) => html`${index > 0 && ', '}<strong><bdi>${name}</bdi></strong>`);
}

/** Hidden until the script shows it, since it does nothing without. */
function filter(): Markup {
  const box = (severity: string, word: string): Markup => html`<label><input type="checkbox" name="severity" value="${severity}" checked> ${word}</label> `;
  return html`<form class="filter" id="filter" hidden role="search"><label>Find <input type="search" name="words" autocomplete="off" spellcheck="false"></label>
<fieldset><legend>Show</legend>${box('error', 'errors')}${box('warning', 'warnings')}${box('note', 'notes')}${box('waived', 'waived')}</fieldset>
<span><button type="button" data-open="yes">Unfold all</button> <button type="button" data-open="no">Fold all</button> <button type="reset">Reset</button></span>
<span id="shown" class="dim" role="status"></span></form>`;
}

function about(summary: Summary, { engineVersion, policies, rules }: ReportContext): Markup {
  return html`<footer id="about"><h2>About this report</h2><p>${headline(summary)}</p>
<p>Made by wasmgate ${engineVersion} with ${rules.length} rules. ${policies.map(({ name, hash }) => html`Policy <bdi>${name}</bdi>, <code>${hash}</code>. `)}</p>
<p>Operand types were not validated; nothing of the artifacts was run. The page loads nothing and sends nothing.</p></footer>`;
}
