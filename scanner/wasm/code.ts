import type { CodeState } from './code-state.ts';
import { wantedI32, wantedI64 } from './constants.ts';
import { DecodeError } from './error.ts';
import type { ProblemCode } from './error.ts';
import { LIMITS } from './limits.ts';
import { ANY_SLOT, TABLE_CHANGES } from './module.ts';
import { OPCODE_SLOTS, PREFIX_SLOTS, SLOT_IMMEDIATES, slotOf } from './opcodes.ts';
import { readHeapType, readValueType, startsTypeIndex } from './sections/value-types.ts';

/*
 * This file trades the reader object and small functions for speed: the loop below sees every instruction of every
 * body, some 400 MB of code in a second. The rules it keeps instead:
 * - a position variable, one-byte fast paths, and slow paths that return the position through `state.next`;
 * - a fast path may read a byte beyond the body (or undefined beyond the buffer): the test at the top of the loop
 *   refuses a position beyond the end before anything more is read;
 * - cases are literal numbers, those of IMMEDIATES in opcodes.ts, because only literals become a jump table.
 */

/* oxlint-disable max-lines-per-function, max-depth -- one function sees every instruction: see above */

/** Kinds of open blocks. */
const BLOCK = 1;
const LOOP = 2;
const IF = 3;
const ELSE = 4;
const TRY = 5;
const CATCH = 6;
const CATCH_ALL = 7;
const TRY_TABLE = 8;

/** Occurrences and first offsets by slot, of the module being decoded. */
const OPCODE_COUNTS = new Uint32Array(OPCODE_SLOTS);
const OPCODE_OFFSETS = new Uint32Array(OPCODE_SLOTS);

/** Hands over what was counted since the last call, and starts again at zero. */
export function takeOpcodes(): { counts: Uint32Array; firstOffset: Uint32Array } {
  const taken = { counts: OPCODE_COUNTS.slice(), firstOffset: OPCODE_OFFSETS.slice() };
  OPCODE_COUNTS.fill(0);
  OPCODE_OFFSETS.fill(0);
  return taken;
}

/** Integer and, or, xor, shifts and rotations counted since the last `takeOpcodes`. */
export function bitOperations(): number {
  let sum = 0;
  for (let op = 0x71; op <= 0x78; op++) sum += OPCODE_COUNTS[op]! + OPCODE_COUNTS[op + 0x12]!;
  return sum;
}

/** Table index of a `call_ref` in the column of indirect calls. */
const NO_TABLE = 0xffff_ffff;

/** Outermost label taken, where none was. */
const NONE_TAKEN = 0xffff_ffff;

/**
 * Decodes one body: locals, instructions, the final `end` exactly at the end. `params` counts the function's parameters.
 * Throws DecodeError. Core specification 5.4 and 5.5.14.
 */
export const decodeBody = bodyDecoder();

/**
 * The counters are made once and closed over, because the loop is a quarter faster when they are constants of the
 * machine code. Bodies are never decoded inside one another, so one set is enough; it is handed over module by module.
 */
function bodyDecoder(): (state: CodeState, start: number, end: number, params: number) => void {
  const counts = OPCODE_COUNTS;
  const firstOffset = OPCODE_OFFSETS;
  const immediates = SLOT_IMMEDIATES.slice(0, 256);

  return decodeBody;

  function decodeBody(state: CodeState, start: number, end: number, params: number): void {
    const b = state.bytes;
    const functionCount = state.functionCount;
    const globalCount = state.globalCount;
    const plainFlags = state.memoryCount > 0 ? 0x40 : 0;
    let kinds = state.kinds;
    let depth = 0;
    let maxDepth = state.maxDepth;
    state.end = end;
    state.locals = readLocals(state, start);
    const locals = state.locals + params;
    let p = state.next;
    // Where the last two i32.const stand, for the index of an indirect call; depth of the outermost label a branch names, and where the last `br` ends.
    let constant = p;
    let before = p;
    let lowest = NONE_TAKEN;
    let jump = 0;
    let loops = 0;
    state.widestDispatch = 0;

    for (;;) {
      if (p >= end) fail('unexpected-end', p > end ? 'Unexpected end: an instruction crosses the end of its body' : 'Unexpected end: END opcode expected', end);
      const at = p;
      const op = b[p++]!;
      const seen = counts[op]!;
      if (seen === 0) firstOffset[op] = at;
      counts[op] = seen + 1;
      const kind = immediates[op]!;

      if (kind === 2) { // local
        let index = b[p++]!;
        if (index >= 0x80) {
          const second = b[p]!;
          if (second < 0x80) {
            index = (index & 0x7f) | (second << 7);
            p++;
          } else {
            index = u32At(state, p - 1);
            p = state.next;
          }
        }
        if (index >= locals) fail('invalid-index', `Unknown local ${index}: there are ${locals}`, at);
        continue;
      }
      if (kind === 1) continue; // none
      if (kind === 3) { // i32
        before = constant;
        constant = at;
        // No wanted constant fits two bytes.
        if (b[p]! < 0x80) p++;
        else if (b[p + 1]! < 0x80) p += 2;
        else p = longI32(state, p, at);
        continue;
      }
      if (kind === 4) { // memarg
        if (b[p]! < plainFlags) {
          if (b[p + 1]! < 0x80) {
            p += 2;
            continue;
          }
          if (b[p + 2]! < 0x80) {
            p += 3;
            continue;
          }
        }
        p = memarg(state, p);
        continue;
      }

      if (kind >= 7 && kind <= 9) { // label, func, global
        let index = b[p++]!;
        if (index >= 0x80) {
          const second = b[p]!;
          const third = b[p + 1]!;
          if (second < 0x80) {
            index = (index & 0x7f) | (second << 7);
            p++;
          } else if (third < 0x80) {
            index = (index & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
            p += 2;
          } else {
            index = u32At(state, p - 1);
            p = state.next;
          }
        }
        if (kind === 7) {
          if (index > depth) fail('invalid-index', `Unknown label ${index}: ${depth} blocks are open`, at);
          if (depth - index < lowest) lowest = depth - index;
          if (op === 0x0c) jump = p;
        } else if (kind === 8) {
          if (index >= functionCount) fail('invalid-index', `Unknown function ${index}: there are ${functionCount}`, at);
          state.addEdge(index);
        } else if (index >= globalCount) fail('invalid-index', `Unknown global ${index}: there are ${globalCount}`, at);
        continue;
      }

      switch (kind) {
        case 5: // end
          if (depth === 0) {
            if (p !== end) fail('invalid-body', `Malformed body: ${end - p} bytes after its end`, p);
            state.maxDepth = maxDepth;
            return;
          }
          if (kinds[depth] === LOOP) {
            loops--;
            if (jump === at && lowest >= depth && leaving(counts) === state.loopLeaving[depth]) state.addEndless(state.loopAt[depth]!);
            if (state.loopLowest[depth]! < lowest) lowest = state.loopLowest[depth]!;
          }
          depth--;
          break;

        case 6: case 10: case 12: case 26: { // block, if, loop, try
          const type = b[p]!;
          if (type === 0x40 || (type >= 0x7c && type <= 0x7f)) p++;
          else p = blockType(state, p);
          if (++depth >= kinds.length) kinds = deeper(state, at);
          kinds[depth] = kind === 6 ? BLOCK : kind === 12 ? LOOP : kind === 10 ? IF : TRY;
          if (depth > maxDepth) maxDepth = depth;
          if (kind === 12) {
            loops++;
            state.loopAt[depth] = at;
            state.loopLowest[depth] = lowest;
            state.loopLeaving[depth] = leaving(counts);
            lowest = NONE_TAKEN;
          }
          break;
        }

        case 11: // else
          if (depth === 0 || kinds[depth] !== IF) fail('invalid-body', 'Malformed body: else outside of an if', at);
          kinds[depth] = ELSE;
          break;

        case 13: // i64
          if (b[p]! < 0x80) p++;
          else p = longI64(state, p, at);
          break;

        case 14: // label-table
          p = labelTable(state, p, depth);
          if (loops > 0 && state.labels > state.widestDispatch) state.widestDispatch = state.labels;
          break;

        case 15: { // type-table
          const type = indexAt(state, p, state.typeCount, 'type');
          const table = indexAt(state, state.next, state.tableCount, 'table');
          if (table !== 0) state.draft.features.add('reference-types', at);
          p = state.next;
          chosenSlots(state, at, constant, before);
          state.addIndirect(type, table);
          break;
        }

        case 16: // f32
          p += 4;
          break;

        case 17: // f64
          p += 8;
          break;

        case 25: { // try-table
          if (b[p] === 0x40) p++;
          else p = blockType(state, p);
          p = catchClauses(state, p, depth);
          if (++depth >= kinds.length) kinds = deeper(state, at);
          kinds[depth] = TRY_TABLE;
          if (depth > maxDepth) maxDepth = depth;
          break;
        }

        case 27: // catch
          if (depth === 0 || (kinds[depth] !== TRY && kinds[depth] !== CATCH)) fail('invalid-body', 'Malformed body: catch outside of a try', at);
          kinds[depth] = CATCH;
          indexAt(state, p, state.tagCount, 'tag');
          p = state.next;
          break;

        case 28: // catch-all
          if (depth === 0 || (kinds[depth] !== TRY && kinds[depth] !== CATCH)) fail('invalid-body', 'Malformed body: catch_all outside of a try', at);
          kinds[depth] = CATCH_ALL;
          break;

        case 29: // delegate: closes its try, and names a label outside of it
          if (depth === 0 || kinds[depth] !== TRY) fail('invalid-body', 'Malformed body: delegate outside of a try', at);
          depth--;
          indexAt(state, p, depth + 1, 'label');
          p = state.next;
          break;

        default:
          state.depth = depth;
          p = otherImmediates(state, p, op);
      }
    }
  }
}

/** Immediates that are rare enough for a call. Returns the position after them. */
function otherImmediates(state: CodeState, p: number, op: number): number {
  switch (SLOT_IMMEDIATES[op]) {
    case 18: // memory
      indexAt(state, p, state.memoryCount, 'memory');
      return state.next;
    case 19: { // table
      const table = indexAt(state, p, state.tableCount, 'table');
      if (op === 0x26) state.addChange(TABLE_CHANGES.set, table, 0);
      return state.next;
    }
    case 20: { // type
      const type = indexAt(state, p, state.typeCount, 'type');
      // call_ref, return_call_ref, and cont.new, whose continuation runs the function.
      if (op === 0x14 || op === 0x15 || op === 0xe0) {
        state.firstSlot = 0;
        state.lastSlot = ANY_SLOT;
        state.addIndirect(type, NO_TABLE);
      }
      return state.next;
    }
    case 21: // value-types
      return valueTypes(state, p);
    case 22: // heap-type
      return heapType(state, p);
    case 23: // func-reference
      state.references.add(indexAt(state, p, state.functionCount, 'function'));
      return state.next;
    case 24: // tag
      indexAt(state, p, state.tagCount, 'tag');
      return state.next;
    case 30: // type-type
      indexAt(state, p, state.typeCount, 'type');
      indexAt(state, state.next, state.typeCount, 'type');
      return state.next;
    case 31: // type-tag
      indexAt(state, p, state.typeCount, 'type');
      indexAt(state, state.next, state.tagCount, 'tag');
      return state.next;
    case 32: case 34: // resume, resume-throw-ref
      indexAt(state, p, state.typeCount, 'type');
      return handlers(state, state.next);
    case 33: // resume-throw
      indexAt(state, p, state.typeCount, 'type');
      indexAt(state, state.next, state.tagCount, 'tag');
      return handlers(state, state.next);
    case 35: // prefix-gc
      return prefixed(state, p, 0xfb);
    case 36: // prefix-misc
      return prefixed(state, p, 0xfc);
    case 37: // prefix-simd
      return prefixed(state, p, 0xfd);
    case 38: // prefix-atomic
      return prefixed(state, p, 0xfe);
    default:
      return refuse(op, op.toString(16), p - 1);
  }
}

/** A sub-opcode and its immediates. */
function prefixed(state: CodeState, p: number, prefix: 0xfb | 0xfc | 0xfd | 0xfe): number {
  const at = p - 1;
  let sub = state.bytes[p++]!;
  if (sub >= 0x80) {
    sub = u32At(state, p - 1);
    p = state.next;
  }
  const slot = slotOf(prefix, sub);
  const kind = slot < 0 ? 0 : SLOT_IMMEDIATES[slot];
  if (!kind) refuse(prefix, `${prefix.toString(16)} 0x${sub?.toString(16)}`, at);
  if (OPCODE_COUNTS[slot]!++ === 0) OPCODE_OFFSETS[slot] = at;

  switch (kind) {
    case 1: // none
      return p;
    case 4: // memarg
      return memarg(state, p);
    case 18: // memory
      indexAt(state, p, state.memoryCount, 'memory');
      return state.next;
    case 19: { // table
      const table = indexAt(state, p, state.tableCount, 'table');
      if (sub !== 0x10) state.addChange(TABLE_CHANGES.set, table, 0); // all but table.size
      return state.next;
    }
    case 20: // type
      indexAt(state, p, state.typeCount, 'type');
      return state.next;
    case 22: // heap-type
      return heapType(state, p);
    case 30: // type-type
      indexAt(state, p, state.typeCount, 'type');
      indexAt(state, state.next, state.typeCount, 'type');
      return state.next;
    case 39: // type-index
      indexAt(state, p, state.typeCount, 'type');
      u32At(state, state.next);
      return state.next;
    case 40: // type-data
      indexAt(state, p, state.typeCount, 'type');
      dataIndex(state, state.next);
      return state.next;
    case 41: // type-element
      indexAt(state, p, state.typeCount, 'type');
      indexAt(state, state.next, state.elementCount, 'element segment');
      return state.next;
    case 42: // cast
      return castOperands(state, p);
    case 43: // data-memory
      dataIndex(state, p);
      indexAt(state, state.next, state.memoryCount, 'memory');
      return state.next;
    case 44: // data
      dataIndex(state, p);
      return state.next;
    case 45: // memory-memory
      indexAt(state, p, state.memoryCount, 'memory');
      indexAt(state, state.next, state.memoryCount, 'memory');
      return state.next;
    case 46: { // element-table
      const segment = indexAt(state, p, state.elementCount, 'element segment');
      const table = indexAt(state, state.next, state.tableCount, 'table');
      state.addChange(TABLE_CHANGES.init, table, segment);
      return state.next;
    }
    case 47: // element
      indexAt(state, p, state.elementCount, 'element segment');
      return state.next;
    case 48: { // table-table
      const table = indexAt(state, p, state.tableCount, 'table');
      const source = indexAt(state, state.next, state.tableCount, 'table');
      state.addChange(TABLE_CHANGES.copy, table, source);
      return state.next;
    }
    case 49: // bytes-16
      return p + 16;
    case 50: // lane
      return p + 1;
    case 51: // memarg-lane
      return memarg(state, p) + 1;
    case 52: // fence
      if (state.bytes[p] !== 0) fail('invalid-flags', 'Malformed fence: a zero byte expected', p);
      return p + 1;
    case 53: // order-global
      indexAt(state, memoryOrder(state, p), state.globalCount, 'global');
      return state.next;
    case 54: // order-table
      state.addChange(TABLE_CHANGES.set, indexAt(state, memoryOrder(state, p), state.tableCount, 'table'), 0);
      return state.next;
    case 55: // order-type-index
      indexAt(state, memoryOrder(state, p), state.typeCount, 'type');
      u32At(state, state.next);
      return state.next;
    case 56: // order-type
      indexAt(state, memoryOrder(state, p), state.typeCount, 'type');
      return state.next;
    default:
      throw new Error(`Instruction table names immediates ${kind} that no case decodes`);
  }
}

/**
 * Instructions that may leave a loop other than by a label, counted so far: return, traps, calls, exceptions, br_table,
 * suspended stacks, casts that branch; and waiting, because what waits does not burn.
 */
function leaving(counts: Uint32Array): number {
  let sum = counts[0x00]! + counts[0x0e]! + counts[0x0f]! + counts[0x08]! + counts[0x09]! + counts[0x0a]!;
  for (let op = 0x10; op <= 0x15; op++) sum += counts[op]!;
  for (let op = 0xe2; op <= 0xe6; op++) sum += counts[op]!;
  return sum + counts[GC + 0x18]! + counts[GC + 0x19]! + counts[ATOMIC + 0x01]! + counts[ATOMIC + 0x02]!;
}

const GC = PREFIX_SLOTS[0xfb];
const ATOMIC = PREFIX_SLOTS[0xfe];

/**
 * The slots that an indirect call at `at` can choose, from the one or two i32.const before it: `const`, `const` through a
 * local, `x & const`, and `(x & const) + const`. Everything lies between known starts of instructions, so that no operand is
 * taken for an opcode.
 */
function chosenSlots(state: CodeState, at: number, constant: number, before: number): void {
  const b = state.bytes;
  const next = state.next;
  state.firstSlot = 0;
  state.lastSlot = ANY_SLOT;
  if (b[constant] !== 0x41 || at - constant > 16) return;
  const value = constantAt(state, constant);
  let end = state.next;
  if (end === at || throughLocal(state, end, at)) {
    state.firstSlot = value;
    state.lastSlot = value;
  } else if (end + 1 === at && b[end] === 0x71) state.lastSlot = value;
  else if (end + 1 === at && b[end] === 0x6a && b[before] === 0x41 && constant - before <= 7) {
    const mask = constantAt(state, before);
    end = state.next;
    if (end + 1 === constant && b[end] === 0x71 && mask + value < ANY_SLOT) {
      state.firstSlot = value;
      state.lastSlot = value + mask;
    }
  }
  state.next = next;
}

/** An i32.const that was read before, as an unsigned number; sets `state.next`. */
function constantAt(state: CodeState, at: number): number {
  const { reader } = state;
  reader.position = at + 1;
  const value = reader.s32() >>> 0;
  state.next = reader.position;
  return value;
}

/** `local.set x, local.get x` or `local.tee x` between two positions. */
function throughLocal(state: CodeState, start: number, end: number): boolean {
  const b = state.bytes;
  if (b[start] !== 0x21 && b[start] !== 0x22) return false;
  const local = u32At(state, start + 1);
  if (b[start] === 0x22) return state.next === end;
  if (b[state.next] !== 0x20 || state.next >= end) return false;
  return u32At(state, state.next + 1) === local && state.next === end;
}

/** Opcode FF will never be assigned, so it breaks the format; other unassigned ones may be a later proposal's. */
function refuse(op: number, shown: string, at: number): never {
  fail(op === 0xff ? 'invalid-opcode' : 'unknown-encoding', `Illegal opcode 0x${shown}`, at);
}

/** Declarations of locals, in runs that are added up and never expanded. Returns their number. */
function readLocals(state: CodeState, start: number): number {
  const b = state.bytes;
  let p = start + 1;
  let runs = start < state.end ? b[start]! : 0x80;
  if (runs >= 0x80) {
    runs = u32At(state, start);
    p = state.next;
  }
  let total = 0;
  for (let run = 0; run < runs; run++) {
    if (p >= state.end) fail('unexpected-end', 'Unexpected end: locals are cut short', state.end);
    let count = b[p++]!;
    if (count >= 0x80) {
      count = u32At(state, p - 1);
      p = state.next;
    }
    total += count;
    if (total > LIMITS.locals) fail('too-many-locals', `Too many locals: ${total}`, p);
    const type = b[p]!;
    if (type >= 0x7c && type <= 0x7f) p++;
    else p = valueType(state, p);
  }
  state.next = p;
  return total;
}

function labelTable(state: CodeState, start: number, depth: number): number {
  const b = state.bytes;
  const count = u32At(state, start);
  state.labels = count;
  let p = state.next;
  if (count > state.end - p) fail('count-too-large', `Length out of bounds: ${count} labels declared, ${state.end - p} bytes left`, start);
  for (let index = 0; index <= count; index++) {
    let label = b[p++]!;
    if (label >= 0x80) {
      label = u32At(state, p - 1);
      p = state.next;
    }
    if (label > depth) fail('invalid-index', `Unknown label ${label}: ${depth} blocks are open`, p - 1);
  }
  return p;
}

/** Clauses of try_table; their labels count from outside of it. */
function catchClauses(state: CodeState, start: number, depth: number): number {
  const count = u32At(state, start);
  let p = state.next;
  if (count > state.end - p) fail('count-too-large', `Length out of bounds: ${count} catch clauses declared, ${state.end - p} bytes left`, start);
  for (let index = 0; index < count; index++) {
    const kind = byteAt(state, p++);
    if (kind > 3) fail('invalid-kind', `Malformed catch clause: byte 0x${kind.toString(16)}`, p - 1);
    if (kind < 2) {
      indexAt(state, p, state.tagCount, 'tag');
      p = state.next;
    }
    indexAt(state, p, depth + 1, 'label');
    p = state.next;
  }
  return p;
}

/** Handlers of resume: `00 tag label` or `01 tag`. */
function handlers(state: CodeState, start: number): number {
  const count = u32At(state, start);
  let p = state.next;
  if (count > state.end - p) fail('count-too-large', `Length out of bounds: ${count} handlers declared, ${state.end - p} bytes left`, start);
  for (let index = 0; index < count; index++) {
    const kind = byteAt(state, p++);
    if (kind > 1) fail('invalid-kind', `Malformed handler: byte 0x${kind.toString(16)}`, p - 1);
    indexAt(state, p, state.tagCount, 'tag');
    p = state.next;
    if (kind === 0) {
      indexAt(state, p, state.depth + 1, 'label');
      p = state.next;
    }
  }
  return p;
}

function castOperands(state: CodeState, start: number): number {
  const flags = byteAt(state, start);
  if (flags > 3) fail('invalid-flags', `Malformed cast flags: byte 0x${flags.toString(16)}`, start);
  indexAt(state, start + 1, state.depth + 1, 'label');
  return heapType(state, heapType(state, state.next));
}

/** Read order in the low half, write order in the high half of a byte: 0 or 1. */
function memoryOrder(state: CodeState, p: number): number {
  const order = byteAt(state, p);
  if (order & 0xee) fail('invalid-flags', `Malformed memory order: byte 0x${order.toString(16)}`, p);
  return p + 1;
}

/** Alignment flags, memory index where bit 6 says so, offset. Core specification 5.4.8. */
function memarg(state: CodeState, start: number): number {
  const flags = u32At(state, start);
  if (flags >= 0x80) fail('invalid-flags', `Malformed memory operand flags: 0x${flags.toString(16)}`, start);
  let p = state.next;
  let memory = 0;
  if (flags & 0x40) {
    memory = indexAt(state, p, state.memoryCount, 'memory');
    p = state.next;
  } else if (state.memoryCount === 0) fail('invalid-index', 'Unknown memory 0: there are 0', start);
  skipOffset(state, p, state.memory64[memory] === 1);
  return state.next;
}

/** A 64-bit offset; beyond 32 bits only for a 64-bit memory. */
function skipOffset(state: CodeState, start: number, wide: boolean): void {
  for (let index = 0; index < 10; index++) {
    const byte = byteAt(state, start + index);
    if (!wide && byte & 0x7f && (index > 4 || (index === 4 && (byte & 0x7f) > 0x0f))) fail('leb-too-large', 'Integer too large: offset beyond a 32-bit memory', start);
    if (index === 9 && byte > 1) fail(byte & 0x80 ? 'leb-too-long' : 'leb-too-large', 'Integer too large or too long', start);
    if (byte < 0x80) {
      state.next = start + index + 1;
      return;
    }
  }
}

function dataIndex(state: CodeState, p: number): void {
  if (state.dataCount < 0) fail('data-count-missing', 'Data count section required: an instruction names a data segment', p);
  indexAt(state, p, state.dataCount, 'data segment');
}

function valueTypes(state: CodeState, start: number): number {
  const count = u32At(state, start);
  let p = state.next;
  if (count > state.end - p) fail('count-too-large', `Length out of bounds: ${count} types declared, ${state.end - p} bytes left`, start);
  for (let index = 0; index < count; index++) p = valueType(state, p);
  return p;
}

function valueType(state: CodeState, p: number): number {
  state.reader.position = p;
  readValueType(state.reader, state.draft);
  return state.reader.position;
}

function heapType(state: CodeState, p: number): number {
  state.reader.position = p;
  readHeapType(state.reader, state.draft);
  return state.reader.position;
}

/** Block types other than none and plain numbers: a value type or the index of a function type. */
function blockType(state: CodeState, p: number): number {
  const byte = byteAt(state, p);
  if (byte === 0x40) return p + 1;
  if (!startsTypeIndex(byte)) return valueType(state, p);
  state.reader.position = p;
  const index = state.reader.s33();
  if (index < 0) fail('invalid-type', 'Malformed block type', p);
  const type = state.draft.types[index]?.type;
  if (type?.kind !== 'func') fail('invalid-index', `Unknown function type ${index} as block type`, p);
  if (type.params.length > 0 || type.results.length > 1) state.draft.features.add('multi-value', p);
  return state.reader.position;
}

function deeper(state: CodeState, at: number): Uint8Array<ArrayBuffer> {
  if (state.kinds.length > LIMITS.blockDepth) fail('limit-exceeded', `Blocks nested too deeply: more than ${LIMITS.blockDepth}`, at);
  return state.growKinds();
}

/** Reads an index and holds it against the size of its index space; sets `state.next`. */
function indexAt(state: CodeState, p: number, count: number, what: string): number {
  const index = u32At(state, p);
  if (index >= count) fail('invalid-index', `Unknown ${what} ${index}: there are ${count}`, p);
  return index;
}

function byteAt(state: CodeState, p: number): number {
  if (p >= state.end) fail('unexpected-end', 'Unexpected end: an instruction crosses the end of its body', state.end);
  return state.bytes[p]!;
}

/** Unsigned 32-bit LEB128; sets `state.next`. */
function u32At(state: CodeState, start: number): number {
  let value = 0;
  for (let index = 0; index < 4; index++) {
    const byte = byteAt(state, start + index);
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) {
      state.next = start + index + 1;
      return value;
    }
  }
  const last = byteAt(state, start + 4);
  if (last & 0x80) fail('leb-too-long', 'Integer representation too long', start);
  if (last > 0x0f) fail('leb-too-large', 'Integer too large', start);
  state.next = start + 5;
  return (value | (last << 28)) >>> 0;
}

/**
 * Signed 32-bit LEB128 of three bytes or more, looked up among the wanted constants. Returns the position after it.
 * A byte beyond the buffer reads as zero here, and the position is refused by the loop.
 */
function longI32(state: CodeState, start: number, at: number): number {
  const b = state.bytes;
  const third = b[start + 2]!;
  let value = (b[start]! & 0x7f) | ((b[start + 1]! & 0x7f) << 7) | ((third & 0x7f) << 14);
  let end = start + 3;
  if (third < 0x80) value = (value << 11) >> 11;
  else {
    const fourth = b[start + 3]!;
    value |= (fourth & 0x7f) << 21;
    end = start + 4;
    if (fourth < 0x80) value = (value << 4) >> 4;
    else {
      value |= lastOfI32(state, start) << 28;
      end = start + 5;
    }
  }
  const place = wantedI32(value);
  if (place >= 0) state.addConstant(place, at);
  return end;
}

/** The fifth byte of a signed 32-bit integer repeats its sign in the bits that are too many. */
function lastOfI32(state: CodeState, start: number): number {
  const byte = byteAt(state, start + 4);
  if (byte & 0x80) fail('leb-too-long', 'Integer representation too long', start);
  if (byte > 0x07 && byte < 0x78) fail('leb-too-large', 'Integer too large', start);
  return byte;
}

/** Signed 64-bit LEB128 as two halves, looked up among the wanted constants. Returns the position after it. */
function longI64(state: CodeState, start: number, at: number): number {
  let low = 0;
  let high = 0;
  let index = 0;
  for (; ; index++) {
    const byte = byteAt(state, start + index);
    const bits = byte & 0x7f;
    if (index < 4) low |= bits << (7 * index);
    else if (index === 4) {
      low |= bits << 28;
      high = bits >> 4;
    } else high |= bits << (7 * index - 32);
    if (index === 9) {
      if (byte & 0x80) fail('leb-too-long', 'Integer representation too long', start);
      if (byte !== 0 && byte !== 0x7f) fail('leb-too-large', 'Integer too large', start);
      break;
    }
    if (byte < 0x80) {
      if (byte & 0x40) {
        if (index < 4) low |= -1 << (7 * index + 7);
        high |= index < 4 ? -1 : -1 << (7 * index - 25);
      }
      break;
    }
  }
  const place = wantedI64(low, high);
  if (place >= 0) state.addConstant(place, at);
  return start + index + 1;
}

function fail(code: ProblemCode, message: string, offset: number): never {
  throw new DecodeError(code, message, offset);
}
