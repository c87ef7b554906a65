import type { ComponentSort } from '../component.ts';
import type { FeatureTally } from '../feature-tally.ts';
import { LIMITS } from '../limits.ts';
import type { Anomaly, ByteRange } from '../module.ts';
import { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import type { ItemType, Spaces } from './model.ts';
import { uniqueKey } from './names.ts';
import type { ResourceLinks } from './resource-links.ts';

/** Counts what a whole artifact costs, so that small parts in great numbers stay bounded. */
export class Budget {
  #parts = 0;
  #work = 0;
  #items = 0;

  /** One more module or component. Throws DecodeError. */
  addPart(reader: ByteReader, offset: number): void {
    if (++this.#parts > LIMITS.componentParts) reader.fail('limit-exceeded', `Too many nested modules and components: more than ${LIMITS.componentParts}`, offset);
  }

  /** Sections, definitions and segments that stay in memory. Throws DecodeError. */
  addItems(reader: ByteReader, count = 1): void {
    this.#items += count;
    if (this.#items > LIMITS.nestedItems) reader.fail('limit-exceeded', `Too many sections and definitions in all parts together: more than ${LIMITS.nestedItems}`);
  }

  /** `steps` look-ups. Throws DecodeError. */
  spend(reader: ByteReader, steps = 1): void {
    this.#work += steps;
    if (this.#work > LIMITS.componentWork) reader.fail('limit-exceeded', `Too much work to match imports with arguments: more than ${LIMITS.componentWork} names`);
  }
}

/** What every part of one component notes while it is read. */
export interface Notes {
  readonly features: FeatureTally;
  readonly anomalies: Anomaly[];
  readonly budget: Budget;
  /** One for a whole artifact. */
  readonly resources: ResourceLinks;
  /** Offset of the first type of flags. */
  firstFlags: number | null;
}

/** Notes a form that only older drafts wrote. */
export function noteHistoric(notes: Notes, message: string, range: ByteRange): void {
  if (notes.anomalies.length < LIMITS.anomalies) notes.anomalies.push({ kind: 'historic-encoding', message, offset: range.offset, length: range.length });
}

/** The index spaces of a component, or of a component or instance type. They grow as definitions are read. */
export class Scope {
  readonly parent: Scope | null;
  readonly notes: Notes;
  /** Types inside a type declaration may not define resources, among others. */
  readonly declaration: boolean;
  readonly imports = new Map<string, ItemType>();
  readonly exports = new Map<string, ItemType>();
  readonly importNames = new UniqueNames('import');
  readonly exportNames = new UniqueNames('export');
  readonly #spaces = new Map<ComponentSort, unknown[]>();
  #core: ModuleDraft | null = null;

  constructor(notes: Notes, parent: Scope | null, kind: 'component' | 'declaration') {
    this.notes = notes;
    this.parent = parent;
    this.declaration = kind === 'declaration';
  }

  size(sort: ComponentSort): number {
    return this.#spaces.get(sort)?.length ?? 0;
  }

  /** The item at a valid index. */
  at<S extends ComponentSort>(sort: S, index: number): Spaces[S] {
    return this.#spaces.get(sort)![index] as Spaces[S];
  }

  /** Appends to an index space. Throws DecodeError when it is full. */
  add<S extends ComponentSort>(reader: ByteReader, sort: S, item: Spaces[S]): void {
    let space = this.#spaces.get(sort);
    if (!space) this.#spaces.set(sort, (space = []));
    if (space.length >= LIMITS.componentItems) reader.fail('limit-exceeded', `Too many definitions of sort ${sort}: more than ${LIMITS.componentItems}`);
    this.notes.budget.addItems(reader);
    space.push(item);
  }

  /** Appends an import or export to its index space; values are only counted. */
  addItem(reader: ByteReader, { sort, type }: ItemType): void {
    this.add(reader, sort, type);
  }

  /** Core types, in the form that the core readers work on; module types stand in it as empty function types. */
  get core(): ModuleDraft {
    return (this.#core ??= new ModuleDraft(new Uint8Array(0)));
  }

  /** Takes over what core types used; to be called once, when the scope is complete. */
  close(): void {
    for (const use of this.#core?.features.list() ?? []) this.notes.features.add(use.feature, use.offset, use.count);
  }
}

/** Reads an index and holds it against its index space. Throws DecodeError. */
export function readItem<S extends ComponentSort>(reader: ByteReader, scope: Scope, sort: S): { index: number; item: Spaces[S] } {
  const start = reader.position;
  const index = reader.u32();
  const count = scope.size(sort);
  if (index >= count) reader.fail('invalid-index', `Unknown ${sort} ${index}: there are ${count}`, start);
  return { index, item: scope.at(sort, index) };
}

/** The names of one list, which must be strongly unique. */
export class UniqueNames {
  readonly #what: string;
  readonly #seen = new Set<string>();

  constructor(what: string) {
    this.#what = what;
  }

  /** Throws DecodeError when the name clashes with an earlier one. */
  add(reader: ByteReader, name: string, offset: number): void {
    const key = uniqueKey(name);
    if (this.#seen.has(key)) reader.fail('duplicate-name', `Duplicate ${this.#what} name "${name}"`, offset);
    this.#seen.add(key);
  }
}
