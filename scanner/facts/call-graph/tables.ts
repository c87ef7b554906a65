import { TABLE_CHANGES, type ElementSegment, type Module } from '../../wasm/module.ts';
import type { Exported } from './exported.ts';

/** What a table can hold. */
export interface TableSpace {
  /** Segments whose functions are or can be put into it. */
  readonly segments: readonly ElementSegment[];
  /** Tables whose entries can be copied into it. */
  readonly copies: readonly number[];
  /** The function that every slot starts with; -1: none. */
  readonly initial: number;
  /** Somebody else sees it: it is imported or exported. */
  readonly visible: boolean;
  /** It can hold any function whose reference exists: code puts references into it, others see it, or a segment computes them. */
  readonly open: boolean;
  /** Its contents are the active segments and nothing ever changes them; their places are known. */
  readonly closed: boolean;
}

/** Tables in the order of their index space, imported ones first. */
export function tableSpaces(module: Module, exported: Exported): TableSpace[] {
  const imported = module.imports.filter(({ type }) => type.kind === 'table').length;
  const drafts = Array.from({ length: imported + module.tables.length }, (_, index) => new Draft(index < imported, module.tables[index - imported]?.init ?? null));
  for (const index of exported.table) drafts[index]?.show();
  const computed = new Set(module.elements.filter(({ functions }) => functions.includes(COMPUTED)));
  for (const segment of module.elements) if (segment.mode === 'active') drafts[segment.table]?.place(segment, computed);
  const changes = module.code?.tableChanges ?? new Uint32Array();
  for (let at = 0; at < changes.length; at += 3) {
    const [change, table, source] = [changes[at], drafts[changes[at + 1]!], changes[at + 2]!];
    if (change === TABLE_CHANGES.set) table?.put();
    else if (change === TABLE_CHANGES.copy) table?.copy(source);
    else table?.init(module.elements[source]!, computed);
  }
  return drafts;
}

class Draft implements TableSpace {
  readonly initial: number;
  visible: boolean;
  open: boolean;
  closed: boolean;
  readonly #segments = new Set<ElementSegment>();
  readonly #copies = new Set<number>();

  constructor(imported: boolean, init: Module['tables'][number]['init']) {
    this.visible = imported;
    this.initial = init?.kind === 'func' ? init.index : -1;
    this.open = imported || (init !== null && init.kind !== 'func' && init.kind !== 'null');
    this.closed = !imported && (init === null || init.kind === 'null');
  }

  get segments(): readonly ElementSegment[] {
    return [...this.#segments];
  }

  get copies(): readonly number[] {
    return [...this.#copies];
  }

  show(): void {
    this.visible = true;
    this.put();
  }

  put(): void {
    this.open = true;
    this.closed = false;
  }

  copy(source: number): void {
    this.#copies.add(source);
    this.closed = false;
  }

  init(segment: ElementSegment, computed: ReadonlySet<ElementSegment>): void {
    this.#add(segment, computed);
    this.closed = false;
  }

  /** An active segment. A start that is no constant leaves the set of functions known, and not their slots. */
  place(segment: ElementSegment, computed: ReadonlySet<ElementSegment>): void {
    this.#add(segment, computed);
    if (segment.start?.kind !== 'i32' && segment.start?.kind !== 'i64') this.closed = false;
  }

  #add(segment: ElementSegment, computed: ReadonlySet<ElementSegment>): void {
    this.#segments.add(segment);
    if (computed.has(segment)) this.put();
  }
}

/** Entry of a segment that is no plain `ref.func` or null. */
const COMPUTED = -2;

/**
 * Functions by slot of a closed table, -1 where there is none: later segments replace earlier ones. Null where the highest slot lies
 * so far out that a column would cost much more than the segments.
 */
export function slotsOf({ segments }: TableSpace): Int32Array | null {
  let entries = 0;
  let end = 0;
  for (const { functions, start } of segments) {
    entries += functions.length;
    end = Math.max(end, startOf(start) + functions.length);
  }
  if (end > 4 * entries + SPARE) return null;
  const slots = new Int32Array(end).fill(-1);
  for (const { functions, start } of segments) slots.set(functions, startOf(start));
  return slots;
}

const SPARE = 65_536;

/** As a table address: without sign. */
function startOf(start: ElementSegment['start']): number {
  return start?.kind === 'i32' ? Number(BigInt.asUintN(32, start.value)) : start?.kind === 'i64' ? Number(BigInt.asUintN(64, start.value)) : 0;
}
