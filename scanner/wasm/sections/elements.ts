import { LIMITS } from '../limits.ts';
import type { ElementSegment, SegmentMode } from '../module.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { readConstantExpression, readFunctionExpression } from './constant-expression.ts';
import { readElementType, readIndex } from './value-types.ts';

const NOT_ACTIVE = 1;
const EXPLICIT = 2;
const EXPRESSIONS = 4;
const FUNCTION_TYPE = '(ref func)';

/** The element section. Core specification 5.5.13. */
export function readElementSection(reader: ByteReader, draft: ModuleDraft): void {
  const count = reader.count(LIMITS.elementSegments, 'element segments');
  let entries = 0;
  for (let index = 0; index < count; index++) {
    const offset = reader.position;
    const segment = readSegment(reader, draft);
    entries += segment.functions.length;
    if (entries > LIMITS.elements) reader.fail('limit-exceeded', `Too many elements: more than ${LIMITS.elements}`, offset);
    draft.elements.push(segment);
  }
}

function readSegment(reader: ByteReader, draft: ModuleDraft): ElementSegment {
  const offset = reader.position;
  const flags = reader.u32();
  if (flags > 7) reader.fail('invalid-flags', `Malformed element segment flags: ${flags}`, offset);
  const mode: SegmentMode = (flags & NOT_ACTIVE) === 0 ? 'active' : flags & EXPLICIT ? 'declarative' : 'passive';
  if (mode !== 'active') draft.features.add('bulk-memory', offset);
  let table = 0;
  if (mode === 'active' && flags & EXPLICIT) table = readIndex(reader, draft.tableCount, 'table');
  else if (mode === 'active' && draft.tableCount === 0) reader.fail('invalid-index', 'Unknown table 0: there are 0', offset);
  const start = mode === 'active' ? readConstantExpression(reader, draft) : null;
  const type = readType(reader, draft, flags);
  const functions = flags & EXPRESSIONS ? readExpressions(reader, draft) : readFunctions(reader, draft);
  return { mode, table, start, type, functions, offset, length: reader.position - offset };
}

/** The short forms leave the type out; the others have an element kind or, with expressions, a reference type. */
function readType(reader: ByteReader, draft: ModuleDraft, flags: number): string {
  const short = (flags & (NOT_ACTIVE | EXPLICIT)) === 0;
  if (flags & EXPRESSIONS) {
    if (short) draft.features.add('reference-types', reader.position);
    return short ? '(ref null func)' : readElementType(reader, draft);
  }
  if (short) return FUNCTION_TYPE;
  const start = reader.position;
  const kind = reader.byte();
  if (kind !== 0) reader.fail('invalid-kind', `Malformed element kind: byte 0x${kind.toString(16)}`, start);
  return FUNCTION_TYPE;
}

/** Functions in a segment; a module may have thousands of segments with few. */
const WORTH_A_TABLE = 1_000;
const NONE = new Uint8Array(0);

function readFunctions(reader: ByteReader, draft: ModuleDraft): Int32Array {
  const functions = new Int32Array(reader.count(LIMITS.elements, 'elements'));
  const space = draft.functionCount;
  const known = functions.length < WORTH_A_TABLE ? NONE : new Uint8Array(space).fill(1);
  for (let index = reader.indices(functions, 0, known); index < functions.length; index = reader.indices(functions, index + 1, known)) {
    functions[index] = readIndex(reader, space, 'function');
  }
  return functions;
}

function readExpressions(reader: ByteReader, draft: ModuleDraft): Int32Array {
  const functions = new Int32Array(reader.count(LIMITS.elements, 'elements'));
  for (let index = 0; index < functions.length; index++) functions[index] = readFunctionExpression(reader, draft);
  return functions;
}
