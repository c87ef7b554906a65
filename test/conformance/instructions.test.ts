import { describe, expect, it } from 'vitest';
import type { Module } from '../../scanner/wasm/module.ts';
import { decodeModule } from '../../scanner/wasm/module-decoder.ts';
import { INSTRUCTIONS, PREFIX_SLOTS, type Immediates, type Instruction } from '../../scanner/wasm/opcodes.ts';
import { body, elementSegment, exportOf, functionType, KIND, limits, moduleBytes, tableType, unsigned, type Bytes } from '../support/module.ts';
import { wasmToWat } from '../support/wat.ts';

/** What follows each kind of opcode in a module that has one of everything; index 0 or 1 everywhere, so that mix-ups show. */
const OPERANDS: Record<Immediates, Bytes> = {
  unassigned: [], none: [], end: [], else: [], 'catch-all': [],
  local: [0], global: [0], func: [0], label: [0], delegate: [0], type: [1], memory: [0], table: [0], data: [0], element: [0], tag: [0], catch: [0],
  'func-reference': [0], i32: [0x2a], i64: [0x2a], f32: [0, 0, 0, 0], f64: [0, 0, 0, 0, 0, 0, 0, 0],
  memarg: [0, 8], 'memarg-lane': [0, 8, 1], lane: [1], 'bytes-16': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], fence: [0],
  block: [0x40], if: [0x40], loop: [0x40], try: [0x40], 'try-table': [0x40, 1, 0, 0, 0], 'label-table': [1, 0, 0],
  'type-table': [0, 0], 'value-types': [1, 0x7f], 'heap-type': [0x70], cast: [3, 0, 0x70, 0x70],
  'type-type': [1, 1], 'type-tag': [1, 0], 'type-index': [1, 0], 'type-data': [2, 0], 'type-element': [2, 0],
  resume: [3, 1, 0, 0, 0], 'resume-throw': [3, 0, 0], 'resume-throw-ref': [3, 0],
  'data-memory': [0, 0], 'memory-memory': [0, 0], 'element-table': [0, 0], 'table-table': [0, 0],
  'order-global': [0, 0], 'order-table': [0, 0], 'order-type-index': [0, 1, 0], 'order-type': [0, 2],
  'prefix-gc': [], 'prefix-misc': [], 'prefix-simd': [], 'prefix-atomic': [],
};

/** Instructions that only stand inside another one, and what opens and closes it. */
const AROUND: Partial<Record<string, readonly [before: Bytes, after: Bytes]>> = {
  block: [[], [0x0b]], loop: [[], [0x0b]], if: [[], [0x0b]], try: [[], [0x0b]], try_table: [[], [0x0b]],
  else: [[0x04, 0x40], [0x0b]], catch: [[0x06, 0x40], [0x0b]], catch_all: [[0x06, 0x40], [0x0b]], delegate: [[0x06, 0x40], []],
  rethrow: [[0x06, 0x40, 0x19], [0x0b]], end: [[0x02, 0x40], []],
};

/** Not known to the printer: half precision, and the form of ref.i31_shared that only the proposal's text has. */
function isPrinted({ feature, slot }: Instruction): boolean {
  return feature !== 'half-precision' && slot !== PREFIX_SLOTS[0xfb] + 0x1f;
}

function encoded(instruction: Instruction): Bytes {
  const { slot } = instruction;
  const prefix = Object.entries(PREFIX_SLOTS).findLast(([, base]) => slot >= base);
  return prefix && slot >= 256 ? [Number(prefix[0]), ...unsigned(slot - prefix[1])] : [slot];
}

function moduleWith(instruction: Instruction): Uint8Array {
  const [before, after] = AROUND[instruction.name] ?? [[], []];
  return moduleBytes({
    types: [functionType(), [0x5f, 1, 0x7f, 1], [0x5e, 0x7f, 1], [0x5d, 0]],
    functions: [0], tables: [tableType(1)], memories: [limits(1)], tags: [[0, 0]], globals: [[0x7f, 1, 0x41, 0, 0x0b]],
    exports: [exportOf('f', KIND.func, 0)], elements: [elementSegment(0, [0])], dataCount: 1,
    code: [body([...before, ...encoded(instruction), ...OPERANDS[instruction.immediates], ...after], [[1, 0x7f]])],
    data: [[1, 1, 0]],
  });
}

function decoded(bytes: Uint8Array): Module {
  return decodeModule(bytes, 0, bytes.length);
}

describe.each(INSTRUCTIONS.map((instruction) => [instruction.name, instruction] as const))('%s', (_name, instruction) => {
  it('is decoded to its end, counted, and told as the feature it needs', () => {
    const module = decoded(moduleWith(instruction));
    expect(module.problems).toEqual([]);
    const code = module.code!;
    expect(code.opcodes[instruction.slot]).toBeGreaterThan(0);
    if (!instruction.feature) return;
    expect(module.features.map(({ feature }) => feature)).toContain(instruction.feature);
  });
});

describe.each(INSTRUCTIONS.filter(isPrinted).map((instruction) => [instruction.name, instruction] as const))('%s', (name, instruction) => {
  it('has the name another implementation prints', () => {
    expect(wasmToWat(moduleWith(instruction))).toMatch(new RegExp(`^ +(\\()?${name.replaceAll('.', '\\.')}( |$)`, 'm'));
  });
});
