import { contentPolicy } from './content-policy.ts';
import { html, Markup } from './markup.ts';

/** What the head of a page is made of. */
export interface PageStart {
  readonly title: string;
  readonly engineVersion: string;
  /** SHA-256 of a text, 64 hexadecimal digits. */
  readonly hash: (text: string) => string;
  readonly style: string;
  /** null: the page has none. */
  readonly script: string | null;
}

/** A page up to the beginning of its header: nothing runs or is loaded but what its content policy names. */
export function pageStart({ title, engineVersion, hash, style, script }: PageStart): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(contentPolicy({ hash, style, script }))}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="wasmgate ${engineVersion}">
<title>wasmgate: ${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#artifacts">To the artifacts</a>
<header>`;
}
