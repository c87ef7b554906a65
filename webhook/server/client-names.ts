import type { PeerCertificate } from 'node:tls';

/** The names a client certificate was issued for: common names, and subject alternative names of every kind without their prefix. */
export function clientNames(certificate: PeerCertificate): readonly string[] {
  const common = (certificate.subject as { readonly CN?: string | readonly string[] } | undefined)?.CN ?? [];
  return [...[common].flat(), ...alternativeNames(certificate.subjectaltname ?? '')];
}

/**
 * Reads what Node makes of the extension: `DNS:a, URI:b`. A value that could be taken for several is written as a JSON string there, so
 * that a name with a comma in it grants nothing.
 */
function alternativeNames(text: string): readonly string[] {
  const names: string[] = [];
  let at = 0;
  while (at < text.length) {
    const colon = text.indexOf(':', at);
    if (colon < 0) break;
    const quoted = text[colon + 1] === '"';
    const end = quoted ? quotedEnd(text, colon + 1) : commaOrEnd(text, colon + 1);
    names.push(quoted ? unquoted(text.slice(colon + 1, end)) : text.slice(colon + 1, end));
    at = commaOrEnd(text, end) + 2;
  }
  return names.filter((name) => name !== '');
}

function quotedEnd(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function commaOrEnd(text: string, from: number): number {
  const comma = text.indexOf(', ', from);
  return comma < 0 ? text.length : comma;
}

/** '' where it is no JSON string after all: it then names nobody. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}
