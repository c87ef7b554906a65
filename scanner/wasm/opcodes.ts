import type { Feature } from './features.ts';

/**
 * What follows an opcode. The numbers are used as literals in code.ts, where only literal cases become a jump table;
 * test/conformance/instructions.test.ts holds the two together by decoding every instruction.
 */
export const IMMEDIATES = {
  unassigned: 0,
  none: 1,
  local: 2,
  i32: 3,
  memarg: 4,
  end: 5,
  block: 6,
  label: 7,
  func: 8,
  global: 9,
  if: 10,
  else: 11,
  loop: 12,
  i64: 13,
  'label-table': 14,
  'type-table': 15,
  f32: 16,
  f64: 17,
  memory: 18,
  table: 19,
  type: 20,
  'value-types': 21,
  'heap-type': 22,
  'func-reference': 23,
  tag: 24,
  'try-table': 25,
  try: 26,
  catch: 27,
  'catch-all': 28,
  delegate: 29,
  'type-type': 30,
  'type-tag': 31,
  resume: 32,
  'resume-throw': 33,
  'resume-throw-ref': 34,
  'prefix-gc': 35,
  'prefix-misc': 36,
  'prefix-simd': 37,
  'prefix-atomic': 38,
  'type-index': 39,
  'type-data': 40,
  'type-element': 41,
  cast: 42,
  'data-memory': 43,
  data: 44,
  'memory-memory': 45,
  'element-table': 46,
  element: 47,
  'table-table': 48,
  'bytes-16': 49,
  lane: 50,
  'memarg-lane': 51,
  fence: 52,
  'order-global': 53,
  'order-table': 54,
  'order-type-index': 55,
  'order-type': 56,
} as const;

export type Immediates = keyof typeof IMMEDIATES;

/** First slot of each prefix in the opcode columns; a slot is `base + sub-opcode`, one-byte opcodes are their own slot. */
export const PREFIX_SLOTS = { 0xfb: 256, 0xfc: 1024, 0xfd: 2048, 0xfe: 4096 } as const;

/** Slots in all: the atomic prefix has sub-opcodes below 256. */
export const OPCODE_SLOTS = 4096 + 256;

export interface Instruction {
  readonly slot: number;
  /** As in the text format. */
  readonly name: string;
  readonly immediates: Immediates;
  /** What it needs beyond the 1.0 core; null: nothing. */
  readonly feature: Feature | null;
}

/** A run of instructions alike: first slot, immediates, feature, names in opcode order, `-` for a gap. */
type Run = readonly [slot: number, immediates: Immediates, feature: Feature | null, names: string];

const GC = PREFIX_SLOTS[0xfb];
const MISC = PREFIX_SLOTS[0xfc];
const SIMD = PREFIX_SLOTS[0xfd];
const ATOMIC = PREFIX_SLOTS[0xfe];

/** Core specification 3.0, appendix "Index of Instructions", and the proposals named as features. */
const RUNS: readonly Run[] = [
  [0x00, 'none', null, 'unreachable nop'],
  [0x02, 'block', null, 'block'],
  [0x03, 'loop', null, 'loop'],
  [0x04, 'if', null, 'if'],
  [0x05, 'else', null, 'else'],
  [0x06, 'try', 'legacy-exceptions', 'try'],
  [0x07, 'catch', 'legacy-exceptions', 'catch'],
  [0x08, 'tag', 'exceptions', 'throw'],
  [0x09, 'label', 'legacy-exceptions', 'rethrow'],
  [0x0a, 'none', 'exceptions', 'throw_ref'],
  [0x0b, 'end', null, 'end'],
  [0x0c, 'label', null, 'br br_if'],
  [0x0e, 'label-table', null, 'br_table'],
  [0x0f, 'none', null, 'return'],
  [0x10, 'func', null, 'call'],
  [0x11, 'type-table', null, 'call_indirect'],
  [0x12, 'func', 'tail-call', 'return_call'],
  [0x13, 'type-table', 'tail-call', 'return_call_indirect'],
  [0x14, 'type', 'function-references', 'call_ref return_call_ref'],
  [0x18, 'delegate', 'legacy-exceptions', 'delegate'],
  [0x19, 'catch-all', 'legacy-exceptions', 'catch_all'],
  [0x1a, 'none', null, 'drop select'],
  [0x1c, 'value-types', 'reference-types', 'select'],
  [0x1f, 'try-table', 'exceptions', 'try_table'],
  [0x20, 'local', null, 'local.get local.set local.tee'],
  [0x23, 'global', null, 'global.get global.set'],
  [0x25, 'table', 'reference-types', 'table.get table.set'],
  [0x28, 'memarg', null, 'i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u'],
  [0x30, 'memarg', null, 'i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u'],
  [0x36, 'memarg', null, 'i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32'],
  [0x3f, 'memory', null, 'memory.size memory.grow'],
  [0x41, 'i32', null, 'i32.const'],
  [0x42, 'i64', null, 'i64.const'],
  [0x43, 'f32', null, 'f32.const'],
  [0x44, 'f64', null, 'f64.const'],
  [0x45, 'none', null, 'i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u'],
  [0x50, 'none', null, 'i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u'],
  [0x5b, 'none', null, 'f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge'],
  [0x67, 'none', null, 'i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr'],
  [0x79, 'none', null, 'i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr'],
  [0x8b, 'none', null, 'f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign'],
  [0x99, 'none', null, 'f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign'],
  [0xa7, 'none', null, 'i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u'],
  [0xac, 'none', null, 'i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u'],
  [0xb2, 'none', null, 'f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64'],
  [0xb7, 'none', null, 'f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32'],
  [0xbc, 'none', null, 'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64'],
  [0xc0, 'none', 'sign-extension', 'i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s'],
  [0xd0, 'heap-type', 'reference-types', 'ref.null'],
  [0xd1, 'none', 'reference-types', 'ref.is_null'],
  [0xd2, 'func-reference', 'reference-types', 'ref.func'],
  [0xd3, 'none', 'gc', 'ref.eq'],
  [0xd4, 'none', 'function-references', 'ref.as_non_null'],
  [0xd5, 'label', 'function-references', 'br_on_null br_on_non_null'],
  [0xe0, 'type', 'stack-switching', 'cont.new'],
  [0xe1, 'type-type', 'stack-switching', 'cont.bind'],
  [0xe2, 'tag', 'stack-switching', 'suspend'],
  [0xe3, 'resume', 'stack-switching', 'resume'],
  [0xe4, 'resume-throw', 'stack-switching', 'resume_throw'],
  [0xe5, 'resume-throw-ref', 'stack-switching', 'resume_throw_ref'],
  [0xe6, 'type-tag', 'stack-switching', 'switch'],

  [GC + 0x00, 'type', 'gc', 'struct.new struct.new_default'],
  [GC + 0x02, 'type-index', 'gc', 'struct.get struct.get_s struct.get_u struct.set'],
  [GC + 0x06, 'type', 'gc', 'array.new array.new_default'],
  [GC + 0x08, 'type-index', 'gc', 'array.new_fixed'],
  [GC + 0x09, 'type-data', 'gc', 'array.new_data'],
  [GC + 0x0a, 'type-element', 'gc', 'array.new_elem'],
  [GC + 0x0b, 'type', 'gc', 'array.get array.get_s array.get_u array.set'],
  [GC + 0x0f, 'none', 'gc', 'array.len'],
  [GC + 0x10, 'type', 'gc', 'array.fill'],
  [GC + 0x11, 'type-type', 'gc', 'array.copy'],
  [GC + 0x12, 'type-data', 'gc', 'array.init_data'],
  [GC + 0x13, 'type-element', 'gc', 'array.init_elem'],
  [GC + 0x14, 'heap-type', 'gc', 'ref.test ref.test ref.cast ref.cast'],
  [GC + 0x18, 'cast', 'gc', 'br_on_cast br_on_cast_fail'],
  [GC + 0x1a, 'none', 'gc', 'any.convert_extern extern.convert_any ref.i31 i31.get_s i31.get_u'],
  [GC + 0x1f, 'none', 'shared-everything-threads', 'ref.i31_shared'],
  [GC + 0x20, 'type', 'custom-descriptors', 'struct.new_desc struct.new_default_desc ref.get_desc'],
  [GC + 0x23, 'heap-type', 'custom-descriptors', 'ref.cast_desc_eq ref.cast_desc_eq'],
  [GC + 0x25, 'cast', 'custom-descriptors', 'br_on_cast_desc_eq br_on_cast_desc_eq_fail'],

  [MISC + 0x00, 'none', 'saturating-float-to-int', 'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u'],
  [MISC + 0x04, 'none', 'saturating-float-to-int', 'i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u'],
  [MISC + 0x08, 'data-memory', 'bulk-memory', 'memory.init'],
  [MISC + 0x09, 'data', 'bulk-memory', 'data.drop'],
  [MISC + 0x0a, 'memory-memory', 'bulk-memory', 'memory.copy'],
  [MISC + 0x0b, 'memory', 'bulk-memory', 'memory.fill'],
  [MISC + 0x0c, 'element-table', 'bulk-memory', 'table.init'],
  [MISC + 0x0d, 'element', 'bulk-memory', 'elem.drop'],
  [MISC + 0x0e, 'table-table', 'bulk-memory', 'table.copy'],
  [MISC + 0x0f, 'table', 'reference-types', 'table.grow table.size table.fill'],
  [MISC + 0x12, 'memory', 'memory-control', 'memory.discard'],
  [MISC + 0x13, 'none', 'wide-arithmetic', 'i64.add128 i64.sub128 i64.mul_wide_s i64.mul_wide_u'],
  [MISC + 0x30, 'memarg', 'half-precision', 'f32.load_f16 f32.store_f16'],

  [SIMD + 0x00, 'memarg', 'simd', 'v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u v128.load32x2_s v128.load32x2_u'],
  [SIMD + 0x07, 'memarg', 'simd', 'v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.store'],
  [SIMD + 0x0c, 'bytes-16', 'simd', 'v128.const i8x16.shuffle'],
  [SIMD + 0x0e, 'none', 'simd', 'i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat'],
  [SIMD + 0x15, 'lane', 'simd', 'i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane'],
  [SIMD + 0x1b, 'lane', 'simd', 'i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane'],
  [SIMD + 0x23, 'none', 'simd', 'i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u'],
  [SIMD + 0x2d, 'none', 'simd', 'i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u'],
  [SIMD + 0x37, 'none', 'simd', 'i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u'],
  [SIMD + 0x41, 'none', 'simd', 'f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge'],
  [SIMD + 0x4d, 'none', 'simd', 'v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true'],
  [SIMD + 0x54, 'memarg-lane', 'simd', 'v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane'],
  [SIMD + 0x5c, 'memarg', 'simd', 'v128.load32_zero v128.load64_zero'],
  [SIMD + 0x5e, 'none', 'simd', 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4'],
  [SIMD + 0x60, 'none', 'simd', 'i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u'],
  [SIMD + 0x67, 'none', 'simd', 'f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest'],
  [SIMD + 0x6b, 'none', 'simd', 'i8x16.shl i8x16.shr_s i8x16.shr_u i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u'],
  [SIMD + 0x74, 'none', 'simd', 'f64x2.ceil f64x2.floor i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u f64x2.trunc i8x16.avgr_u'],
  [SIMD + 0x7c, 'none', 'simd', 'i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u'],
  [SIMD + 0x80, 'none', 'simd', 'i16x8.abs i16x8.neg i16x8.q15mulr_sat_s i16x8.all_true i16x8.bitmask i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u'],
  [SIMD + 0x87, 'none', 'simd', 'i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u'],
  [SIMD + 0x8b, 'none', 'simd', 'i16x8.shl i16x8.shr_s i16x8.shr_u i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u'],
  [SIMD + 0x94, 'none', 'simd', 'f64x2.nearest i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u - i16x8.avgr_u'],
  [SIMD + 0x9c, 'none', 'simd', 'i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u'],
  [SIMD + 0xa0, 'none', 'simd', 'i32x4.abs i32x4.neg - i32x4.all_true i32x4.bitmask - -'],
  [SIMD + 0xa7, 'none', 'simd', 'i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u'],
  [SIMD + 0xab, 'none', 'simd', 'i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add - - i32x4.sub - - - i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s -'],
  [SIMD + 0xbc, 'none', 'simd', 'i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u'],
  [SIMD + 0xc0, 'none', 'simd', 'i64x2.abs i64x2.neg - i64x2.all_true i64x2.bitmask - -'],
  [SIMD + 0xc7, 'none', 'simd', 'i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u'],
  [SIMD + 0xcb, 'none', 'simd', 'i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add - - i64x2.sub - - - i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s'],
  [SIMD + 0xdc, 'none', 'simd', 'i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u'],
  [SIMD + 0xe0, 'none', 'simd', 'f32x4.abs f32x4.neg - f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax'],
  [SIMD + 0xec, 'none', 'simd', 'f64x2.abs f64x2.neg - f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax'],
  [SIMD + 0xf8, 'none', 'simd', 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u'],
  [SIMD + 0xfc, 'none', 'simd', 'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u'],
  [SIMD + 0x100, 'none', 'relaxed-simd', 'i8x16.relaxed_swizzle i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero'],
  [SIMD + 0x105, 'none', 'relaxed-simd', 'f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd'],
  [SIMD + 0x109, 'none', 'relaxed-simd', 'i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect'],
  [SIMD + 0x10d, 'none', 'relaxed-simd', 'f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max'],
  [SIMD + 0x111, 'none', 'relaxed-simd', 'i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s'],
  [SIMD + 0x120, 'none', 'half-precision', 'f16x8.splat'],
  [SIMD + 0x121, 'lane', 'half-precision', 'f16x8.extract_lane f16x8.replace_lane'],
  [SIMD + 0x130, 'none', 'half-precision', 'f16x8.abs f16x8.neg f16x8.sqrt f16x8.ceil f16x8.floor f16x8.trunc f16x8.nearest f16x8.eq f16x8.ne f16x8.lt f16x8.gt f16x8.le f16x8.ge'],
  [SIMD + 0x13d, 'none', 'half-precision', 'f16x8.add f16x8.sub f16x8.mul f16x8.div f16x8.min f16x8.max f16x8.pmin f16x8.pmax'],
  [SIMD + 0x145, 'none', 'half-precision', 'i16x8.trunc_sat_f16x8_s i16x8.trunc_sat_f16x8_u f16x8.convert_i16x8_s f16x8.convert_i16x8_u'],
  [SIMD + 0x149, 'none', 'half-precision', 'f16x8.demote_f32x4_zero f16x8.demote_f64x2_zero f32x4.promote_low_f16x8 - - f16x8.madd f16x8.nmadd'],

  [ATOMIC + 0x00, 'memarg', 'threads', 'memory.atomic.notify memory.atomic.wait32 memory.atomic.wait64'],
  [ATOMIC + 0x03, 'fence', 'threads', 'atomic.fence'],
  [ATOMIC + 0x10, 'memarg', 'threads', 'i32.atomic.load i64.atomic.load i32.atomic.load8_u i32.atomic.load16_u i64.atomic.load8_u i64.atomic.load16_u i64.atomic.load32_u'],
  [ATOMIC + 0x17, 'memarg', 'threads', 'i32.atomic.store i64.atomic.store i32.atomic.store8 i32.atomic.store16 i64.atomic.store8 i64.atomic.store16 i64.atomic.store32'],
  [ATOMIC + 0x1e, 'memarg', 'threads', readModifyWrite('add')],
  [ATOMIC + 0x25, 'memarg', 'threads', readModifyWrite('sub')],
  [ATOMIC + 0x2c, 'memarg', 'threads', readModifyWrite('and')],
  [ATOMIC + 0x33, 'memarg', 'threads', readModifyWrite('or')],
  [ATOMIC + 0x3a, 'memarg', 'threads', readModifyWrite('xor')],
  [ATOMIC + 0x41, 'memarg', 'threads', readModifyWrite('xchg')],
  [ATOMIC + 0x48, 'memarg', 'threads', readModifyWrite('cmpxchg')],
  [ATOMIC + 0x4f, 'order-global', 'shared-everything-threads', 'global.atomic.get global.atomic.set global.atomic.rmw.add global.atomic.rmw.sub global.atomic.rmw.and global.atomic.rmw.or global.atomic.rmw.xor global.atomic.rmw.xchg global.atomic.rmw.cmpxchg'],
  [ATOMIC + 0x58, 'order-table', 'shared-everything-threads', 'table.atomic.get table.atomic.set table.atomic.rmw.xchg table.atomic.rmw.cmpxchg'],
  [ATOMIC + 0x5c, 'order-type-index', 'shared-everything-threads', 'struct.atomic.get struct.atomic.get_s struct.atomic.get_u struct.atomic.set struct.atomic.rmw.add struct.atomic.rmw.sub struct.atomic.rmw.and struct.atomic.rmw.or struct.atomic.rmw.xor struct.atomic.rmw.xchg struct.atomic.rmw.cmpxchg'],
  [ATOMIC + 0x67, 'order-type', 'shared-everything-threads', 'array.atomic.get array.atomic.get_s array.atomic.get_u array.atomic.set array.atomic.rmw.add array.atomic.rmw.sub array.atomic.rmw.and array.atomic.rmw.or array.atomic.rmw.xor array.atomic.rmw.xchg array.atomic.rmw.cmpxchg'],
  [ATOMIC + 0x72, 'none', 'shared-everything-threads', 'ref.i31_shared'],
];

/** The one table of instructions: every opcode of Wasm 3.0 and of the proposals in `FEATURES`, by slot. */
export const INSTRUCTIONS: readonly Instruction[] = expand();

/** Immediates of each slot as numbers of `IMMEDIATES`; 0 where no instruction is assigned. */
export const SLOT_IMMEDIATES: Uint8Array = immediatesBySlot();

/** Slot of an opcode given as a number: `0x41`, or prefix and sub-opcode. -1 where the columns have no place for it. */
export function slotOf(prefix: 0xfb | 0xfc | 0xfd | 0xfe, sub: number): number {
  const room = prefix === 0xfb ? MISC - GC : prefix === 0xfc ? SIMD - MISC : prefix === 0xfd ? ATOMIC - SIMD : OPCODE_SLOTS - ATOMIC;
  return sub < room ? PREFIX_SLOTS[prefix] + sub : -1;
}

function expand(): Instruction[] {
  const instructions: Instruction[] = [];
  for (const [slot, immediates, feature, names] of RUNS) {
    let next = slot;
    for (const name of names.split(' ')) {
      if (name !== '-') instructions.push({ slot: next, name, immediates, feature });
      next++;
    }
  }
  return instructions;
}

function immediatesBySlot(): Uint8Array {
  const column = new Uint8Array(OPCODE_SLOTS);
  for (const { slot, immediates } of INSTRUCTIONS) column[slot] = IMMEDIATES[immediates];
  column[0xfb] = IMMEDIATES['prefix-gc'];
  column[0xfc] = IMMEDIATES['prefix-misc'];
  column[0xfd] = IMMEDIATES['prefix-simd'];
  column[0xfe] = IMMEDIATES['prefix-atomic'];
  return column;
}

/** The seven widths in which every atomic read-modify-write exists. */
function readModifyWrite(operation: string): string {
  return ['i32.atomic.rmw.#', 'i64.atomic.rmw.#', 'i32.atomic.rmw8.#_u', 'i32.atomic.rmw16.#_u', 'i64.atomic.rmw8.#_u', 'i64.atomic.rmw16.#_u', 'i64.atomic.rmw32.#_u'].join(' ').replaceAll('#', operation);
}
