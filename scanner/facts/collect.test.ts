import { describe, expect, test } from 'vitest';
import { attributed, componentBytes, externName, list, SECTION, TYPE } from '../../test/support/component.ts';
import { exportOf, functionType, importOf, KIND, limits, moduleBytes, moduleWithCode, text } from '../../test/support/module.ts';
import { decode } from '../wasm/decode.ts';
import { collectFacts, type FactOptions } from './collect.ts';
import { UNKNOWN_PROVENANCE } from '../provenance.ts';

function factsOf(bytes: Uint8Array, options: Partial<FactOptions> = {}) {
  return collectFacts({ name: 'x.wasm', bytes, digest: `sha256:${'0'.repeat(64)}` }, decode(bytes), { provenance: UNKNOWN_PROVENANCE, ...options });
}

const types = [functionType()];
const SHARED_MEMORY = [KIND.memory, 0x03, 0x01, 0x02];

/** An instance import whose type lists functions. */
function instanceType(...functions: readonly string[]): number[] {
  return [0x42, 1 + functions.length, 0x01, ...TYPE.func, ...functions.flatMap((name) => [0x04, ...externName(name), 0x01, 0x00])];
}

describe('facts of a module', () => {
  test('keep the order of imports and their duplicates, and say where they are', () => {
    const { imports } = factsOf(moduleBytes({ types, imports: [importOf('wasi_snapshot_preview1', 'fd_write'), importOf('env', 'memory', [KIND.memory, ...limits(1)]), importOf('wasi_snapshot_preview1', 'fd_write')] }));
    expect(imports.map(({ name, kind, capability, index }) => [name, kind, capability, index])).toEqual([['fd_write', 'func', 'stdio', 0], ['memory', 'memory', 'runtime-support', 1], ['fd_write', 'func', 'stdio', 2]]);
    expect(imports[2]?.location.path).toBe('import[2] wasi_snapshot_preview1.fd_write');
    expect(imports[2]?.location.offset).toBeGreaterThan(imports[0]!.location.offset);
    expect(imports.every(({ reachable }) => reachable === null)).toBe(true);
  });

  test('decide the ABI before they classify a name under env', () => {
    const abort = importOf('env', 'log');
    expect(factsOf(moduleBytes({ types, imports: [abort] })).imports[0]?.capability).toBe('unknown');
    const plugin = factsOf(moduleBytes({ types, imports: [abort], functions: [0], code: [[2, 0, 0x0b]], exports: [exportOf('plugin_create_container', KIND.func, 0)] }));
    expect(plugin.imports[0]).toMatchObject({ capability: 'logging', abi: 'containerd-nri' });
    expect(plugin.capabilities).toEqual(['host-call', 'logging']);
    expect(plugin.abis).toEqual(['containerd-nri']);
  });

  test('call a shared memory threads', () => {
    const { imports, capabilities } = factsOf(moduleBytes({ imports: [importOf('env', 'memory', SHARED_MEMORY)] }));
    expect(imports[0]?.capability).toBe('threads');
    expect(capabilities).toEqual(['threads']);
  });

  test('leave runtime-support out of the capabilities', () => {
    expect(factsOf(moduleBytes({ types, imports: [importOf('wasi_snapshot_preview1', 'sched_yield')] })).capabilities).toEqual([]);
  });

  test('name an ABI for _start only where WASI is imported', () => {
    const parts = { types, functions: [0], code: [[2, 0, 0x0b]], exports: [exportOf('_start', KIND.func, 0)] };
    expect(factsOf(moduleBytes(parts)).abis).toEqual([]);
    const command = factsOf(moduleBytes({ ...parts, imports: [importOf('wasi_snapshot_preview1', 'proc_exit')] }));
    expect([...command.exports][0]).toMatchObject({ name: '_start', abi: 'wasi-preview1', capability: 'runtime-support', index: 0 });
  });

  test.each([
    ['linking', 'object-file'], ['dylink.0', 'shared-library'], ['corestack', 'core-dump'], ['component-type:bindings', 'pre-component'], ['producers', 'program'],
  ])('see by a section %s that it is a %s', (name, role) => {
    expect(factsOf(moduleBytes({ customs: [{ name, payload: [] }] })).modules[0]?.role).toBe(role);
  });

  test.each([['wasi:io/streams@0.2.0', 'pre-component'], ['$root', 'pre-component'], ['cm32p2|wasi:io/streams@0.2', 'pre-component'], ['extism:host/env', 'program'], ['lunatic::process', 'program'], ['wasm:js-string', 'program']])('see by an import of %s that it is a %s', (module, role) => {
    expect(factsOf(moduleBytes({ types, imports: [importOf(module, 'f')] })).modules[0]?.role).toBe(role);
  });

  test('call it native when it carries machine code for WasmEdge', () => {
    const facts = factsOf(moduleBytes({ types, imports: [importOf('wasi_snapshot_preview1', 'fd_write')], customs: [{ name: 'wasmedge', payload: [1, 2, 3] }] }));
    expect(facts.kind).toBe('native');
    expect(facts.imports).toHaveLength(1);
  });

  test('are computed once', () => {
    const facts = factsOf(moduleWithCode([0x01]));
    for (const key of ['modules', 'imports', 'exports', 'capabilities', 'abis', 'customs', 'tools', 'languages', 'dependencies', 'indicators', 'byteSignatures', 'embedded', 'problems'] as const) expect(facts[key], key).toBe(facts[key]);
    expect(facts.modules[0]?.imports).toBe(facts.imports);
  });

  test('tell no secrets from not looked for', () => {
    expect(factsOf(moduleBytes()).secretsAnalysed).toBe(false);
    expect(factsOf(moduleBytes(), { secrets: [] }).secretsAnalysed).toBe(true);
  });

  test('report a damaged custom section as degraded', () => {
    const facts = factsOf(moduleBytes({ customs: [{ name: 'producers', payload: [9] }] }));
    expect(facts.problems.map(({ effect }) => effect)).toEqual(['degraded']);
  });
});

describe('facts of a component', () => {
  const bytes = componentBytes(
    list(SECTION.type, instanceType('get-environment', 'get-arguments'), instanceType('send'), TYPE.emptyInstance, TYPE.func),
    list(SECTION.import, [...externName('wasi:cli/environment@0.2.6'), 0x05, 0x00], [...attributed('upstream', [0x00, 'wasi:http/outgoing-handler@0.2.6']), 0x05, 0x01], [...externName('wasi:io/error@0.2.6'), 0x05, 0x02], [...externName('do-it'), 0x01, 0x03]),
  );

  test('have one import for each function of an outer instance', () => {
    const facts = factsOf(bytes);
    expect(facts.problems).toEqual([]);
    expect(facts.imports.map(({ module, name, kind, index, interface: judged, capability }) => [module, name, kind, index, judged, capability])).toEqual([
      ['wasi:cli/environment@0.2.6', 'get-environment', 'instance', 0, 'wasi:cli/environment@0.2.6', 'env-read'],
      ['wasi:cli/environment@0.2.6', 'get-arguments', 'instance', 0, 'wasi:cli/environment@0.2.6', 'args-read'],
      ['upstream', 'send', 'instance', 1, 'wasi:http/outgoing-handler@0.2.6', 'http-client'],
      ['wasi:io/error@0.2.6', '', 'instance', 2, 'wasi:io/error@0.2.6', 'runtime-support'],
      ['do-it', '', 'func', 3, 'do-it', 'component-call'],
    ]);
    expect(facts.imports[1]?.location.path).toBe('import[0] wasi:cli/environment@0.2.6#get-arguments');
  });

  test('recognise Zed by its world, and then its plain names', () => {
    const facts = factsOf(componentBytes(
      list(SECTION.type, instanceType('latest-release'), TYPE.func),
      list(SECTION.import, [...externName('github'), 0x05, 0x00], [...externName('download-file'), 0x01, 0x01]),
    ));
    expect(facts.imports.map(({ capability, abi }) => [capability, abi])).toEqual([['http-client', 'zed'], ['http-client', 'zed']]);
  });

  test('leave what inner modules import from each other out', () => {
    const inner = moduleBytes({ types, imports: [importOf('env', 'system'), importOf('wasi_snapshot_preview1', 'fd_write')] });
    const facts = factsOf(componentBytes([SECTION.module, ...lengthOf(inner), ...inner]));
    expect(facts.imports).toEqual([]);
    expect(facts.capabilities).toEqual([]);
    expect(facts.modules.map(({ path, role, imports }) => [path, role, imports.map(({ capability }) => capability)])).toEqual([['module[0]', 'program', ['process-spawn', 'stdio']]]);
    expect(facts.modules[0]?.imports[1]?.location.path).toBe('module[0]/import[1] wasi_snapshot_preview1.fd_write');
  });
});

describe('facts of other bytes', () => {
  test('are empty, and the problems say why', () => {
    const facts = factsOf(Uint8Array.from(text('not wasm')));
    expect([facts.kind, [...facts.imports], [...facts.exports], facts.modules, facts.features]).toEqual(['unknown', [], [], [], []]);
    expect(facts.problems).not.toEqual([]);
  });
});

function lengthOf(bytes: Uint8Array): number[] {
  return bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
}
