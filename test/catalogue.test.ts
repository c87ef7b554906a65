import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { classify } from '../scanner/facts/catalogue/classify.ts';
import { CAPABILITIES } from '../scanner/facts/catalogue/data.ts';
import { classifyExport } from '../scanner/facts/catalogue/exports.ts';
import { exportRows, rowGroups, rowsOf } from '../scanner/facts/catalogue/rows.ts';
import { haveSuite, suitesFolder } from './support/suites.ts';

interface Entry { readonly abi: string; readonly module: string; readonly name: string; readonly capability: string; readonly risk: string; readonly note?: string }
interface ExportEntry { readonly abi: string; readonly name: string; readonly capability: string; readonly note?: string }
interface Catalogue { readonly capabilities: Record<string, string>; readonly abis: Record<string, unknown>; readonly entries: readonly Entry[]; readonly exports: readonly ExportEntry[] }

const FILE = '../abi-catalog.yaml';
const catalogue = haveSuite(FILE) ? (parse(readFileSync(join(suitesFolder(), FILE), 'utf8')) as Catalogue) : null;

/** Names that a pattern stands for: versions where a version is left out, else sample text. */
function instances(pattern: string): string[] {
  if (!pattern.includes('*')) return [pattern];
  if (/@0\.[23]\*$/.test(pattern)) return ['', '.0', '.7', '.12', '.0-rc-2023-11-10', '.0-rc.1'].filter((version) => !/rc/.test(version) || !DRAFTS.test(pattern)).map((version) => pattern.slice(0, -1) + version);
  if (pattern.endsWith('-rc-*')) return [pattern.replace('/*', '/sample').slice(0, -1) + '2023-10-18'];
  if (pattern.endsWith('@*')) return [pattern.slice(0, -2), ...['0.2.0-draft2', '1.4.0', '0.0.1'].map((version) => pattern.slice(0, -1) + version)];
  if (/[:/][a-z-]+\*$/.test(pattern)) return ['', '@2.0.0', '@3.0.0-rc.2'].map((version) => pattern.slice(0, -1) + version);
  return [pattern.replaceAll('*', 'sample'), pattern.replaceAll('*', 'x-y.z')];
}

/** Imports that a row is there for. */
function imports(entry: Entry): { entry: Entry; module: string; name: string }[] {
  const names = [...new Set([entry.name.replaceAll('*', 'sample'), entry.name.replaceAll('*', 'x-y.z')])];
  return instances(entry.module).flatMap((module) => names.map((name) => ({ entry, module, name })));
}

/** Interfaces whose 2023 drafts have rows of their own. */
const DRAFTS = /^wasi:(http\/types|sockets\/|filesystem\/)/;

describe.skipIf(catalogue === null)('the shipped catalogue', () => {
  const { entries, exports, capabilities } = catalogue ?? { entries: [], exports: [], capabilities: {} };

  test('has every import row and no other', () => {
    const shipped = rowGroups().flatMap((group) => [...rowsOf(group)]).map(({ note, ...row }) => JSON.stringify({ ...row, ...(note === null ? {} : { note }) }, KEYS)).sort();
    expect(shipped).toEqual(entries.map((entry) => JSON.stringify(entry, KEYS)).sort());
    expect(shipped).toHaveLength(2005);
  });

  test('has every export row and no other', () => {
    const shipped = [...exportRows()].map(({ note, ...row }) => JSON.stringify({ ...row, ...(note === null ? {} : { note }) }, KEYS));
    expect(shipped).toEqual(exports.map((entry) => JSON.stringify(entry, KEYS)));
  });

  test('has every capability with its meaning', () => {
    expect(CAPABILITIES).toEqual(capabilities);
  });

  test('classifies every import row as it says, once its ABI is decided', () => {
    const wrong: unknown[] = [];
    for (const { entry, module, name } of entries.flatMap(imports)) {
      const expected = expectation(entry, module, name);
      const found = classify(module, name, 'func', { abis: new Set([entry.abi]) });
      if (!sameClass(found, expected)) wrong.push({ module, name, expected, found });
    }
    expect(wrong).toEqual([]);
  });

  test('classifies every export row as it says, once its ABI is decided', () => {
    const wrong = exports.flatMap((entry) => instances(entry.name).map((name) => ({ name, entry, found: classifyExport(name, new Set([entry.abi])) })))
      .filter(({ entry, found }) => found?.abi !== entry.abi || found.capability !== entry.capability);
    expect(wrong).toEqual([]);
  });
});

const KEYS = ['abi', 'module', 'name', 'capability', 'risk', 'note'];

interface Class { readonly capability: string; readonly abi: string | null; readonly risk: string }

function sameClass(a: Class, b: Class): boolean {
  return a.capability === b.capability && a.abi === b.abi && a.risk === b.risk;
}

/** Fallback rows make an import unknown; rows for a prefix say themselves that the rest of the name decides. */
function expectation(entry: Entry, module: string, name: string): Class {
  if (entry.abi === 'generic') return { capability: 'unknown', abi: null, risk: entry.risk };
  if (module !== '$root' || !entry.note?.startsWith('prefix; strip')) return entry;
  return classify(module, name.slice(name.indexOf(']') + 1), 'func', { abis: new Set([entry.abi]) });
}

describe('classification', () => {
  const of = (module: string, name: string, abis: readonly string[] = [], kind = 'func') => {
    const { capability, abi } = classify(module, name, kind, { abis: new Set(abis) });
    return [capability, abi];
  };

  test('names under env mean something only in an ABI that was recognised', () => {
    expect(of('env', 'malloc')).toEqual(['unknown', null]);
    expect(of('env', 'malloc', ['wamr'])).toEqual(['runtime-support', 'wamr']);
    expect(of('env', 'open', ['emscripten'])).toEqual(['unknown', null]);
    expect(of('env', 'anything', ['hyperlight-wasm'])).toEqual(['host-call', 'hyperlight-wasm']);
  });

  test('a name that runs other code is never taken for less, whatever the ABI', () => {
    expect(of('env', 'system')[0]).toBe('process-spawn');
    expect(of('env', 'emscripten_run_script')[0]).toBe('dynamic-code');
    expect(of('env', '_emval_get_global')[0]).toBe('js-host');
    expect(of('process', 'run-command')[0]).toBe('process-spawn');
    expect(of('github', 'latest-release')).toEqual(['unknown', null]);
  });

  test('minified names are unknown, never guessed', () => {
    expect(of('a', 'b')).toEqual(['unknown', null]);
    expect(of('', 'a')).toEqual(['unknown', null]);
    expect(of('', 'a', ['porffor'])).toEqual(['stdio', 'porffor']);
  });

  test('the most literal module wins, then the most literal name', () => {
    expect(of('wasi:http/types@0.2.0-rc-2023-11-10', '[method]fields.get')).toEqual(['runtime-support', 'wasi-draft']);
    expect(of('wasi_snapshot_preview1', 'fd_write')).toEqual(['stdio', 'wasi-preview1']);
    expect(of('wasi_snapshot_preview1', 'sock_open')).toEqual(['net-socket', 'wasmedge-sockets']);
    expect(of('wasi_snapshot_preview1', 'sock_open', ['wamr'])).toEqual(['net-socket', 'wamr']);
    expect(of('wasi_snapshot_preview1', 'made_up')).toEqual(['host-call', 'wasi-preview1']);
    expect(of('env', 'proxy_log', ['proxy-wasm'])).toEqual(['logging', 'proxy-wasm']);
    expect(of('env', 'proxy_made_up', ['proxy-wasm'])).toEqual(['host-call', 'proxy-wasm']);
  });

  test('versions are compared as versions, interfaces as whole names', () => {
    expect(of('wasi:random/random@0.2', 'get-random-bytes')).toEqual(['random-secure', 'wasi-0.2']);
    expect(of('wasi:random/random@0.2.12', 'get-random-bytes')).toEqual(['random-secure', 'wasi-0.2']);
    expect(of('wasi:random/random@0.20.0', 'get-random-bytes')[0]).not.toBe('random-secure');
    expect(of('wasi:random/random@0.2x', 'get-random-bytes')[1]).toBe('wasi-0.2');
    for (const other of ['wasi:randomly/random@0.2.0', 'wasi:random/randomly@0.2.0', 'xwasi:random/random@0.2.0', 'wasi:random@0.2.0']) {
      expect(of(other, 'get-random-bytes')[0]).not.toBe('random-secure');
    }
  });

  test('prefixes of component tooling come off first', () => {
    expect(of('wasi:http/client@0.3.0', '[async-lower]send')).toEqual(['http-client', 'wasi-0.3']);
    expect(of('wasi:io/streams@0.2.6', '[resource-drop]output-stream')).toEqual(['runtime-support', 'wasi-0.2']);
    expect(of('wasi:sockets/tcp@0.2.6', '[resource-drop]tcp-socket')).toEqual(['runtime-support', 'wasi-0.2']);
    expect(of('evil:thing/api@1.0.0', '[resource-drop]x')).toEqual(['runtime-support', null]);
    expect(of('[export]wasi:http/incoming-handler@0.2.0', '[resource-drop]x')).toEqual(['runtime-support', 'component-model']);
    expect(of('wasi:http/types@0.3.0', '[stream-new-0]consume-body')).toEqual(['async-runtime', 'component-model']);
    expect(of('cm32p2|wasi:random/random@0.2', 'get-random-u64')).toEqual(['random-secure', 'wasi-0.2']);
    expect(of('cm32p2|evil:thing/api@1', 'run')).toEqual(['unknown', null]);
    expect(of('cm32p2', 'my-function')).toEqual(['component-call', 'component-model']);
    expect(of('env', '[resource-drop]x')).toEqual(['unknown', null]);
  });

  test('wasm-bindgen modules share their names', () => {
    for (const module of ['wbg', './app_bg.js', '__wbindgen_placeholder__']) {
      expect(of(module, '__wbindgen_throw')).toEqual(['process-exit', 'wasm-bindgen']);
      expect(of(module, '__wbg___wbindgen_throw_dd24417ed36fc46e')).toEqual(['process-exit', 'wasm-bindgen']);
      expect(of(module, '__wbg_fetch_0123456789abcdef')).toEqual(['http-client', 'wasm-bindgen']);
      expect(of(module, '__wbg_eval_0123456789abcdef')).toEqual(['dynamic-code', 'wasm-bindgen']);
      expect(of(module, 'hello')).toEqual(['js-host', 'wasm-bindgen']);
    }
  });

  test('memories, tables and globals are linkage, unless a row names them or the memory is shared', () => {
    expect(of('env', 'memory', [], 'memory')).toEqual(['runtime-support', null]);
    expect(of('env', 'memory', ['opa'], 'memory')).toEqual(['runtime-support', 'opa']);
    expect(of('host', 'secret', [], 'global')).toEqual(['runtime-support', null]);
    expect(of('GOT.func', 'puts', [], 'global')).toEqual(['runtime-support', null]);
    expect(of('env', '__linear_memory', [], 'memory')).toEqual(['runtime-support', null]);
    const shared = classify('env', 'memory', 'memory', { abis: new Set(['wasi-threads']), shared: true });
    expect([shared.capability, shared.abi]).toEqual(['threads', 'wasi-threads']);
  });

  test('exports speak by their names, common ones only within their ABI', () => {
    expect(classifyExport('wasi:http/incoming-handler@0.2.6', new Set())?.capability).toBe('http-server');
    expect(classifyExport('wasi:http/incoming-handler@0.20.6', new Set())).toBeNull();
    expect(classifyExport('builtins', new Set())).toBeNull();
    expect(classifyExport('builtins', new Set(['opa']))?.capability).toBe('host-call');
    expect(classifyExport('proxy_on_log', new Set())?.capability).toBe('http-traffic-read');
    expect(classifyExport('plugin_init', new Set())).toBeNull();
  });
});
