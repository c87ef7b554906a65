import type { Verdict } from '../../result.ts';
import { capabilityRow } from '../capability-words.ts';
import type { ScanEntry, SnapshotChange } from '../entry.ts';
import { harmlessName } from '../harmless.ts';
import { aboutSentences } from '../text.ts';
import { count } from '../summary.ts';
import { composition } from './composition.ts';
import { findingGroups, type FindingContext } from './findings.ts';
import { EMPTY, html, type Content, type Markup } from './markup.ts';
import { powers } from './powers.ts';
import { sizeMap } from './size-map.ts';

const MOST_PROBLEMS = 20;
const MOST_SIGNATURES = 20;

/** The word for a verdict, as everywhere. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = { allow: 'allowed', warn: 'warnings', deny: 'denied', error: 'not analysed' };

/** Everything about one artifact. `open`: whether it is unfolded from the start. */
export function artifactMarkup(entry: ScanEntry, { id, open, context }: { readonly id: string; readonly open: 'open' | 'closed'; readonly context: FindingContext }): Markup {
  const { verdict, artifact: { name, size }, detail } = entry;
  const outline = detail?.outline ?? null;
  return html`<details class="artifact" id="${id}" data-name="${harmlessName(name, 300).toLowerCase()}"${open === 'open' && html` open`}>
<summary><span class="badge ${verdict}">${VERDICT_WORDS[verdict]}</span> <h3><bdi>${harmlessName(name, 300)}</bdi></h3> <span class="dim">${countsOf(entry)}</span></summary>
<div class="body">${aboutSentences(entry).map((sentence) => html`<p>${sentence}</p>`)}${reasons(entry)}${facts(entry)}${problems(entry)}
${entry.snapshot && change(entry.snapshot)}
${powers(entry)}
${findingGroups(entry, context)}
${outline && composition(outline, detail?.composition ?? null)}
${outline && sizeMap(outline, size ?? 0)}
</div></details>\n`;
}

function countsOf({ findings }: ScanEntry): string {
  const live = findings.filter(({ waived }) => !waived);
  const parts = (['error', 'warning', 'note'] as const).map((severity) => [live.filter((one) => one.severity === severity).length, severity] as const);
  return parts.filter(([number]) => number > 0).map(([number, word]) => count(number, word)).join(', ');
}

function reasons({ reasons: said, verdict, blocked }: ScanEntry): Markup {
  const through = verdict === 'error' && !blocked ? ['The policy lets through what could not be analysed'] : [];
  const all = [...said.slice(0, 20), ...through];
  return all.length === 0 ? EMPTY : html`<ul>${all.map((reason) => html`<li><strong>${harmlessName(reason, 600)}</strong></li>`)}</ul>`;
}

function facts({ artifact: { digest }, abis, features, package: packed, provenance }: ScanEntry): Markup {
  const rows: (readonly [string, Content])[] = [];
  if (digest !== null) rows.push(['Digest', html`<code>${digest}</code>`]);
  if (packed !== null) rows.push(['Package', harmlessName([packed.form, packed.repository ?? '', packed.path ?? ''].filter((part) => part !== '').join(', '), 300)]);
  if (abis.length > 0) rows.push(['Host interfaces', abis.join(', ')]);
  if (features.length > 0) rows.push(['Features', [...new Set(features)].join(', ')]);
  if (provenance.status !== 'unknown') rows.push(['Signatures', html`${provenance.status}${signatures(provenance.signatures)}`]);
  if (rows.length === 0) return EMPTY;
  return html`<dl class="facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}

function signatures(all: ScanEntry['provenance']['signatures']): Markup {
  if (all.length === 0) return EMPTY;
  const rest = all.length - MOST_SIGNATURES;
  return html`<ul>${all.slice(0, MOST_SIGNATURES).map(({ form, status, message, authority, identity }) => html`<li>${form}, ${status}: ${harmlessName(message, 300)}${authority !== null && html` (authority ${harmlessName(authority, 80)})`}${identity !== null && html` <bdi>${harmlessName(identity, 200)}</bdi>`}</li>`)}${rest > 0 && html`<li>and ${rest} more</li>`}</ul>`;
}

function problems({ problems: all }: ScanEntry): Markup {
  if (all.length === 0) return EMPTY;
  const rest = all.length - MOST_PROBLEMS;
  return html`<h4>Problems of the input</h4><ul>${all.slice(0, MOST_PROBLEMS).map(({ message, code, offset, section, effect }) => html`<li>${harmlessName(message, 400)} <small>(${code}, ${effect}, at 0x${offset.toString(16)}${section !== null && `, ${harmlessName(section, 60)} section`})</small></li>`)}${rest > 0 && html`<li>and ${rest} more</li>`}</ul>`;
}

/** The difference to the snapshot beside the artifact, in three columns. */
function change({ file, capabilities, added, removed }: SnapshotChange): Markup {
  const same = capabilities.filter((name) => !removed.includes(name));
  return html`<h4>Since the snapshot <code>${harmlessName(file, 200)}</code></h4><div class="change">${column(`${added.length} new`, added, '+')}${column(`${removed.length} gone`, removed, '−')}${column(`${same.length} as before`, same, '=')}</div>`;
}

function column(title: string, names: readonly string[], sign: string): Markup {
  return html`<section><strong>${title}</strong><ul>${names.slice(0, 100).map((name) => html`<li>${sign} ${harmlessName(capabilityRow(name)[1], 80)} <code>${harmlessName(name, 60)}</code></li>`)}</ul></section>`;
}
