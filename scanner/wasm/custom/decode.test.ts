import { assert, constantFrom, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomContent } from './decode.ts';
import { decodeCustom } from './decode.ts';
import { LIMITS } from '../limits.ts';

const BASE = 1000;
const ascii = (text: string) => [...new TextEncoder().encode(text)];
const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 128))]);
const sized = (bytes: readonly number[]) => [...leb(bytes.length), ...bytes];
const text = (value: string) => sized(ascii(value));
const list = (...items: readonly (readonly number[])[]) => [...leb(items.length), ...items.flat()];
const hex = (digits: string) => (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
const jwt = (...parts: readonly string[]) => ascii(parts.map((part) => Buffer.from(part).toString('base64url')).join('.'));
const decode = (name: string, payload: readonly number[]) => decodeCustom({ name, payload: Uint8Array.from(payload), offset: BASE, length: payload.length });

const component = [...hex('0061736d0d000100'), 0, ...sized([...text('wit-component-encoding'), 4, 0]), 7, ...sized([1, 2, 3])];
const signature = hex('01010101720173e465a89b38058f4514b9796fb252c7588ebe390a2f6d8c5c86f7535d58c8cf014f0c236c79a936837526e7b8746a0140de1c9634da6300a91384115fea22a9a8aed7ce8d084497834f450fe883dcf5f41a1bf94d45200daccb76d199f172f0680d16e1793f62b19089d67a11fb857409');

/** One whole payload per section, what it means, and one that is damaged. */
const SECTIONS: readonly { readonly name: string; readonly payload: readonly number[]; readonly content: Record<string, unknown>; readonly damaged: readonly number[] | null }[] = [
  { name: 'component-name', payload: [0, ...sized(text('outer')), 1, ...sized([0, 0, ...list([0, ...text('f')], [1, ...text('g')])])], content: { kind: 'component-name', component: 'outer', names: 2 }, damaged: [1, 9] },
  { name: 'producers', payload: list([...text('language'), ...list([...text('Rust'), ...text('')])]), content: { kind: 'producers', fields: [{ name: 'language', values: [{ name: 'Rust', version: '' }] }] }, damaged: [0xff, 0xff, 0xff, 0xff, 0x0f] },
  { name: 'target_features', payload: list([0x2b, ...text('simd128')], [0x2d, ...text('atomics')]), content: { kind: 'target-features', features: [{ prefix: '+', name: 'simd128' }, { prefix: '-', name: 'atomics' }] }, damaged: list([0x2a, ...text('x')]) },
  { name: 'dylink.0', payload: [1, ...sized([16, 2, 3, 0]), 2, ...sized(list(text('libc.so'))), 3, ...sized(list([...text('f'), 1])), 4, ...sized(list([...text('env'), ...text('g'), 16])), 5, ...sized(list(text('$ORIGIN')))], content: { kind: 'dylink', memorySize: 16, memoryAlignment: 2, tableSize: 3, tableAlignment: 0, needed: ['libc.so'], exports: [{ name: 'f', flags: 1 }], imports: [{ module: 'env', name: 'g', flags: 16 }], runtimePaths: ['$ORIGIN'] }, damaged: [2, 2, 9, 9] },
  { name: 'dylink', payload: [8, 2, 1, 0, ...list(text('libm.so'))], content: { kind: 'dylink', memorySize: 8, tableSize: 1, needed: ['libm.so'] }, damaged: [8, 2] },
  { name: 'linking', payload: [2, 8, ...sized([2, 0, 0, 0]), 6, ...sized([1, 0])], content: { kind: 'linking', version: 2, symbols: 2, initialisers: 1, segments: 0 }, damaged: [2, 8, 5, 0] },
  { name: 'reloc.CODE', payload: [3, 2, 0, 0], content: { kind: 'relocations', section: 3, count: 2 }, damaged: [3, 9] },
  { name: 'sourceMappingURL', payload: text('a.wasm.map'), content: { kind: 'url', role: 'source-map', url: 'a.wasm.map' }, damaged: ascii('http://x') },
  { name: 'external_debug_info', payload: text('/tmp/a.debug.wasm'), content: { kind: 'url', role: 'debug-info', url: '/tmp/a.debug.wasm' }, damaged: [1] },
  { name: 'build_id', payload: sized([0xde, 0xad]), content: { kind: 'build-id', id: 'dead' }, damaged: [3, 1] },
  { name: 'go:buildid', payload: [0xff, ...ascii(' Go build ID: "a/b"\n '), 0xff], content: { kind: 'build-id', id: 'a/b' }, damaged: [0xff, 0xc0, 0xff] },
  { name: 'go.version', payload: ascii('go1.19'), content: { kind: 'go-version', version: 'go1.19' }, damaged: [0xc0] },
  { name: 'signature', payload: signature, content: { kind: 'signature', specVersion: 1, contentType: 1, hashFunction: 1, sets: [{ hashes: ['73e465a89b38058f4514b9796fb252c7588ebe390a2f6d8c5c86f7535d58c8cf'], signatures: [{ keyId: '236c79a936837526e7b8746a', algorithm: 1, length: 64 }] }] }, damaged: signature.slice(0, 60) },
  { name: 'signature_delimiter', payload: Array(16).fill(0xd1), content: { kind: 'signature-delimiter', id: 'd1'.repeat(16) }, damaged: [1] },
  { name: 'authors', payload: ascii('A, B'), content: { kind: 'metadata', field: 'authors', text: 'A, B' }, damaged: [0xff] },
  { name: 'revision', payload: ascii('abc'), content: { kind: 'metadata', field: 'revision', text: 'abc' }, damaged: [0xff] },
  { name: 'registry-metadata', payload: ascii('{"authors":["a",1],"license":"MIT","links":[{"type":"Homepage","value":"https://e.org"},null]}'), content: { kind: 'registry-metadata', authors: ['a'], description: null, license: 'MIT', links: ['https://e.org'] }, damaged: ascii('[1]') },
  { name: 'package-docs', payload: [1, ...ascii('{"docs":""}')], content: { kind: 'package-docs', version: 1, keys: ['docs'] }, damaged: [1, ...ascii('nope')] },
  { name: '.dep-v0', payload: [0x78, 0x9c, 1], content: { kind: 'dependency-list' }, damaged: ascii('{}') },
  { name: 'jwt', payload: jwt('{"typ":"jwt","alg":"Ed25519"}', '{"iss":"ACME","sub":"MOD","wascap":{"name":"echo","caps":["wasmcloud:httpserver"]}}', 'x'), content: { kind: 'wasmcloud-claims', algorithm: 'Ed25519', issuer: 'ACME', subject: 'MOD', name: 'echo', capabilities: ['wasmcloud:httpserver'] }, damaged: jwt('{"alg":1}', '{}') },
  { name: 'wasmcloud_jwt', payload: jwt('{}', '{"wascap":7}', ''), content: { kind: 'wasmcloud-claims', issuer: null, capabilities: [] }, damaged: ascii('a.b.c') },
  { name: 'io.kubewarden.metadata', payload: ascii('{"protocolVersion":"v1","mutating":false,"rules":[{}],"contextAwareResources":[{"apiVersion":"v1","kind":"Secret"}],"hostCapabilities":["oci/v1/verify"],"executionMode":"kubewarden-wapc"}'), content: { kind: 'kubewarden-metadata', protocolVersion: 'v1', executionMode: 'kubewarden-wapc', mutating: false, backgroundAudit: null, contextAwareResources: ['v1/Secret'], hostCapabilities: ['oci/v1/verify'], rules: 1 }, damaged: ascii('null') },
  { name: 'component-type:bindings', payload: component, content: { kind: 'component-type', world: 'bindings', encoding: { version: 4, strings: 'utf8' } }, damaged: hex('0061736d01000000') },
  { name: 'wit-component-encoding', payload: [4, 1], content: { kind: 'wit-component-encoding', encoding: { version: 4, strings: 'utf16' } }, damaged: [4] },
  { name: 'metadata.code.branch_hint', payload: list([5, ...list([2, 1, 1], [9, 1, 0])]), content: { kind: 'code-metadata', hint: 'branch_hint', functions: 1, hints: 2 }, damaged: list([5, ...list([2, 1, 2])]) },
  { name: 'core', payload: [0, ...text('a.out')], content: { kind: 'coredump', part: 'core', names: ['a.out'] }, damaged: [1, ...text('a')] },
  { name: 'coremodules', payload: list([0, ...text('m')]), content: { kind: 'coredump', part: 'coremodules', names: ['m'], count: 1 }, damaged: list([1, 0]) },
  { name: 'coreinstances', payload: list([0, 0, ...list([0]), ...list([1], [2])]), content: { kind: 'coredump', part: 'coreinstances', count: 1 }, damaged: list([0, 0, 9]) },
  { name: 'corestack', payload: [0, ...text('main'), ...list([0, 1, 2, 3, ...list([0x7f, 0x2a], [0x7e, 1], [0x01]), ...list([0x7d, 0, 0, 0, 0], [0x7c, 0, 0, 0, 0, 0, 0, 0, 0])])], content: { kind: 'coredump', part: 'corestack', names: ['main'], count: 1 }, damaged: [0, ...text('main'), ...list([0, 1, 2, 3, ...list([0x60])])] },
  { name: 'import_namespace', payload: ascii('javy-default-plugin-v1'), content: { kind: 'import-namespace', namespace: 'javy-default-plugin-v1' }, damaged: [0xff] },
  { name: '.debug_info', payload: [1, 2, 3], content: { kind: 'dwarf', part: 'info' }, damaged: null },
];

const names = [...SECTIONS.map((section) => section.name), 'name'];

describe('decodeCustom', () => {
  it.each(SECTIONS)('reads $name', ({ name, payload, content }) => {
    const decoded = decode(name, payload);
    expect(decoded.problem).toBeNull();
    expect(decoded.content).toMatchObject(content);
  });

  it.each(SECTIONS.filter((section) => section.damaged))('degrades a damaged $name', ({ name, damaged }) => {
    const { content, problem } = decode(name, damaged!);
    expect(content).toEqual({ kind: 'unknown' });
    expect(problem).toMatchObject({ code: 'damaged-custom-section', effect: 'degraded', section: `custom:${name}` });
    expect(problem!.offset).toBeGreaterThanOrEqual(BASE);
    expect(problem!.offset).toBeLessThanOrEqual(BASE + damaged!.length);
  });

  it('calls what is beyond a limit not analysed, because a loader may read it', () => {
    for (const [name, payload] of [['registry-metadata', ascii(`{"license":"${'x'.repeat(LIMITS.customTextBytes)}"}`)], ['import_namespace', ascii('x'.repeat(LIMITS.customTextBytes + 1))]] as const) {
      expect(decode(name, payload)).toMatchObject({ content: { kind: 'unknown' }, problem: { code: 'limit-exceeded', effect: 'unanalysed', section: `custom:${name}` } });
    }
  });

  it('reads an address that holds a whole source map', () => {
    const url = `data:application/json;base64,${'A'.repeat(LIMITS.nameBytes)}`;
    expect(decode('sourceMappingURL', text(url))).toEqual({ content: { kind: 'url', role: 'source-map', url }, problem: null });
  });

  it('reads every prefix of every section without throwing', () => {
    for (const { name, payload } of SECTIONS) {
      for (let length = 0; length < payload.length; length++) expect(() => decode(name, payload.slice(0, length)), `${name} ${length}`).not.toThrow();
    }
  });

  it('reads anything under any name without throwing', () => {
    assert(property(constantFrom(...names), uint8Array({ maxLength: 60 }), (name, payload) => typeof decode(name, [...payload]).content.kind === 'string'), { numRuns: 3000 });
  });

  it('leaves other names alone', () => {
    expect(decode('psp-runtime', [1, 2])).toEqual({ content: { kind: 'unknown' }, problem: null });
  });

  it('says where the damage is and cuts hostile names', () => {
    const { problem } = decode('metadata.code.'.padEnd(500, 'x'), list([5, ...list([2, 9, 1])]));
    expect(problem).toMatchObject({ offset: BASE + 5 });
    expect(problem!.section).toHaveLength('custom:'.length + 80);
  });

  it('keeps a signature of another version apart from a damaged one', () => {
    expect(decode('signature', [2, 2, 1, 9, 9])).toMatchObject({ content: { kind: 'signature', specVersion: 2, sets: [] }, problem: null });
  });
});

describe('name section', () => {
  const named = (content: CustomContent) => (content.kind === 'name' ? content : expect.fail(content.kind));

  it('gives names by index and counts the other maps', () => {
    const { content, problem } = decode('name', [0, ...sized(text('m')), 1, ...sized(list([0, ...text('main')], [7, ...text('é')])), 2, ...sized(list([0, ...list([0, ...text('x')])])), 99, ...sized([0])]);
    expect(problem).toBeNull();
    const { module, functions, counts } = named(content);
    expect(module).toBe('m');
    expect([...functions]).toEqual([[0, 'main'], [7, 'é']]);
    expect(functions.get(1)).toBeNull();
    expect(counts).toEqual({ functions: 2, locals: 1, 'subsection 99': 0 });
  });

  it('keeps the first of two names and replaces bytes that are no text', () => {
    const { functions } = named(decode('name', [1, ...sized(list([3, ...text('a')], [3, ...text('b')], [4, 1, 0xff]))]).content);
    expect([...functions]).toEqual([[3, 'a'], [4, '\ufffd']]);
  });

  it('degrades a count that the bytes cannot hold', () => {
    expect(decode('name', [1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]).problem).toMatchObject({ code: 'damaged-custom-section' });
  });
});
