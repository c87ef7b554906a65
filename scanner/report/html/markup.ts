import { harmless } from '../harmless.ts';

/** Text that is markup already. Nothing else can be put into a page without being escaped. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: text is escaped, lists are joined, null and false are nothing. */
export type Content = Markup | string | number | null | false | readonly Content[];

/** Nothing. */
export const EMPTY = new Markup('');

/**
 * Markup from a template: `` html`<b title="${name}">${name}</b>` ``. Every text put in comes out as that text, in elements and in quoted attributes,
 * with controls and invisible characters made visible. The fixed parts are written by us.
 */
export function html(fixed: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = fixed[0] ?? '';
  for (const [index, value] of values.entries()) text += rendered(value) + (fixed[index + 1] ?? '');
  return new Markup(text);
}

function rendered(value: Content): string {
  if (value === null || value === false) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escaped(value);
  return value instanceof Markup ? value.toString() : value.map(rendered).join('');
}

const SPECIAL = /[&<>"'`]/;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

function escaped(text: string): string {
  const clean = harmless(text);
  return SPECIAL.test(clean) ? clean.replace(/[&<>"'`]/g, (found) => ENTITIES[found] ?? found) : clean;
}
