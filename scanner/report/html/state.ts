import type { ScanEntry } from '../entry.ts';
import { html, type Markup } from './markup.ts';

/** What the policy made of a capability of an artifact. */
export type State = 'deny' | 'warn' | 'waived' | 'allow';

/** Glyph and word of each state, the word also for those who do not see colours. */
export const STATES: Readonly<Record<State, { readonly glyph: string; readonly word: string }>> = {
  deny: { glyph: '✕', word: 'denied' },
  warn: { glyph: '!', word: 'to review' },
  waived: { glyph: '~', word: 'waived' },
  allow: { glyph: '✓', word: 'allowed' },
};

/** What became of each capability: said by the findings of the rule that is named after it. */
export function statesOf({ capabilities, findings }: ScanEntry): ReadonlyMap<string, State> {
  const states = new Map<string, State>(capabilities.map((name) => [name, 'allow']));
  for (const { rule, severity, waived } of findings) {
    const name = rule.startsWith('capability-') ? rule.slice('capability-'.length) : '';
    const before = states.get(name);
    if (before === undefined || severity === 'note') continue;
    const state: State = waived ? 'waived' : severity === 'error' ? 'deny' : 'warn';
    if (ORDER.indexOf(state) < ORDER.indexOf(before)) states.set(name, state);
  }
  return states;
}

const ORDER: readonly State[] = ['deny', 'warn', 'waived', 'allow'];

/** The state as a label of its own. */
export function stateBadge(state: State): Markup {
  return html`<span class="badge ${state}">${STATES[state].word}</span>`;
}
