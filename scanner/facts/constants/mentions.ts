import { joinSearch } from '../joined-search.ts';
import { asciiBytes } from '../literal-search.ts';
import { dataSources, type PlacedModule, type TextSource } from '../text-sources.ts';
import { windowText } from '../window-text.ts';
import { readHost } from './forms.ts';
import type { Budget, ConstantArgument, ConstantRole } from './model.ts';

type Role = Extract<ConstantRole, 'path' | 'host' | 'environment'>;

/** Texts of one module that are kept. */
const KEPT = 100;
/** Characters around an anchor that are read. */
const AROUND = 120;

const ANCHORS: readonly { readonly role: Role; readonly anchor: string }[] = [
  { role: 'host', anchor: '://' },
  ...['/etc/', '/var/', '/tmp/', '/proc/', '/sys/', '/run/', '/home/', '/root/', '/opt/', '/mnt/', '/data/', '/dev/'].map((anchor) => ({ role: 'path' as const, anchor })),
  ...['_TOKEN', '_KEY', '_SECRET', '_PASSWORD', '_URL', '_URI', '_HOST', '_PORT', '_DSN', '_ENDPOINT'].map((anchor) => ({ role: 'environment' as const, anchor })),
];
const FORMS: Readonly<Record<Role, RegExp>> = {
  host: /[a-z][a-z0-9+.-]{1,15}:\/\/[A-Za-z0-9_.:@[\]-]{3,100}/g,
  path: /\/[A-Za-z0-9_.@+-]+(?:\/[A-Za-z0-9_.@+-]+)+/g,
  environment: /(?<![A-Za-z0-9_])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![a-z0-9_])/g,
};
const search = joinSearch(() => ANCHORS.map(({ anchor }) => asciiBytes(anchor)));
const PRINTABLE = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x20 && byte < 0x7f ? byte : 10));
/** Where toolchains were built, and source files that messages name. */
const OF_TOOLCHAINS = /^\/(?:rustc|usr\/local\/go|emsdk|home\/runner|root\/\.cargo)\/|\.(?:rs|go|c|cc|cpp|h|hpp|zig|swift|py|js|ts)$/;
/** What is in nearly every program and says nothing of where it goes. */
const SCHEMES_OF_DOCUMENTS = /^https?:\/\/(?:www\.w3\.org|schemas?\.|json-schema\.org|docs\.|github\.com|bugs\.|crbug\.com|developer\.mozilla|llvm\.org|emscripten\.org|rust-lang\.org)/;

/** Texts in data segments of the forms that imports take: by role the import that takes them. All with low confidence. */
export function mentions(placed: PlacedModule, takers: ReadonlyMap<ConstantRole, string>, budget: Budget): readonly ConstantArgument[] {
  const found = new Map<string, ConstantArgument>();
  for (const source of dataSources([placed])) {
    search.search(source.bytes, (literal, at) => {
      const { role } = ANCHORS[literal]!;
      const taker = takers.get(role);
      if (taker === undefined || found.size >= KEPT || --budget.places < 0) return;
      const read = readAround(source, at, role);
      if (read !== null && !found.has(read.text)) found.set(read.text, { import: taker, role, text: read.text, confidence: 'low', location: source.locate(read.start, read.text.length) });
    });
  }
  return [...found.values()];
}

/** The whole text of the form around an anchor. */
function readAround(source: TextSource, at: number, role: Role): { readonly text: string; readonly start: number } | null {
  const from = Math.max(0, at - AROUND);
  const text = windowText(source.bytes.subarray(from, at + AROUND), PRINTABLE);
  for (const match of text.matchAll(FORMS[role])) {
    const start = from + match.index;
    if (start > at || start + match[0].length <= at) continue;
    // What goes on beyond the window is read at another anchor, or is several texts without an end.
    if (match.index + match[0].length === text.length && text.length === at + AROUND - from) return null;
    if (role === 'host' ? readHost(match[0]) === null || SCHEMES_OF_DOCUMENTS.test(match[0]) : OF_TOOLCHAINS.test(match[0])) return null;
    return { text: match[0], start };
  }
  return null;
}
