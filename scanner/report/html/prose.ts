import { EMPTY, html, Markup, type Content } from './markup.ts';

/**
 * Markup for the prose of rule pages, which we write ourselves: paragraphs, lists, fenced code, `code`, **strong** and links to the web. Anything
 * else stays text.
 */
export function prose(markdown: string): Markup {
  const blocks = markdown.split(/^(```[\s\S]*?^```$)/m).flatMap((block) => (block.startsWith('```') ? [block] : block.split(/\n{2,}/)));
  return html`${blocks.map((block) => blockMarkup(block.trim()))}`;
}

function blockMarkup(block: string): Markup {
  if (block === '') return EMPTY;
  if (block.startsWith('```')) return html`<pre>${lines(block.split('\n').slice(1, -1))}</pre>`;
  if (/^[-*] /.test(block)) return html`<ul>${block.split(/\n(?=[-*] )/).map((item) => html`<li>${inline(item.slice(2))}</li>`)}</ul>`;
  return html`<p>${inline(block)}</p>`;
}

const NEWLINE = new Markup('\n');

function lines(all: readonly string[]): Content {
  return all.map((line) => [line, NEWLINE]);
}

function inline(text: string): Content {
  const parts = text.replaceAll(/\s*\n\s*/g, ' ').split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/);
  return parts.map((part): Content => {
    if (part.length > 2 && part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    if (part.length > 4 && part.startsWith('**')) return html`<strong>${part.slice(2, -2)}</strong>`;
    const link = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(part);
    return link ? webLink(link[2]!, link[1]) : part;
  });
}

/** A link to the web; an address within the documentation is shown by its text, since the page stands alone. */
export function webLink(address: string, text = address): Content {
  return address.startsWith('https://') ? html`<a href="${address}" rel="noreferrer">${text}</a>` : text;
}
