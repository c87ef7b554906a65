import { array, assert, nat, property, tuple, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  body, constant, dataSegment, elementSegment, exportOf, functionType, importOf, join, KIND, limits, list, moduleBytes, moduleWithCode, PREAMBLE, signed, tableType,
  text, unsigned, VALUE_TYPE, type Bytes, type ModuleParts,
} from '../../test/support/module.ts';
import { WANTED_CONSTANTS } from './constants.ts';
import { LIMITS } from './limits.ts';
import type { Depth, Module } from './module.ts';
import { decodeModule } from './module-decoder.ts';

const HUGE = unsigned(0xffff_ffff);

function decode(bytes: Uint8Array, depth: Depth = 'full'): Module {
  return decodeModule(bytes, 0, bytes.length, { depth });
}

function problem(bytes: Uint8Array, depth: Depth = 'full') {
  return decode(bytes, depth).problems[0];
}

/** One of everything. */
const SAMPLE: ModuleParts = {
  types: [functionType(), functionType([VALUE_TYPE.i32], [VALUE_TYPE.i32])],
  imports: [importOf('env', 'log', [0, 1]), importOf('env', 'memory', [2, ...limits(1)]), importOf('env', 'table', [1, ...tableType(1)]), importOf('env', 'base', [3, 0x7f, 0])],
  functions: [0, 1],
  tables: [tableType(2)],
  memories: [limits(1, 2)],
  tags: [[0, 0]],
  globals: [[0x7f, 1, ...constant(7)], [0x7f, 0, 0x23, 0, 0x0b]],
  exports: [exportOf('run', KIND.func, 1), exportOf('größe', KIND.memory, 1), exportOf('counter', KIND.global, 1)],
  start: 1,
  elements: [elementSegment(0, [1, 2])],
  dataCount: 2,
  code: [
    body([0x41, ...signed(1000), 0x10, 0, 0x1a, 0x41, 0, 0x11, 1, 0, 0x1a, 0xd2, 2, 0x1a]),
    body([0x20, 0, 0x02, 0x7f, 0x20, 0, 0x0b, 0x6a, 0x12, 0], [[3, 0x7e]]),
  ],
  data: [dataSegment(1024, [1, 2, 3]), [1, 2, 8, 9]],
  customs: [{ name: 'producers', payload: [0] }],
};

describe('a module with one of everything', () => {
  const bytes = moduleBytes(SAMPLE);
  const module = decode(bytes);

  it('is decoded without a problem', () => {
    expect(module.problems).toEqual([]);
    expect(module.sections.map(({ name }) => name)).toEqual([
      'type', 'import', 'function', 'table', 'memory', 'tag', 'global', 'export', 'start', 'element', 'data count', 'code', 'data', 'custom',
    ]);
  });

  it('knows its index spaces', () => {
    expect([...module.functionTypes]).toEqual([1, 0, 1]);
    expect(module.importedFunctions).toBe(1);
    expect(module.imports.map(({ module: from, name, type }) => `${from}.${name} ${type.kind}`)).toEqual(['env.log func', 'env.memory memory', 'env.table table', 'env.base global']);
    expect(module.memories[0]!.type).toEqual({ minimum: 1, maximum: 2, shared: false, index64: false, pageSize: 65_536 });
    expect(module.globals.map(({ init }) => init)).toEqual([{ kind: 'i32', value: 7n }, { kind: 'global', index: 0 }]);
    expect(module.start?.functionIndex).toBe(1);
  });

  it('gives exports, data and elements when asked', () => {
    expect([...module.exports].map(({ name, kind, index }) => [name, kind, index])).toEqual([['run', 'func', 1], ['größe', 'memory', 1], ['counter', 'global', 1]]);
    expect(module.exports.at(1).name).toBe('größe');
    expect(() => module.exports.at(3)).toThrow(RangeError);
    const first = module.data.at(0);
    expect(first).toMatchObject({ mode: 'active', memory: 0, start: { kind: 'i32', value: 1024n }, length: 3 });
    expect([...bytes.subarray(first.offset, first.offset + first.length)]).toEqual([1, 2, 3]);
    expect(module.data.at(1)).toMatchObject({ mode: 'passive', start: null, length: 2 });
    expect(module.elements[0]).toMatchObject({ mode: 'active', table: 0, type: '(ref func)' });
    expect([...module.elements[0]!.functions]).toEqual([1, 2]);
  });

  it('tells where every import is', () => {
    for (const { offset, length, name } of module.imports) {
      const slice = new TextDecoder().decode(bytes.subarray(offset, offset + length));
      expect(slice).toContain(name);
    }
  });

  it('lists calls, indirect calls, references and depth of the code', () => {
    const code = module.code!;
    expect([...code.callEdges]).toEqual([1, 0, 2, 0]);
    expect([...code.indirectCalls]).toEqual([1, 1, 0]);
    expect([...code.functionReferences]).toEqual([2]);
    expect(code.maxDepth).toBe(1);
    expect(code.functions).toBe(2);
    expect(code.instructions).toBe(16);
    expect(code.opcodes[0x41]).toBe(2);
    expect([...bytes.subarray(code.bodyOffset[1], code.bodyOffset[1]! + code.bodyLength[1]!)].at(-1)).toBe(0x0b);
  });

  it('names the features it needs, with count and first place', () => {
    const uses = Object.fromEntries(module.features.map(({ feature, count, offset }) => [feature, { count, offset }]));
    expect(Object.keys(uses).sort()).toEqual(['bulk-memory', 'exceptions', 'mutable-globals', 'reference-types', 'tail-call']);
    expect(uses['tail-call']).toEqual({ count: 1, offset: bytes.lastIndexOf(0x12) });
  });

  it('leaves out only code, elements and data at depth imports', () => {
    const shallow = decode(bytes, 'imports');
    expect(shallow).toMatchObject({ analysed: 'imports', problems: [], code: null, imports: module.imports, globals: module.globals, customs: module.customs });
    expect(shallow.data.length).toBe(0);
    expect([...shallow.exports]).toEqual([...module.exports]);
  });

  it('counts offsets from the start of the artifact when it is nested', () => {
    const outer = join([1, 2, 3, 4, 5], bytes, [9, 9]);
    const inner = decodeModule(outer, 5, 5 + bytes.length);
    expect(inner.problems).toEqual([]);
    expect(inner.imports.map(({ offset }) => offset)).toEqual(module.imports.map(({ offset }) => offset + 5));
    expect(inner.data.at(0).offset).toBe(module.data.at(0).offset + 5);
  });

  it('never throws and always says so when cut short', () => {
    // Whole modules too: none of their sections needs another one that is cut off.
    const whole = [8, ...['type', 'import', 'data'].map((name) => module.sections.find((section) => section.name === name)!).map(({ offset, length }) => offset + length)];
    for (let length = 0; length < bytes.length; length++) {
      const cut = decode(bytes.slice(0, length));
      expect(cut.problems, `cut at ${length}`).toHaveLength(whole.includes(length) ? 0 : 1);
      expect(cut.imports.length).toBeLessThanOrEqual(4);
      decode(bytes.slice(0, length), 'imports');
    }
  });

  it('survives any change of its bytes', () => {
    assert(
      property(array(tuple(nat(bytes.length - 1), nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const mutant = bytes.slice();
        for (const [at, value] of changes) mutant[at] = value;
        const full = decode(mutant);
        const shallow = decode(mutant, 'imports');
        // What the shallow decode accepts as imports, the full one sees too.
        if (full.problems.length === 0) expect(shallow.imports).toEqual(full.imports);
      }),
      { numRuns: 3000 },
    );
  });

  it('survives any bytes after the preamble', () => {
    assert(property(uint8Array({ maxLength: 200 }), (tail) => void decode(join(PREAMBLE, tail))), { numRuns: 2000 });
  });
});

describe('declared counts beyond the bytes that are there', () => {
  const sections: readonly [string, number, Bytes][] = [
    ['types', 1, HUGE], ['imports', 2, HUGE], ['functions', 3, HUGE], ['tables', 4, HUGE], ['memories', 5, HUGE], ['globals', 6, HUGE], ['exports', 7, HUGE],
    ['element segments', 9, HUGE], ['bodies', 10, HUGE], ['data segments', 11, HUGE], ['tags', 13, HUGE],
    ['types of a group', 1, [1, 0x4e, ...HUGE]], ['supertypes', 1, [1, 0x50, ...HUGE]], ['parameters', 1, [1, 0x60, ...HUGE]], ['results', 1, [1, 0x60, 0, ...HUGE]],
    ['struct fields', 1, [1, 0x5f, ...HUGE]], ['a module name', 2, [1, ...HUGE]], ['a compact group', 2, [1, 0, 0, 0x7f, ...HUGE]],
    ['elements', 9, [1, 1, 0, ...HUGE]], ['expressions', 9, [1, 5, 0x70, ...HUGE]], ['data bytes', 11, [1, 1, ...HUGE]], ['an export name', 7, [1, ...HUGE]],
  ];

  it.each(sections)('%s are refused before anything is allocated', (_, id, payload) => {
    expect(problem(moduleBytes({ more: [{ id, payload }] }))?.code).toMatch(/count-too-large|unexpected-end|limit-exceeded/);
  });

  const operands: readonly [string, Bytes][] = [
    ['branch labels', [0x0e, ...HUGE]], ['select types', [0x1c, ...HUGE]], ['catch clauses', [0x1f, 0x40, ...HUGE]], ['resume handlers', [0xe3, 0, ...HUGE]],
  ];
  it.each(operands)('%s in code too', (_, instructions) => {
    expect(problem(moduleWithCode(instructions))?.code).toBe('count-too-large');
  });

  it('a body size, a section size and runs of locals too', () => {
    expect(problem(moduleWithCode([], { code: [HUGE] }))?.code).toBe('unexpected-end');
    expect(problem(moduleBytes({ more: [{ id: 0, payload: [], size: HUGE }] }))?.code).toBe('section-size');
    expect(problem(moduleWithCode([], { code: [[6, ...HUGE, 0x0b]] }))?.code).toMatch(/unexpected-end|invalid-type/);
  });
});

describe('bombs', () => {
  it('a million nested blocks are counted, not recursed into', () => {
    const depth = LIMITS.blockDepth;
    const content = join([0], new Uint8Array(depth * 2).map((_, index) => (index % 2 ? 0x40 : 0x02)), new Uint8Array(depth).fill(0x0b), [0x0b]);
    const module = decode(withBody(content));
    expect(module.problems).toEqual([]);
    expect(module.code!.maxDepth).toBe(depth);
  });

  it('more blocks than the limit are beyond analysis', () => {
    const content = new Uint8Array(LIMITS.blockDepth * 2 + 400_000).map((_, index) => (index % 2 ? 0x02 : 0x40));
    content[0] = 0;
    expect(problem(withBody(content))).toMatchObject({ code: 'limit-exceeded', effect: 'unanalysed' });
  });

  it('locals are added up and never expanded', () => {
    const most = [...HUGE, 0x7f];
    expect(problem(withBody(join([1], most, [0x0b])))).toBeUndefined();
    expect(problem(withBody(join([2], most, [1, 0x7f], [0x0b])))).toMatchObject({ code: 'too-many-locals', section: 'code', effect: 'malformed' });
  });

  it('a name beyond the limit is beyond analysis', () => {
    const name = Array.from({ length: LIMITS.nameBytes + 1 }, () => 0x61);
    expect(problem(moduleBytes({ imports: [[...unsigned(name.length), ...name, 0, 0, 0]] }))?.code).toBe('limit-exceeded');
    expect(problem(moduleBytes({ exports: [[...unsigned(name.length), ...name, 0, 0]] }))?.code).toBe('limit-exceeded');
  });

  it('sections without end are kept to the limit, and repeated ones told apart in linear time', () => {
    const section = Uint8Array.from([0, 5, ...text('name')]);
    const all = new Uint8Array(8 + section.length * (LIMITS.sections + 1));
    all.set(PREAMBLE);
    for (let at = 8; at < all.length; at += section.length) all.set(section, at);
    const module = decode(all);
    expect(module.problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed' }]);
    expect(module.anomalies).toHaveLength(LIMITS.anomalies);
  });

  it('export names that collide in the hash table are still told apart', () => {
    const names = Array.from({ length: 5000 }, (_, index) => exportOf(`export-${index}`, KIND.func, 0));
    const parts: ModuleParts = { types: [functionType()], functions: [0], code: [body([])] };
    expect(problem(moduleBytes({ ...parts, exports: names }))).toBeUndefined();
    expect(problem(moduleBytes({ ...parts, exports: [...names, names[2500]!] }))?.code).toBe('duplicate-name');
  });
});

describe('rules between sections', () => {
  const parts: ModuleParts = { types: [functionType()], memories: [limits(0)] };
  const cases: readonly [string, ModuleParts, string][] = [
    ['functions without code', { ...parts, functions: [0] }, 'count-mismatch'],
    ['code without functions', { ...parts, code: [body([])] }, 'count-mismatch'],
    ['a data count without data', { ...parts, dataCount: 1 }, 'count-mismatch'],
    ['a data count of another number', { ...parts, dataCount: 2, data: [dataSegment(0, [])] }, 'count-mismatch'],
    ['memory.init without a data count', { ...parts, functions: [0], code: [body([0xfc, 8, 0, 0])], data: [[1, 0]] }, 'data-count-missing'],
    ['a section again', { types: [], more: [{ id: 1, payload: [0] }] }, 'section-order'],
    ['a section too late', { memories: [], more: [{ id: 4, payload: [0] }] }, 'section-order'],
    ['a tag section after globals', { globals: [], more: [{ id: 13, payload: [0] }] }, 'section-order'],
    ['an unknown section', { more: [{ id: 14, payload: [] }] }, 'section-id'],
    ['bytes left over in a section', { more: [{ id: 1, payload: [0, 0] }] }, 'section-size'],
    ['another version', { preamble: [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0] }, 'unknown-version'],
  ];
  it.each(cases)('%s', (_, broken, code) => {
    expect(problem(moduleBytes(broken))).toMatchObject({ code, effect: 'malformed' });
  });
});

describe('bodies', () => {
  const cases: readonly [string, Bytes, string][] = [
    ['opcode FF', [0xff], 'invalid-opcode'], ['an opcode not assigned', [0x27], 'unknown-encoding'], ['a sub-opcode not assigned', [0xfd, 0x9a, 0x01], 'unknown-encoding'],
    ['a sub-opcode out of every range', [0xfc, ...HUGE], 'unknown-encoding'], ['an end too many', [0x0b, 0x01], 'invalid-body'],
    ['a block left open', [0x02, 0x40], 'unexpected-end'], ['an else without if', [0x05], 'invalid-body'], ['an else after else', [0x04, 0x40, 0x05, 0x05, 0x0b], 'invalid-body'],
    ['a catch without try', [0x02, 0x40, 0x19, 0x0b], 'invalid-body'], ['a delegate without try', [0x18, 0], 'invalid-body'], ['a catch after catch_all', [0x06, 0x40, 0x19, 0x19, 0x0b], 'invalid-body'],
    ['a local that is not there', [0x20, 0], 'invalid-index'], ['a local by two bytes', [0x20, 0x81, 0x01], 'invalid-index'], ['a function that is not there', [0x10, 1], 'invalid-index'],
    ['a function by three bytes', [0x10, 0x80, 0x80, 0x01], 'invalid-index'], ['a label that is not there', [0x0c, 1], 'invalid-index'], ['a global that is not there', [0x23, 0], 'invalid-index'],
    ['a table that is not there', [0x25, 0], 'invalid-index'], ['a memory that is not there', [0x28, 0x42, 1, 0], 'invalid-index'], ['an element segment that is not there', [0xfc, 13, 0], 'invalid-index'],
    ['a tag that is not there', [0x08, 0], 'invalid-index'], ['a type that is not there', [0x14, 9], 'invalid-index'],
    ['memory operand flags', [0x28, 0x80, 1, 0], 'invalid-flags'], ['an offset beyond 32 bits', [0x28, 0, ...unsigned(2 ** 32)], 'leb-too-large'],
    ['an i32 of six bytes', [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0], 'leb-too-long'], ['an i32 with bits too many', [0x41, 0x80, 0x80, 0x80, 0x80, 0x10], 'leb-too-large'],
    ['an i64 of eleven bytes', [0x42, ...Array.from({ length: 10 }, () => 0x80), 0], 'leb-too-long'], ['an index of six bytes', [0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0], 'leb-too-long'],
    ['an index with bits too many', [0x10, 0x80, 0x80, 0x80, 0x80, 0x10], 'leb-too-large'],
  ];
  it.each(cases)('%s is refused', (_, instructions, code) => {
    expect(problem(moduleWithCode(instructions))).toMatchObject({ code, section: 'code' });
  });

  it('an immediate that crosses the end of its body is refused', () => {
    for (const cut of [[0x41], [0x41, 0x80], [0x28, 0], [0x43, 0, 0], [0x44, 0], [0x10], [0x20], [0x42, 0xff], [0xfd, 12, 0], [0xfe, 3], [0x02]]) {
      expect(problem(moduleWithCode([], { code: [[cut.length + 1, 0, ...cut]] })), String(cut)).toBeDefined();
    }
  });

  it('indices of every width are read as what they are', () => {
    const callees = [0, 127, 128, 16_383, 16_384, 19_999];
    const count = 20_000;
    const code = [body(callees.flatMap((callee) => [0x10, ...unsigned(callee)])), ...Array.from({ length: count - 1 }, () => body([]))];
    const module = decode(moduleWithCode([], { functions: Array.from({ length: count }, () => 0), code }));
    expect([...module.code!.callEdges]).toEqual(callees.flatMap((callee) => [0, callee]));
    const locals = moduleWithCode([], { code: [body([0x20, ...unsigned(299), 0x1a], [[300, 0x7f]])] });
    expect(problem(locals)).toBeUndefined();
    expect(problem(moduleWithCode([], { code: [body([0x20, ...unsigned(300), 0x1a], [[300, 0x7f]])] }))?.code).toBe('invalid-index');
  });

  it('imports of each kind count in their own index space', () => {
    const descriptions: readonly Bytes[] = [[0, 0], [1, ...tableType(1)], [2, ...limits(1)], [3, 0x7f, 0], [4, 0, 0]];
    descriptions.forEach((description, kind) => {
      for (const exported of [0, 1, 2, 3, 4]) {
        const bytes = moduleBytes({ types: [functionType()], imports: [importOf('env', 'x', description)], exports: [exportOf('y', exported, 0)] });
        expect(problem(bytes)?.code, `import ${kind}, export ${exported}`).toBe(exported === kind ? undefined : 'invalid-index');
      }
    });
  });

  it('keeps what was decoded before a problem', () => {
    const module = decode(moduleWithCode([], { functions: [0, 0], code: [body([0x10, 1]), body([0x10, 0, 0xff])] }));
    expect(module.code).toMatchObject({ functions: 1 });
    expect([...module.code!.callEdges]).toEqual([0, 1]);
  });

  it('padded integers within their bounds are ordinary', () => {
    const module = decode(moduleWithCode([0x41, ...signed(-5, 5), 0x1a, 0x10, ...unsigned(0, 5), 0x42, ...signed(-1, 10), 0x1a, 0x28, ...unsigned(0, 5), ...unsigned(1, 10), 0x1a]));
    expect(module.problems).toEqual([]);
    expect([...module.code!.callEdges]).toEqual([0, 0]);
  });
});

describe('constants that rules look for', () => {
  it.each(WANTED_CONSTANTS.map((wanted, place) => [`${wanted.family} ${wanted.value}`, wanted, place] as const))('%s is found', (_, wanted, place) => {
    const operand = [wanted.type === 'i32' ? 0x41 : 0x42, ...signed(wanted.value)];
    const bytes = moduleWithCode([0x01, ...operand, 0x1a, ...operand, 0x1a]);
    const { counts, firstOffset } = decode(bytes).code!.constants;
    expect(counts[place]).toBe(2);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(bytes[firstOffset[place]!]).toBe(operand[0]);
    expect([...bytes.subarray(firstOffset[place]! + 1)].slice(0, operand.length - 1)).toEqual(operand.slice(1));
  });

  it('their neighbours are not', () => {
    const wanted = new Set(WANTED_CONSTANTS.map(({ type, value }) => `${type} ${value}`));
    for (const { type, value } of WANTED_CONSTANTS) {
      const bits = type === 'i32' ? 32 : 64;
      const neighbours = Array.from({ length: bits }, (_, bit) => BigInt.asIntN(bits, value ^ (1n << BigInt(bit)))).filter((other) => !wanted.has(`${type} ${other}`));
      const { counts } = decode(moduleWithCode(neighbours.flatMap((other) => [type === 'i32' ? 0x41 : 0x42, ...signed(other), 0x1a]))).code!.constants;
      expect(counts.every((count) => count === 0)).toBe(true);
    }
  });
});

describe('imports in every form', () => {
  const types = [functionType()];

  it('compact groups list every import with its own type, or with one', () => {
    const each = [...text('env'), 0, 0x7f, ...list([[...text('a'), 0, 0], [...text('b'), 3, 0x7f, 1]])];
    const shared = [...text('sys'), 0, 0x7e, 0, 0, ...list([text('c'), text('d')])];
    const plain = importOf('', '', [0, 0]);
    const module = decode(moduleBytes({ types, imports: [each, shared, plain] }));
    expect(module.problems).toEqual([]);
    expect(module.imports.map(({ module: from, name, type }) => [from, name, type.kind])).toEqual([['env', 'a', 'func'], ['env', 'b', 'global'], ['sys', 'c', 'func'], ['sys', 'd', 'func'], ['', '', 'func']]);
    expect(module.importedFunctions).toBe(4);
    expect(module.features.find(({ feature }) => feature === 'compact-imports')?.count).toBe(2);
  });

  it('names keep a byte-order mark and refuse what is not UTF-8', () => {
    expect(decode(moduleBytes({ types, imports: [importOf('\u{feff}env', '\u{1f600}')] })).imports[0]).toMatchObject({ module: '\u{feff}env', name: '\u{1f600}' });
    for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
      expect(problem(moduleBytes({ types, imports: [[...unsigned(bad.length), ...bad, 0, 0, 0]] }))?.code).toBe('invalid-utf8');
      expect(problem(moduleBytes({ types, functions: [0], code: [body([])], exports: [[...unsigned(bad.length), ...bad, 0, 0]] }))?.code).toBe('invalid-utf8');
      expect(problem(moduleBytes({ more: [{ id: 0, payload: [...unsigned(bad.length), ...bad] }] }))?.code).toBe('invalid-utf8');
    }
  });

  it('a problem after the imports does not lose them', () => {
    const module = decode(moduleBytes({ types, imports: [importOf('env', 'a')], more: [{ id: 77, payload: [] }] }));
    expect(module.imports).toHaveLength(1);
    expect(module.problems).toHaveLength(1);
  });
});

describe('anomalies', () => {
  it('an integer longer than needed is noted, the padded form of linkers is not', () => {
    expect(decode(moduleBytes({ more: [{ id: 1, payload: [0x80, 0x00] }] })).anomalies).toMatchObject([{ kind: 'overlong-integer', offset: 10, length: 2 }]);
    expect(decode(moduleBytes({ more: [{ id: 1, payload: unsigned(0, 5), size: unsigned(5, 5) }] }))).toMatchObject({ anomalies: [], problems: [] });
  });

  it('a second name section is noted', () => {
    const customs = [{ name: 'name', payload: [] }, { name: 'name', payload: [] }, { name: 'other', payload: [] }, { name: 'other', payload: [] }];
    expect(decode(moduleBytes({ customs })).anomalies.map(({ kind }) => kind)).toEqual(['repeated-custom-section']);
  });
});

describe('exception handling', () => {
  const tags = [[0, 0]];

  it('a tag counts for the proposal whose instructions the module uses', () => {
    const legacy = decode(moduleWithCode([0x06, 0x40, 0x08, 0, 0x19, 0x0b], { tags }));
    expect(legacy.features.map(({ feature }) => feature)).toEqual(['legacy-exceptions']);
    const standard = decode(moduleWithCode([0x1f, 0x40, 0, 0x08, 0, 0x0b], { tags }));
    expect(standard.features.map(({ feature }) => feature)).toEqual(['exceptions']);
  });
});

/** A module whose one body has this content, which may be large. */
function withBody(content: Uint8Array): Uint8Array {
  const size = unsigned(content.length);
  const head = moduleBytes({ types: [functionType()], functions: [0] });
  return join(head, [10], unsigned(1 + size.length + content.length), [1], size, content);
}
