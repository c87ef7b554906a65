import type { Component } from '../wasm/component.ts';
import { parseJson, textField } from '../wasm/custom/read.ts';
import type { DependencyListContent } from '../wasm/custom/dependency-list.ts';
import { PROBLEM_EFFECTS } from '../wasm/error.ts';
import { LIMITS } from '../wasm/limits.ts';
import type { Problem } from '../problem.ts';
import { isRecord } from '../is-record.ts';
import type { CustomFact, Dependency } from './facts.ts';
import { pathDependencies } from './dependencies-paths.ts';
import { isSbomSection, sbomDependencies } from './dependencies-sbom.ts';
import { goDependencies } from './go-build-info.ts';
import type { Inflate } from './inflate.ts';
import { notRead } from './not-read.ts';
import { customPath, customSources, dataSources } from './text-sources.ts';
import type { PlacedModule } from './text-sources.ts';

/** What dependencies are read from. */
export interface DependencyInput {
  readonly modules: readonly PlacedModule[];
  readonly component: Component | null;
  readonly customs: readonly CustomFact[];
  /** Without it the embedded list of a Rust binary stays unread, which is said in a problem. */
  readonly inflate: Inflate | null;
}

export interface DependencyFacts {
  /** Sorted by ecosystem, name, version; each once, with the strongest evidence. */
  readonly dependencies: readonly Dependency[];
  /**
   * Degraded: lists that could not be read, so that their absence is not taken for "none"; who leaves a list out altogether
   * hides as much. Unanalysed: a limit was passed, so that an expression of a policy would look at half of what there is.
   */
  readonly problems: readonly Problem[];
}

const EVIDENCE: Readonly<Record<Dependency['evidence'], number>> = { 'embedded-list': 0, 'build-info': 1, manifest: 2, path: 3, banner: 4 };

/**
 * Packages the artifact was built from: embedded lists, Go build information, manifests of packages in the files of an embedded
 * interpreter, source paths in panic messages and debug sections, and the banners by which libraries name themselves.
 */
export function collectDependencies(input: DependencyInput): DependencyFacts {
  const found = new Map<string, Dependency>();
  const problems: Problem[] = [];
  const stops = new Map<string, Problem>();
  const stop = (message: string, place: Place) => {
    if (!stops.has(message)) stops.set(message, notRead(message, place));
  };
  const add = (dependency: Dependency) => {
    const key = [dependency.ecosystem, dependency.name, dependency.version].join('\0');
    const known = found.get(key);
    if (known ? EVIDENCE[dependency.evidence] < EVIDENCE[known.evidence] : found.size < LIMITS.dependencies) found.set(key, dependency);
    else if (!known) stop(TOO_MANY, placeOf(dependency));
  };
  const inflating = { inflate: input.inflate, left: LIMITS.inflatedBytes };
  for (const custom of input.customs) {
    if (custom.content.kind !== 'dependency-list') continue;
    const read = readList(custom, custom.content, inflating);
    if (Array.isArray(read)) read.forEach(add);
    else problems.push(read);
  }
  for (const placed of input.modules) for (const dependency of goDependencies(placed, (location) => stop(TOO_MANY_TEXTS, placeOf({ location })))) add(dependency);
  const budget = { left: LIMITS.dependencyPaths, exhaust: (place: Place) => stop(TOO_MANY_PATHS, place) };
  for (const source of dataSources(input.modules)) pathDependencies(source, budget, add);
  for (const source of customSources(input.modules, input.component)) {
    if (isSbomSection(source.section)) for (const dependency of sbomDependencies(source)) add(dependency);
    pathDependencies(source, budget, add);
  }
  return { dependencies: told(found), problems: [...stops.values(), ...problems] };
}

/** Sorted; a name without a version says nothing where the version is known from elsewhere. */
function told(found: ReadonlyMap<string, Dependency>): Dependency[] {
  const versioned = new Set([...found.values()].filter(({ version }) => version !== '').map(({ ecosystem, name }) => `${ecosystem} ${name}`));
  const sorted = [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dependency]) => dependency);
  return sorted.filter(({ ecosystem, name, version }) => version !== '' || !versioned.has(`${ecosystem} ${name}`));
}

const TOO_MANY = `Too many dependencies: more than ${LIMITS.dependencies}`;
const TOO_MANY_TEXTS = 'Too many texts that look like build information of Go: not all were read';
const TOO_MANY_PATHS = `Too many source paths: more than ${LIMITS.dependencyPaths}`;

/** Where a limit was passed. */
type Place = Parameters<typeof notRead>[1];

function placeOf({ location }: Pick<Dependency, 'location'>): Place {
  const section = /custom\[\d+\] (.*)$/s.exec(location.path)?.[1];
  return { source: { from: section === undefined ? 'data' : 'custom', section: section ?? '', locate: () => location }, at: 0 };
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** cargo-auditable: packages with name, version, and `kind: build` for those that ran at build time only. */
function readList(custom: CustomFact, { compressed }: DependencyListContent, inflating: Inflating): Dependency[] | Problem {
  if (!inflating.inflate) return unread(custom, 'no means to inflate it');
  let json: unknown;
  try {
    const bytes = inflateWithin(compressed, inflating.inflate, inflating);
    if (!bytes) return unread(custom, 'damaged or too long');
    json = parseJson(strict.decode(bytes));
  } catch (error) {
    return unread(custom, error instanceof Error ? error.message : 'damaged data');
  }
  if (!isRecord(json) || !Array.isArray(json['packages'])) return unread(custom, 'no list of packages inside');
  const location = { path: customPath(custom.path, custom.index, custom.name), offset: custom.offset, length: custom.length };
  return json['packages'].filter(isRecord).filter((item) => item['root'] !== true && item['kind'] !== 'build').flatMap((item) => {
    const [name, version] = [textField(item, 'name'), textField(item, 'version')];
    return name && version ? [{ name, version, ecosystem: 'cargo', evidence: 'embedded-list', location } satisfies Dependency] : [];
  });
}

/** What all lists of one artifact may inflate to together; thousands of small ones are as much work as a large one. */
interface Inflating { readonly inflate: Inflate | null; left: number }

/** Deflate makes at most 1,032 bytes of one (RFC 1951: a match of 258 bytes in two bits). */
const MOST_INFLATION = 1032;

function inflateWithin(compressed: Uint8Array, inflate: Inflate, budget: { left: number }): Uint8Array | null {
  const most = budget.left;
  // What fails has cost something too, and nobody says how much.
  budget.left -= Math.min(most, compressed.length * MOST_INFLATION);
  const bytes = most > 0 ? inflate(compressed, most) : null;
  if (bytes) budget.left = most - bytes.length;
  return bytes;
}

function unread(custom: CustomFact, why: string): Problem {
  const code = 'damaged-custom-section';
  return { code, message: `Dependency list not read: ${why}`, offset: custom.offset, section: `custom:${custom.name}`, effect: PROBLEM_EFFECTS[code] };
}
