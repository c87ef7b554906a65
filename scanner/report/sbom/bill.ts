import { compareText } from '../../compare-text.ts';
import type { CustomFact, Dependency, Facts, Tool } from '../../facts/facts.ts';
import type { Confidence } from '../../severity.ts';
import type { Component } from '../../wasm/component.ts';
import type { ByteRange } from '../../wasm/module.ts';
import { packageUrl } from './package-url.ts';

/** What some artifacts are made of, before it takes the form of a standard. */
export interface Bill {
  /** In the order given; equal bytes once. */
  readonly artifacts: readonly Part[];
  /** ISO 8601; null: not said. */
  readonly timestamp: string | null;
  /** Version of wasmgate. */
  readonly version: string;
  /** A UUID made of the digests and the version, so that the same bytes give the same document. */
  readonly uuid: string;
}

/** A module or component: the artifact itself, or one inside it. */
export interface Part {
  /** Unique in the bill: digest of the artifact, and place in it. */
  readonly ref: string;
  readonly name: string;
  /** '' for the artifact itself, else as in ModuleFact. */
  readonly path: string;
  readonly kind: 'module' | 'component' | 'other';
  /** SHA-256 of its bytes, hexadecimal: for a nested module that of the module as a file of its own. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** How often the component instantiates it; null: not known. */
  readonly instances: number | null;
  readonly tools: readonly Tool[];
  readonly parts: readonly Part[];
  readonly packages: readonly PackageInside[];
}

export interface PackageInside {
  readonly ref: string;
  readonly dependency: Dependency;
  /** Package URL; null where the name allows none. */
  readonly purl: string | null;
  readonly confidence: Confidence;
}

/** What the shell lends. */
export interface BillOptions {
  /** SHA-256, hexadecimal. */
  readonly hash: (bytes: Uint8Array) => string;
  readonly timestamp: string | null;
  readonly version: string;
}

/** Collects parts and packages of artifacts. Packages stand with the innermost part whose bytes name them. */
export function billOf(artifacts: readonly Facts[], { hash, timestamp, version }: BillOptions): Bill {
  const unique = [...Map.groupBy(artifacts, ({ digest }) => digest).values()].map(([first]) => first!);
  const seed = hash(new TextEncoder().encode(['wasmgate', version, ...unique.map(({ digest }) => digest).sort(compareText)].join('\n')));
  return { artifacts: unique.map((facts) => artifactPart(facts, hash)), timestamp, version, uuid: uuidOf(seed) };
}

/** How sure a kind of evidence is: a list, build information or a manifest was written to be read, the rest is inferred. */
export function confidenceOf({ evidence, version }: Pick<Dependency, 'evidence' | 'version'>): Confidence {
  if (evidence === 'path' || evidence === 'banner') return version === '' ? 'low' : 'medium';
  return 'high';
}

interface Inside {
  readonly facts: Facts;
  readonly hash: BillOptions['hash'];
  readonly names: ReadonlyMap<string, string>;
  readonly packages: ReadonlyMap<string, readonly Dependency[]>;
  readonly tools: ReadonlyMap<string, readonly Tool[]>;
  readonly instances: ReadonlyMap<string, number>;
}

function artifactPart(facts: Facts, hash: BillOptions['hash']): Part {
  const packages = Map.groupBy(facts.dependencies, ({ location }) => holderOf(location.path));
  const instances = new Map((facts.composition?.modules ?? []).map(({ path, instances: count }) => [path, count]));
  const inside: Inside = { facts, hash, names: namesOf(facts.customs), packages, tools: Map.groupBy(facts.tools, ({ path }) => path), instances };
  const kind = facts.kind === 'module' ? 'module' : facts.component === null ? 'other' : 'component';
  const whole = { path: '', kind, sha256: facts.digest.replace('sha256:', ''), size: facts.size, name: facts.name } as const;
  return { ...about(whole, inside), parts: facts.component === null ? [] : nested(facts.component, '', inside) };
}

/** Nesting is bounded by LIMITS.componentDepth. */
function nested({ modules, components }: Component, path: string, inside: Inside): Part[] {
  const lead = path === '' ? '' : `${path}/`;
  return [
    ...modules.map(({ range }, index) => ({ ...about(cut(range, { path: `${lead}module[${index}]`, kind: 'module' }, inside), inside), parts: [] })),
    ...components.map((component, index) => {
      const place = `${lead}component[${index}]`;
      return { ...about(cut(component.range, { path: place, kind: 'component' }, inside), inside), parts: nested(component, place, inside) };
    }),
  ];
}

type Whole = Pick<Part, 'path' | 'kind' | 'sha256' | 'size' | 'name'>;

function cut({ offset, length }: ByteRange, place: Pick<Part, 'path' | 'kind'>, { facts, hash, names }: Inside): Whole {
  return { ...place, sha256: hash(facts.bytes.subarray(offset, offset + length)), size: length, name: names.get(place.path) ?? place.path };
}

function about(whole: Whole, { facts, packages, tools, instances }: Inside): Omit<Part, 'parts'> {
  const ref = whole.path === '' ? facts.digest : `${facts.digest}#${whole.path}`;
  const inside = (packages.get(whole.path) ?? []).map((dependency): PackageInside => ({
    ref: `${ref}#${dependency.ecosystem}/${dependency.name}@${dependency.version}`, dependency, purl: packageUrl(dependency), confidence: confidenceOf(dependency),
  }));
  return { ...whole, ref, instances: instances.get(whole.path) ?? null, tools: tools.get(whole.path) ?? [], packages: inside };
}

/** The part that a location stands in: `component[0]/module[1]/data[7]` is in `component[0]/module[1]`. */
function holderOf(path: string): string {
  return /^(?:(?:component|module)\[\d+\](?:\/|$))*/.exec(path)![0].replace(/\/$/, '');
}

/** Names that parts give themselves. */
function namesOf(customs: readonly CustomFact[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { path, content } of customs) {
    const name = content.kind === 'name' ? content.module : content.kind === 'component-name' ? content.component : null;
    if (name !== null && name !== '' && !names.has(path)) names.set(path, name);
  }
  return names;
}

/** RFC 9562, version 8: whatever the maker likes, here a hash. */
function uuidOf(seed: string): string {
  return `${seed.slice(0, 8)}-${seed.slice(8, 12)}-8${seed.slice(13, 16)}-${'89ab'[Number.parseInt(seed[16]!, 16) % 4]}${seed.slice(17, 20)}-${seed.slice(20, 32)}`;
}
