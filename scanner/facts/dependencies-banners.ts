import type { Dependency } from './facts.ts';

interface Banner extends Pick<Dependency, 'ecosystem' | 'name' | 'version' | 'evidence'> {
  readonly before?: number;
  readonly length: number;
}

interface Form {
  readonly anchor: string;
  readonly name: string;
  /** From the anchor on. */
  readonly after: RegExp;
  /** Up to the anchor, where the version stands before it. */
  readonly before?: RegExp;
}

/**
 * Texts by which C libraries and interpreters name themselves, as released sources print or keep them. The whole form must fit:
 * many programs mention a library that is not part of them, as Ruby's own documentation does older versions.
 */
const FORMS: readonly Form[] = [
  { anchor: 'OpenSSL ', name: 'openssl', after: /^OpenSSL (\d\.\d{1,2}\.\d{1,2}[a-z]{0,2}) {1,2}\d{1,2} [A-Z][a-z]{2} 20\d\d/ },
  { anchor: 'inflate 1.', name: 'zlib', after: /^inflate (1(?:\.\d{1,2}){1,3}) Copyright / },
  { anchor: 'deflate 1.', name: 'zlib', after: /^deflate (1(?:\.\d{1,2}){1,3}) Copyright / },
  { anchor: 'expat_', name: 'expat', after: /^expat_(\d\.\d{1,2}\.\d{1,2})(?![\w.])/ },
  { anchor: 'libpng version ', name: 'libpng', after: /^libpng version (\d\.\d{1,2}\.\d{1,3})(?![\d.])/ },
  { anchor: 'libjpeg-turbo version ', name: 'libjpeg-turbo', after: /^libjpeg-turbo version (\d\.\d{1,2}(?:\.\d{1,3})?)(?![\d.])/ },
  { anchor: ', 13-Jul-2019', name: 'bzip2', after: /^, 13-Jul-2019/, before: /(1\.0\.8)$/ },
  { anchor: 'Lua 5.', name: 'lua', after: /^Lua (5\.\d\.\d{1,2}) {2}Copyright \(C\) / },
  { anchor: 'ruby ', name: 'ruby', after: /^ruby (\d\.\d{1,2}\.\d{1,2}(?:p\d{1,3}|dev|(?:rc|preview)\d)?) \(\d{4}-\d\d-\d\d [^)]{0,80}\)[ +\w]{0,40}\[wasm/ },
  { anchor: 'PHP/', name: 'php', after: /^PHP\/(\d\.\d{1,2}\.\d{1,3})(?![\w.])/ },
  ...[' (main, ', ' (tags/v', ' (heads/'].map((anchor) => ({ anchor, name: 'cpython', after: /^ \([^)]{5,80}, \d\d:\d\d:\d\d\) \[(?:Clang|GCC) /, before: /(?<![\d.])(3\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?\+?)$/ })),
];

/** First words of the comments by which bundlers keep the licence of a package. */
const LICENCE = '/*! ';
const PACKAGE = /^\/\*! (?:@license )?(@?[A-Za-z][\w.-]{0,60}(?:\/[a-z0-9][\w.-]{0,60})?)(?: -)? v(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-[0-9A-Za-z][0-9A-Za-z.-]{0,30})?)(?![\w.])/;

/** Literals that begin a banner or stand in it. */
export const BANNER_ANCHORS: readonly string[] = [...FORMS.map(({ anchor }) => anchor), LICENCE];

/** The library that a text names: `after` begins at one of the anchors, `before` ends there. null: it only looks like a banner. */
export function readBanner(after: string, before: string): Banner | null {
  if (after.startsWith(LICENCE)) return readLicence(after);
  const form = FORMS.find(({ anchor, after: whole }) => after.startsWith(anchor) && whole.test(after));
  if (form === undefined) return null;
  const match = form.after.exec(after)!;
  const lead = form.before?.exec(before);
  const version = form.before ? lead?.[1] : match[1];
  const leading = lead?.[0].length ?? 0;
  return version === undefined ? null : { name: form.name, version, ecosystem: 'other', evidence: 'banner', before: leading, length: leading + match[0].length };
}

function readLicence(after: string): Banner | null {
  const match = PACKAGE.exec(after);
  return match && { name: match[1]!.toLowerCase(), version: match[2]!, ecosystem: 'npm', evidence: 'banner', length: match[0].length };
}
