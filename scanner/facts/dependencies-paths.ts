import { LIMITS } from '../wasm/limits.ts';
import { BANNER_ANCHORS, readBanner } from './dependencies-banners.ts';
import type { Dependency } from './facts.ts';
import { joinSearch } from './joined-search.ts';
import { asciiBytes } from './literal-search.ts';
import type { TextSource } from './text-sources.ts';

/** How many texts may still be read, and who is told where that was not enough. */
export interface PathBudget {
  left: number;
  readonly exhaust: (place: { readonly source: TextSource; readonly at: number }) => void;
}

/** What a text says, and how long the part of it is that says so, from how many bytes before the anchor. */
interface Read extends Pick<Dependency, 'ecosystem' | 'name' | 'version' | 'evidence'> {
  readonly before?: number;
  readonly length: number;
}

type Reader = (after: string, before: string) => Read | null;

/** Longest text that is looked at after an anchor, and before it. */
const AFTER = 300;
const BEFORE = 120;
const VERSION = String.raw`(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z][0-9A-Za-z.+-]*)?)`;
const REGISTRY = new RegExp(String.raw`^registry[/\\]src[/\\]{1,2}[^/\\]{1,100}-[0-9a-f]{16}[/\\]{1,2}([A-Za-z0-9_][A-Za-z0-9_-]*?)-${VERSION}[/\\]`);
const VENDORED = new RegExp(String.raw`^/rust/deps/([A-Za-z0-9_][A-Za-z0-9_-]*?)-${VERSION}/`);
const RUSTC = /^[/\\]rustc[/\\]{1,2}([0-9a-f]{40})[/\\]/;
/** pnpm writes scope and name with a plus between them, and what a package is resolved beside after the version. */
const PNPM = new RegExp(String.raw`^node_modules/\.pnpm/(@[a-z0-9._-]+\+)?([a-z0-9._-]+)@${VERSION}(?:[_(][^/]{0,200})?/`);
const NODE = /^node_modules\/((?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]{0,100})\//;
const DIST_INFO = /([A-Za-z0-9][A-Za-z0-9._]*)-(\d[A-Za-z0-9.!+_]*)$/;
const METADATA = /^Metadata-Version: [\d.]+\r?\nName: ([A-Za-z0-9][A-Za-z0-9._-]*)\r?\nVersion: (\d[A-Za-z0-9.!+_-]*)\r?\n/;

const cargo = (pattern: RegExp): Reader => (after) => named(pattern.exec(after), 'cargo', 'path');

const READERS: readonly (readonly [string, Reader])[] = [
  ['registry/src/', cargo(REGISTRY)],
  ['registry\\src\\', cargo(REGISTRY)],
  ['/rust/deps/', cargo(VENDORED)],
  ['/rustc/', readRustc],
  ['\\rustc\\', readRustc],
  ['node_modules/', readNode],
  ['.dist-info/', readDistInfo],
  ['Metadata-Version: ', (after) => pypi(named(METADATA.exec(after), 'pypi', 'manifest'))],
  ...BANNER_ANCHORS.map((anchor): [string, Reader] => [anchor, readBanner]),
];

const search = joinSearch(() => READERS.map(([anchor]) => asciiBytes(anchor)));
const loose = new TextDecoder('latin1');

/** Packages by the paths of their sources, by their manifests, and by the banners of libraries, in one source of texts. */
export function pathDependencies(source: TextSource, budget: PathBudget, add: (dependency: Dependency) => void): void {
  // The same few dozen paths occur thousands of times.
  const seen = new Set<string>();
  search.search(source.bytes, (anchor, start) => {
    if (budget.left-- <= 0) return budget.exhaust({ source, at: start });
    const text = (from: number, to: number): string => loose.decode(source.bytes.subarray(Math.max(from, 0), to));
    const read = READERS[anchor]![1](text(start, start + AFTER), text(start - BEFORE, start));
    if (read === null) return;
    const { before = 0, length, ...dependency } = read;
    const key = `${dependency.ecosystem} ${dependency.name} ${dependency.version} ${dependency.evidence}`;
    if (seen.has(key)) return;
    // Beyond, the set only saves less: what is told apart is counted where it is added.
    if (seen.size < LIMITS.dependencies) seen.add(key);
    add({ ...dependency, location: source.locate(start - before, length) });
  });
}

function named(match: RegExpExecArray | null, ecosystem: Dependency['ecosystem'], evidence: Dependency['evidence']): Read | null {
  return match && { name: match[1]!, version: match[2]!, ecosystem, evidence, length: match[0].length };
}

function readRustc(after: string): Read | null {
  const match = RUSTC.exec(after);
  return match && { name: 'rustc', version: match[1]!, ecosystem: 'other', evidence: 'path', length: match[0].length };
}

/** Bundlers name the file that each part comes from; only pnpm's folders tell the version. */
function readNode(after: string): Read | null {
  const exact = PNPM.exec(after);
  const about = { ecosystem: 'npm', evidence: 'path' } as const;
  if (exact) return { ...about, name: (exact[1] ?? '').replace('+', '/') + exact[2]!, version: exact[3]!, length: exact[0].length };
  const name = NODE.exec(after);
  return name && { ...about, name: name[1]!, version: '', length: name[0].length };
}

/** `site-packages/NAME-VERSION.dist-info/`: "Recording installed projects" of the Python packaging specifications. */
function readDistInfo(_after: string, before: string): Read | null {
  const match = DIST_INFO.exec(before);
  return pypi(match && { name: match[1]!, version: match[2]!, ecosystem: 'pypi', evidence: 'path', before: match[0].length, length: match[0].length + '.dist-info/'.length });
}

/** Names are compared in the normal form of PEP 503. */
function pypi(read: Read | null): Read | null {
  return read && { ...read, name: read.name.toLowerCase().replace(/[-_.]+/g, '-') };
}
