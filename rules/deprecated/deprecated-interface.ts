import { customPath } from '../../scanner/facts/text-sources.ts';
import type { Facts, ImportFact } from '../../scanner/facts/facts.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'deprecated-interface',
  title: 'The program is built for an interface of the past',
  description: 'Finds interfaces that were replaced or whose host is no longer maintained: hosts drop them, and no longer repair them.',
  family: 'deprecated',
  securitySeverity: 3.0,
  confidence: 'high',
  cwe: [477, 1104],
  since: '0.1.0',
  remedy: 'Rebuild with a current toolchain and SDK',
  references: ['https://github.com/WebAssembly/WASI/tree/main/legacy', 'https://wasi.dev/interfaces', 'https://spinframework.dev/v3/upgrade'],
  *check(facts) {
    const first = new Map<Past, Location>();
    for (const found of facts.imports) note(first, found);
    noteExports(facts, first);
    for (const custom of facts.customs) {
      if (custom.name === 'dylink' && !first.has(OLD_DYLINK)) first.set(OLD_DYLINK, { path: customPath(custom.path, custom.index, custom.name), offset: custom.offset, length: custom.length });
    }
    for (const [{ what, instead }, location] of first) yield finding(what, instead, location);
  },
});

interface Past { readonly what: string; readonly instead: string }

/** ABIs of the catalogue that were replaced, or whose host was archived or is dormant. */
const ABIS: Readonly<Record<string, Past>> = {
  'wasi-preview0': { what: 'WASI preview 0 (wasi_unstable)', instead: 'wasi_snapshot_preview1 or WASI 0.2' },
  'wasi-draft': { what: 'a draft of a WASI package', instead: 'the released package' },
  'wasi-http-prototype': { what: 'an HTTP client from before wasi:http', instead: 'wasi:http' },
  'spin-legacy': { what: 'Spin 1 core module interfaces', instead: 'components for Spin 2 or later' },
  slight: { what: 'SpiderLightning, which is archived', instead: 'the wasi:keyvalue, wasi:messaging and wasi:config packages' },
  wws: { what: 'Wasm Workers Server, which is archived', instead: 'wasi:http' },
  suborbital: { what: 'Suborbital, which is dormant', instead: 'wasi:http' },
  lunatic: { what: 'Lunatic, which is dormant', instead: 'WASI 0.2' },
  'nginx-unit': { what: 'NGINX Unit, which is archived', instead: 'wasi:http' },
};
const CANDIDATE: Past = { what: 'a release candidate of WASI', instead: 'the released version' };
const OLD_DYLINK: Past = { what: 'the dylink section of old', instead: 'dylink.0' };
const OLD_PROXY: Past = { what: 'Proxy-Wasm ABI 0.1.0', instead: 'ABI 0.2.1' };
const OLD_BINDINGS: Past = { what: 'bindings from before the component model (canonical_abi)', instead: 'a component' };

function note(first: Map<Past, Location>, { abi, module, location }: ImportFact): void {
  const past = module === 'canonical_abi' ? OLD_BINDINGS : /^wasi:.*@0\.\d+\.\d+-/.test(module) ? CANDIDATE : ABIS[abi ?? ''];
  if (past !== undefined && !first.has(past)) first.set(past, location);
}

function noteExports({ exports }: Facts, first: Map<Past, Location>): void {
  for (const { name, abi, location } of exports) {
    const past = name === 'proxy_abi_version_0_1_0' ? OLD_PROXY : /^canonical_abi_(realloc|free)$/.test(name) ? OLD_BINDINGS : /^wasi:.*@0\.\d+\.\d+-/.test(name) ? CANDIDATE : ABIS[abi ?? ''];
    if (past !== undefined && !first.has(past)) first.set(past, location);
  }
}

function finding(what: string, instead: string, location: Location): RuleFinding {
  return { message: `Uses ${what}`, subject: what, location, fix: `Rebuild with a current toolchain and SDK, for ${instead}` };
}
