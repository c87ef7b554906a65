import type { Finding } from '../../finding.ts';
import { SEVERITIES } from '../../severity.ts';
import type { ScanEntry } from '../entry.ts';
import { harmlessName } from '../harmless.ts';
import { placeWords } from '../rows.ts';
import { count } from '../summary.ts';
import { EMPTY, html, type Markup } from './markup.ts';

/** Groups with more findings start closed. */
const OPEN_UP_TO = 20;

/** What findings of one page have in common. */
export interface FindingContext {
  readonly hash: (text: string) => string;
  /** Title of a rule; its id where it is not known. */
  readonly titleOf: (rule: string) => string;
  /** How many findings may still be shown; counted down. */
  readonly budget: { left: number };
  /** Ids given so far. */
  readonly taken: Set<string>;
}

interface Group { readonly rule: string; readonly kind: Finding['severity'] | 'waived'; readonly findings: readonly Finding[] }

/** The findings of an artifact, by rule, worst first; the help of a rule stands once, at the end of the page. */
export function findingGroups({ findings, artifact }: ScanEntry, context: FindingContext): Markup {
  const groups = [...Map.groupBy(findings, (finding) => `${kindOf(finding)} ${finding.rule}`).values()].map((same): Group => ({ rule: same[0]!.rule, kind: kindOf(same[0]!), findings: same }));
  groups.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  if (groups.length === 0) return EMPTY;
  return html`<h4>Findings</h4>${groups.map((group) => groupMarkup(group, artifact.name, context))}`;
}

const ORDER: readonly Group['kind'][] = [...SEVERITIES.toReversed(), 'waived'];

function kindOf({ severity, waived }: Finding): Group['kind'] {
  return waived ? 'waived' : severity;
}

/** Class and word of a severity as a label. */
const BADGES: Readonly<Record<Group['kind'], string>> = { error: 'deny', warning: 'warn', note: 'note', waived: 'waived' };

function groupMarkup({ rule, kind, findings }: Group, artifact: string, context: FindingContext): Markup {
  const shown = findings.slice(0, context.budget.left);
  context.budget.left -= shown.length;
  const open = (kind === 'error' || kind === 'warning') && findings.length <= OPEN_UP_TO;
  const fixes = new Set(findings.map(({ fix }) => fix));
  const fix = fixes.size === 1 ? findings[0]!.fix : null;
  return html`<details class="group" data-severity="${kind}" data-rule="${rule}"${open && OPEN}>
<summary><span class="badge ${BADGES[kind]}">${kind}</span> <strong>${context.titleOf(rule)}</strong> <code>${rule}</code> <span class="dim">${findings.length > 1 && count(findings.length, 'finding')}</span></summary>
<div>${fix !== null && fix !== '' && fixMarkup(fix)}<p class="dim"><a href="#rule-${rule}">Why, and how to mend it</a></p>
<ol>${shown.map((finding) => item(finding, { own: fix === null, id: idOf(finding, artifact, context) }))}</ol>${shown.length < findings.length && html`<p class="dim">and ${findings.length - shown.length} more, which are in the JSON report</p>`}</div></details>\n`;
}

const OPEN = html` open`;

function item(finding: Finding, { own, id }: { readonly own: boolean; readonly id: string }): Markup {
  const { message, fix, confidence, waived } = finding;
  const place = placeWords(finding);
  return html`<li id="${id}">${harmlessName(message, 1_500)}<br><small>${place !== '' && html`<code>${place}</code>, `}${confidence} confidence, <a href="#${id}" aria-label="Link to this finding">#</a></small>${own && fix !== '' && fixMarkup(fix)}${waived ? html`<p class="dim">Waived until ${waived.expires} by ${harmlessName(waived.owner, 80)}: ${harmlessName(waived.reason, 600)}${waived.source === undefined ? '' : ` (accepted in ${harmlessName(waived.source, 160)})`}</p>` : EMPTY}</li>\n`;
}

function fixMarkup(fix: string): Markup {
  return html`<p class="fix"><b>Fix:</b> ${harmlessName(fix, 1_000)}</p>`;
}

/** Stays the same when the artifact is rebuilt, so that an address to a finding goes on working. */
function idOf({ rule, subject }: Finding, artifact: string, { hash, taken }: FindingContext): string {
  const stem = `f-${hash(JSON.stringify([rule, artifact, subject])).slice(0, 12)}`;
  let id = stem;
  for (let number = 2; taken.has(id); number++) id = `${stem}-${number}`;
  taken.add(id);
  return id;
}
