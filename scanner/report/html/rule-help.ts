import type { RuleMetadata, RulePage } from '../../rule.ts';
import { EMPTY, html, type Markup } from './markup.ts';
import { prose, webLink } from './prose.ts';

/** Why the rules that found something exist, and what to do: a folded block each, to which the findings link. */
export function ruleHelp(rules: readonly RuleMetadata[], pages: Readonly<Record<string, RulePage>>): Markup {
  if (rules.length === 0) return EMPTY;
  return html`<h2 id="rules">Rules</h2>${rules.map((rule) => help(rule, pages[rule.id]))}`;
}

function help({ id, title, description, remedy, references, cwe }: RuleMetadata, page: RulePage | undefined): Markup {
  return html`<details class="help" id="rule-${id}"><summary><strong>${title}</strong> <code>${id}</code></summary><div>
<p>${description}</p>${prose(page?.why ?? '')}<h3>How to mend it</h3>${prose(page?.remedy || remedy)}
${(references.length > 0 || cwe.length > 0) && html`<h3>More</h3><ul>${cwe.map((number) => html`<li>${webLink(`https://cwe.mitre.org/data/definitions/${number}.html`, `CWE-${number}`)}</li>`)}${references.map((reference) => html`<li>${webLink(reference)}</li>`)}</ul>`}
</div></details>\n`;
}
