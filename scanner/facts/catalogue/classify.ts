import type { Classification } from '../facts.ts';
import { exactRows, findRow, moduleAbi, type Hit, type Rank } from './lookup.ts';
import { normaliseImport, type NormalName } from './normalise.ts';
import type { Row } from './rows.ts';

/** What has to be known of the binary before a name can be classified. */
export interface Context {
  /** ABIs recognised in the module, see scanner/facts/abi.ts. */
  readonly abis: ReadonlySet<string>;
  /** Whether an imported memory is shared between threads. */
  readonly shared?: boolean;
}

/**
 * Modules that several ABIs fill, or that anybody may use as a name: their rows count only for an ABI that something else
 * in the binary has shown.
 */
const AMBIGUOUS = new Set(['env', 'a', '', "'", 'types', 'streams', 'wasi:http/outgoing-handler', 'wasi:logging/logging']);
/** ABIs whose rows are such common words, or so wide, that they count only once the ABI was recognised. */
const SHOWN_ELSEWHERE = new Set(['zed', 'hyperlight-wasm']);

/** Tags that the LLVM tool conventions give C++ exceptions and longjmp; a tag carries no call. */
const LINKAGE_TAGS = new Set(['__cpp_exception', '__c_longjmp']);

/** Prefix of the intrinsics that component tooling resolves; the bracketed forms of functions are not among them. */
const INTRINSIC = /^\[(?!method\]|static\]|constructor\])/;

/**
 * What an import lets the guest do. `kind` is the kind of thing imported; for a component the function's import has kind
 * `func`. Names that only a fallback row matches are `unknown`, with ABI null.
 */
export function classify(module: string, name: string, kind: string, context: Context): Classification {
  if (kind === 'memory' || kind === 'table' || kind === 'global') return linkage(module, name, context, kind);
  const normal = normaliseImport(module, name);
  const rank = rankFor(context.abis);
  const built = intrinsic(normal, rank);
  if (built === null && normal.name.startsWith('[resource-drop]') && isInterface(normal.module)) return resourceDrop(normal.module, rank);
  const hit = built ?? plain(normal, rank) ?? (normal.retry ? findRow(module, name, rank) : null) ?? critical(normal);
  if (hit) return classification(hit.row);
  if (kind === 'tag' && module === 'env' && LINKAGE_TAGS.has(name)) return { capability: 'runtime-support', risk: 'none', abi: null, note: 'exception tag of the toolchain' };
  return unknown(module, name);
}

/** An import that brings types and no function. */
export function classifyTypes(module: string, context: Context): Classification {
  return { capability: 'runtime-support', risk: 'none', abi: moduleAbi(normaliseImport(module, '').module, rankFor(context.abis)), note: 'types only' };
}

/** Whether the rows of a module count only for an ABI recognised by something else. */
export function needsAbi(module: string): boolean {
  return AMBIGUOUS.has(module);
}

const ranks = new WeakMap<ReadonlySet<string>, Rank>();

/** One function for each set of ABIs. */
function rankFor(abis: ReadonlySet<string>): Rank {
  const known = ranks.get(abis);
  if (known) return known;
  const rank: Rank = ({ abi, module }) => {
    if (abi === 'generic') return 0;
    if (abis.has(abi)) return 2;
    return AMBIGUOUS.has(module) || SHOWN_ELSEWHERE.has(abi) ? 0 : 1;
  };
  ranks.set(abis, rank);
  return rank;
}

function plain({ module, name, alias }: NormalName, rank: Rank): Hit | null {
  const own = findRow(module, name, rank);
  if (alias === null) return own;
  const other = findRow(alias, name, rank);
  return other && other.weight > (own?.weight ?? -1) ? other : own;
}

/** Intrinsics stand in every module that is an interface; the catalogue lists them once, for `$root` and for exported interfaces. */
function intrinsic({ module, name }: NormalName, rank: Rank): Hit | null {
  if (!name.startsWith('[') || !INTRINSIC.test(name)) return null;
  if (module.startsWith('[export]')) return findRow(module, name, rank);
  if (name.startsWith('[resource-drop]') && module !== '$root') return null;
  if (module !== '$root' && !isInterface(module)) return null;
  const hit = findRow('$root', name, rank);
  return hit && hit.row.name !== '*' ? hit : null;
}

/**
 * A name that means starting processes or breaking out in one ABI is not taken for less where no ABI was recognised. Anything
 * milder stays unknown, which is stricter.
 */
function critical({ module, name }: NormalName): Hit | null {
  return findRow(module, name, GRAVE);
}

function resourceDrop(module: string, rank: Rank): Classification {
  return { capability: 'runtime-support', risk: 'none', abi: moduleAbi(module, rank), note: 'drops a handle' };
}

function isInterface(module: string): boolean {
  return module.includes(':') || module === '$root';
}

/** Memories, tables and globals connect modules; they call nothing. */
function linkage(module: string, name: string, context: Context, kind: string): Classification {
  const rank = rankFor(context.abis);
  if (kind === 'memory' && context.shared === true) {
    return { capability: 'threads', risk: 'medium', abi: context.abis.has('wasi-threads') ? 'wasi-threads' : null, note: 'memory shared between threads' };
  }
  const rows = exactRows(module, name);
  const row = rows.find((one) => rank(one) === 2) ?? rows.find((one) => rank(one) === 1);
  return row ? classification(row) : { capability: 'runtime-support', risk: 'none', abi: null, note: null };
}

function classification({ capability, risk, abi, note }: Row): Classification {
  return { capability, risk, abi, note };
}

const GRAVE: Rank = ({ risk, capability }) => (risk === 'critical' || capability === 'process-spawn' ? 1 : 0);
const GENERIC: Rank = ({ abi }) => (abi === 'generic' ? 1 : 0);

function unknown(module: string, name: string): Classification {
  const row = findRow(module, name, GENERIC)?.row;
  return { capability: 'unknown', risk: row?.risk ?? 'high', abi: null, note: row?.note ?? null };
}
