import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflate } from '../../../engine/inflate.ts';
import { componentBytes, section, SECTION } from '../../../test/support/component.ts';
import { watToWasm } from '../../../test/support/wat.ts';
import { collectFacts } from '../../facts/collect.ts';
import type { Facts } from '../../facts/facts.ts';
import { UNKNOWN_PROVENANCE } from '../../provenance.ts';
import { decode } from '../../wasm/decode.ts';
import { billOf, type Bill, type Part } from './bill.ts';
import { cycloneDxText } from './cyclonedx.ts';
import { packageUrl } from './package-url.ts';
import { spdxText } from './spdx.ts';
import { cycloneDxFaults, spdxFaults } from '../../../test/support/bills.ts';

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const factsOf = (bytes: Uint8Array, name = 'app.wasm'): Facts => collectFacts({ name, bytes, digest: `sha256:${hash(bytes)}` }, decode(bytes), { provenance: UNKNOWN_PROVENANCE, inflate });
const bill = (...artifacts: readonly Facts[]): Bill => billOf(artifacts, { hash, timestamp: null, version: '1.2.3' });

const escaped = (bytes: Uint8Array): string => [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
const LIST = deflateSync(JSON.stringify({ packages: [{ name: 'app', version: '0.1.0', root: true }, { name: 'bytes', version: '1.10.1' }] }));
const LISTED = watToWasm(`(module $core (@custom ".dep-v0" "${escaped(LIST)}") (@producers (processed-by "rustc" "1.80.0") (language "Rust" "")))`);
const BANNERS = watToWasm('(module (memory 1) (data (i32.const 0) "expat_2.7.3 node_modules/@a/b/ /*! c v1.0.0"))');
const INNER = componentBytes(section(SECTION.module, BANNERS));
const WHOLE = componentBytes(section(SECTION.module, LISTED), section(SECTION.component, INNER));
const outline = ({ name, path, packages, parts }: Part): unknown => ({ [`${path || '.'} ${name}`]: [...packages.map(({ dependency, confidence }) => `${dependency.name} ${dependency.version} ${confidence}`), ...parts.map(outline)] });

describe('billOf', () => {
  it('gives each package to the innermost part that names it', () => {
    expect(bill(factsOf(WHOLE)).artifacts.map(outline)).toEqual([{ '. app.wasm': [
      { 'module[0] core': ['bytes 1.10.1 high'] },
      { 'component[0] component[0]': [{ 'component[0]/module[0] component[0]/module[0]': ['@a/b  low', 'c 1.0.0 medium', 'expat 2.7.3 medium'] }] },
    ] }]);
  });

  it('hashes a nested module as the file it would be', () => {
    const [whole] = bill(factsOf(WHOLE)).artifacts;
    expect(whole).toMatchObject({ sha256: hash(WHOLE), size: WHOLE.length });
    expect(whole!.parts.map(({ sha256, size }) => [sha256, size])).toEqual([[hash(LISTED), LISTED.length], [hash(INNER), INNER.length]]);
    expect(whole!.parts[1]!.parts[0]).toMatchObject({ sha256: hash(BANNERS), size: BANNERS.length });
  });

  it('is the same for the same bytes, and lists equal ones once', () => {
    const one = factsOf(WHOLE);
    expect(bill(one, factsOf(WHOLE, 'copy.wasm'))).toEqual(bill(one));
    expect(bill(one).uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(bill(one).uuid).not.toBe(bill(factsOf(LISTED)).uuid);
  });

  it('lists what is no Wasm as well', () => {
    expect(bill(factsOf(Uint8Array.of(1, 2, 3))).artifacts).toMatchObject([{ kind: 'other', size: 3, parts: [], packages: [] }]);
  });
});

describe.each([['one artifact', [factsOf(WHOLE)]], ['several', [factsOf(LISTED, 'a.wasm'), factsOf(WHOLE, 'b.wasm'), factsOf(BANNERS, 'c\u202e"\n.wasm')]]] as const)('documents about %s', (_what, artifacts) => {
  it('are CycloneDX 1.6 by its schema', () => {
    expect(cycloneDxFaults(cycloneDxText(bill(...artifacts)))).toEqual([]);
  });

  it('are SPDX 2.3: every required field, and no reference into nothing', () => {
    expect(spdxFaults(spdxText(bill(...artifacts)))).toEqual([]);
  });

  it('hide no harmful character from whoever reads them in a terminal', () => {
    for (const text of [cycloneDxText(bill(...artifacts)), spdxText(bill(...artifacts))]) expect(text).not.toMatch(/\u202e/);
  });
});

describe('what the documents say', () => {
  interface Component { readonly 'bom-ref': string; readonly name: string; readonly version?: string; readonly purl?: string; readonly properties: readonly { readonly name: string; readonly value: string }[]; readonly components?: readonly Component[] }
  const document = JSON.parse(cycloneDxText(bill(factsOf(WHOLE)))) as { metadata: { component: Component; timestamp?: string }; components?: unknown; dependencies: { ref: string; dependsOn?: string[] }[] };

  it('CycloneDX: nested parts, packages with URL and evidence, the tools', () => {
    const core = document.metadata.component.components!.find(({ name }) => name === 'core')!;
    expect(core.properties).toEqual(expect.arrayContaining([{ name: 'wasmgate:place', value: 'module[0]' }, { name: 'wasmgate:processed-by', value: 'rustc 1.80.0' }]));
    expect(core.components).toMatchObject([{ name: 'bytes', version: '1.10.1', purl: 'pkg:cargo/bytes@1.10.1' }]);
    expect(core.components![0]!.properties).toEqual(expect.arrayContaining([{ name: 'wasmgate:evidence', value: 'embedded-list' }, { name: 'wasmgate:confidence', value: 'high' }]));
    expect(document.dependencies.find(({ ref }) => ref === core['bom-ref'])?.dependsOn).toEqual([core.components![0]!['bom-ref']]);
    expect(document.metadata.timestamp).toBeUndefined();
  });

  it('SPDX: what contains what, and what was built with what', () => {
    const spdx = JSON.parse(spdxText({ ...bill(factsOf(WHOLE)), timestamp: '2026-01-01T00:00:00.000Z' })) as { creationInfo: { created: string }; packages: { SPDXID: string; name: string }[]; relationships: Record<string, string>[] };
    const name = new Map(spdx.packages.map((one) => [one.SPDXID, one.name]));
    const shown = spdx.relationships.map((one) => `${name.get(one['spdxElementId']!) ?? 'document'} ${one['relationshipType']} ${name.get(one['relatedSpdxElement']!)}`);
    expect(shown).toEqual(expect.arrayContaining(['document DESCRIBES app.wasm', 'app.wasm CONTAINS core', 'core DEPENDS_ON bytes', 'rustc BUILD_TOOL_OF core', 'app.wasm CONTAINS component[0]', 'component[0] CONTAINS component[0]/module[0]', 'component[0]/module[0] DEPENDS_ON expat']));
    expect(spdx.creationInfo.created).toBe('2026-01-01T00:00:00Z');
  });

  it.each([
    ['npm', '@a/b', '1.0.0', 'pkg:npm/%40a/b@1.0.0'], ['go', 'golang.org/x/net', 'v0.1.0', 'pkg:golang/golang.org/x/net@v0.1.0'], ['go', 'stdlib', '1.21.0', 'pkg:golang/stdlib@1.21.0'], ['pypi', 'zope-interface', '5.0', 'pkg:pypi/zope-interface@5.0'],
    ['other', 'openssl', '1.1.1t', 'pkg:generic/openssl@1.1.1t'], ['npm', 'left-pad', '', 'pkg:npm/left-pad'], ['cargo', '', '1', null],
  ] as const)('package URL of %s %s %s', (ecosystem, name, version, purl) => {
    expect(packageUrl({ ecosystem, name, version })).toBe(purl);
  });
});
