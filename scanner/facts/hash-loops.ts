import type { Code, Module } from '../wasm/module.ts';
import { walkBody } from '../wasm/walk-body.ts';

/**
 * Functions with the shape of a proof-of-work search: a loop that hashes, counts something up in memory, and compares two values from
 * memory as unsigned numbers. Ascending; empty where less than 12 % of the instructions work on bits.
 */
export function hashLoops(module: Module): readonly number[] {
  const { code, importedFunctions } = module;
  if (code === null || bitShare(code) <= BIT_SHARE) return [];
  const kernels = hashKernels(code, importedFunctions);
  const callers = callersOf(code, kernels);
  const hashing = new Set([...kernels, ...callers]);
  const candidates = new Set([...hashing, ...callersOf(code, callers)]);
  return [...candidates].sort((a, b) => a - b).slice(0, WALKED).filter((index) => searches(module, code, { index, hashing, own: kernels.has(index) }));
}

/** Share of bit operations: honest programs that are not about cryptography have below 8 %. */
const BIT_SHARE = 0.12;
/** A hash function at work: so many bit operations, and so many for each byte of code. */
const KERNEL_OPERATIONS = 200;
const KERNEL_DENSITY = 0.09;
/** Functions read one by one. */
const WALKED = 500;

function bitShare({ bitOperations, instructions }: Code): number {
  return bitOperations.reduce((sum, count) => sum + count, 0) / Math.max(1, instructions);
}

function hashKernels({ bitOperations, bodyLength, functions }: Code, imported: number): ReadonlySet<number> {
  const kernels = new Set<number>();
  for (let body = 0; body < functions; body++) {
    if (bitOperations[body]! >= KERNEL_OPERATIONS && bitOperations[body]! >= KERNEL_DENSITY * bodyLength[body]!) kernels.add(imported + body);
  }
  return kernels;
}

function callersOf({ callEdges }: Code, called: ReadonlySet<number>): ReadonlySet<number> {
  const callers = new Set<number>();
  for (let at = 0; at < callEdges.length; at += 2) if (called.has(callEdges[at + 1]!)) callers.add(callEdges[at]!);
  return callers;
}

interface Candidate {
  readonly index: number;
  /** Functions whose call is hashing. */
  readonly hashing: ReadonlySet<number>;
  /** It hashes itself. */
  readonly own: boolean;
}

function searches(module: Module, code: Code, { index, hashing, own }: Candidate): boolean {
  const shape = new LoopShape(hashing, own);
  walkBody(module, code, index - module.importedFunctions, (opcode, operand) => shape.see(opcode, operand));
  return shape.found;
}

const HASHES = 1;
const COUNTS = 2;
const COMPARES = 4;
const ALL = HASHES | COUNTS | COMPARES;

/** Instructions back in which the other operand of a comparison is looked for. */
const NEAR = 5;

/** What the open loops of one function do; what an inner loop does, its outer one does too. */
class LoopShape {
  found = false;
  readonly #hashing: ReadonlySet<number>;
  readonly #own: boolean;
  /** For each open block what was seen in it, -1 for blocks that are no loop. */
  readonly #open: number[] = [];
  #recent: number[] = [];

  constructor(hashing: ReadonlySet<number>, own: boolean) {
    this.#hashing = hashing;
    this.#own = own;
  }

  see(opcode: number, operand: number): void {
    if (opcode === LOOP) this.#open.push(this.#own ? HASHES : 0);
    else if (opcode === BLOCK || opcode === IF) this.#open.push(-1);
    else if (opcode === END) this.#close();
    else this.#note(this.#seenIn(opcode, operand));
    this.#recent = [...this.#recent.slice(1 - NEAR), opcode];
  }

  #seenIn(opcode: number, operand: number): number {
    if (opcode === CALL) return this.#hashing.has(operand) ? HASHES : 0;
    if (isStore(opcode)) return this.#recent.some((one) => one === I32_ADD || one === I64_ADD) && this.#recent.some(isConstant) ? COUNTS : 0;
    return isUnsignedOrder(opcode) && isLoad(this.#recent.at(-1) ?? 0) && this.#recent.slice(0, -1).some(isLoad) ? COMPARES : 0;
  }

  #note(what: number): void {
    if (what === 0) return;
    const loop = this.#open.findLastIndex((seen) => seen >= 0);
    if (loop < 0) return;
    this.#open[loop]! |= what;
    if (this.#open[loop] === ALL) this.found = true;
  }

  #close(): void {
    const seen = this.#open.pop() ?? -1;
    if (seen > 0) this.#note(seen);
  }
}

const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const END = 0x0b;
const CALL = 0x10;
const I32_ADD = 0x6a;
const I64_ADD = 0x7c;

function isConstant(opcode: number): boolean {
  return opcode === 0x41 || opcode === 0x42;
}

/** i32.load to i64.load32_u. */
function isLoad(opcode: number): boolean {
  return opcode >= 0x28 && opcode <= 0x35;
}

function isStore(opcode: number): boolean {
  return opcode >= 0x36 && opcode <= 0x3e;
}

/** lt_u, gt_u, le_u, ge_u of either width. */
function isUnsignedOrder(opcode: number): boolean {
  return UNSIGNED_ORDER.has(opcode);
}

const UNSIGNED_ORDER: ReadonlySet<number> = new Set([0x49, 0x4b, 0x4d, 0x4f, 0x54, 0x56, 0x58, 0x5a]);
