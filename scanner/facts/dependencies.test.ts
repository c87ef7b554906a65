import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dataModule } from '../../test/support/data-module.ts';
import type { FixtureCustom, FixtureSegment } from '../../test/support/data-module.ts';
import { LIMITS } from '../wasm/limits.ts';
import { collectCustoms } from './customs.ts';
import { collectDependencies } from './dependencies.ts';
import { parseBuildInfo } from './go-build-info.ts';
import type { Inflate } from './inflate.ts';

const inflate: Inflate = (compressed, maximumBytes) => new Uint8Array(inflateSync(compressed, { maxOutputLength: maximumBytes }));

function collect(segments: readonly FixtureSegment[], customs: readonly FixtureCustom[] = [], lent: Inflate | null = inflate) {
  const modules = [{ path: '', module: dataModule(segments, customs) }];
  const { dependencies, problems } = collectDependencies({ modules, component: null, customs: collectCustoms(modules, null), inflate: lent });
  return { problems, dependencies, short: dependencies.map(({ ecosystem, name, version, evidence }) => `${ecosystem} ${name} ${version} ${evidence}`) };
}
const list = (json: unknown): FixtureCustom => ({ name: '.dep-v0', payload: new Uint8Array(deflateSync(JSON.stringify(json))) });
const hex = (digits: string) => Uint8Array.from(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
const START = hex('30 77 AF 0C 92 74 08 02 41 E1 C1 07 E6 D6 18 E6');
const END = hex('F9 32 43 31 86 18 20 72 00 82 42 10 41 16 D8 F2');
const INFO = 'path\texample.com/a\nmod\texample.com/a\t(devel)\t\ndep\tgolang.org/x/net\tv0.1.0\th1:a=\ndep\tgithub.com/x/y\tv1.0.0\n=>\tgithub.com/z/y\tv1.0.1\th1:b=\nbuild\tGOOS=js\n';
const joined = (...parts: readonly (string | Uint8Array)[]) => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))));

describe('collectDependencies', () => {
  it('reads an embedded list, without the program itself and what only ran at build time', () => {
    const packages = [{ name: 'app', version: '0.1.0', root: true }, { name: 'bytes', version: '1.10.1', source: 'crates.io' }, { name: 'cc', version: '1.0.0', kind: 'build' }, { name: 7 }, null];
    const { short, problems } = collect([], [list({ packages })]);
    expect(short).toEqual(['cargo bytes 1.10.1 embedded-list']);
    expect(problems).toEqual([]);
  });

  it('never takes a list it could not read for an empty one', () => {
    const bomb = { name: '.dep-v0', payload: new Uint8Array(deflateSync(new Uint8Array(20 << 20))) };
    const cut = { name: '.dep-v0', payload: list({ packages: [] }).payload.slice(0, 9) };
    for (const [custom, lent] of [[list({ packages: [] }), null], [bomb, inflate], [cut, inflate], [list([]), inflate], [list({}), inflate], [list({ packages: [] }), () => null]] as const) {
      const { dependencies, problems } = collect([], [custom], lent);
      expect(dependencies).toEqual([]);
      expect(problems).toMatchObject([{ code: 'damaged-custom-section', effect: 'degraded', section: 'custom:.dep-v0' }]);
    }
  });

  it('inflates no more from many lists than from one', () => {
    const bomb = { name: '.dep-v0', payload: new Uint8Array(deflateSync(new Uint8Array(7 << 20).fill(0x20))) };
    const cut = { name: '.dep-v0', payload: bomb.payload.slice(0, -9) };
    for (const custom of [bomb, cut]) {
      const limits: number[] = [];
      const counted: Inflate = (compressed, most) => { limits.push(most); return inflate(compressed, most); };
      const { problems } = collect([], Array.from({ length: 50 }, () => custom), counted);
      expect(problems).toHaveLength(50);
      expect(limits).toHaveLength(2);
      expect(limits[1]).toBeLessThan(2 << 20);
    }
  });

  it('reads Go module information, replacements included', () => {
    const text = Uint8Array.of(9, 9, ...START, ...new TextEncoder().encode(INFO), ...END, 9);
    expect(collect([{ at: 64, bytes: text }]).short).toEqual(['go github.com/z/y v1.0.1 build-info', 'go golang.org/x/net v0.1.0 build-info']);
  });

  it('reads the version of Go beside the module information only', () => {
    const text = (...parts: readonly (Uint8Array | string)[]) => Uint8Array.of(...parts.flatMap((part) => [...(typeof part === 'string' ? new TextEncoder().encode(part) : part)]));
    expect(collect([{ at: 0, bytes: text('xgo1.x go1.26.8 go1.30', START, 'path\ta\n', END) }]).short).toEqual(['go stdlib 1.26.8 build-info']);
    expect(collect([{ at: 0, bytes: text('supported: go1.26.8') }]).short).toEqual([]);
  });

  it('says that module information behind decoys of it was not read', () => {
    const decoys = Array.from({ length: 16 }, () => [START, 'path\ta\n', END] as const).flat();
    expect(collect([{ at: 0, bytes: joined(...decoys) }]).problems).toEqual([]);
    expect(collect([{ at: 0, bytes: joined(...decoys, START, INFO, END) }]).problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed', section: 'data' }]);
    expect(collect([{ at: 0, bytes: joined(START, 'x'.repeat(2 << 20), END) }]).problems).toMatchObject([{ effect: 'unanalysed' }]);
  });

  it('finds the version of Go behind others that are none', () => {
    expect(collect([{ at: 0, bytes: joined('go1.x '.repeat(100), 'go1.26.8 ', START, 'path\ta\n', END) }]).short).toEqual(['go stdlib 1.26.8 build-info']);
  });

  it('says that there are more packages than it keeps', () => {
    const packages = Array.from({ length: LIMITS.dependencies + 1 }, (_, index) => ({ name: `p${index}`, version: '1.0.0' }));
    expect(collect([], [list({ packages: packages.slice(1) })]).problems).toEqual([]);
    const { dependencies, problems } = collect([], [list({ packages })]);
    expect(dependencies).toHaveLength(LIMITS.dependencies);
    expect(problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed', section: 'custom:.dep-v0' }]);
  });

  it('puts Go module information together that is spread over segments', () => {
    const text = Uint8Array.of(...START, ...new TextEncoder().encode(INFO), ...END);
    const { dependencies } = collect([{ at: 70, bytes: text.subarray(70) }, { at: 0, bytes: text.subarray(0, 10) }, { at: 10, bytes: text.subarray(10, 70) }]);
    expect(dependencies.map(({ name }) => name)).toEqual(['github.com/z/y', 'golang.org/x/net']);
    // The end sentinel may be cut off by a hole.
    expect(collect([{ at: 0, bytes: text.subarray(0, -16) }]).dependencies).toHaveLength(2);
  });

  it('reads names and versions from source paths', () => {
    const paths = ['/root/.cargo/registry/src/index.example-1949cf8c6b5b557f/serde_json-1.0.140/src/de.rs', 'C:\\Users\\x\\.cargo\\registry\\src\\github.com-1ecc6299db9ec823\\wasi-0.11.0+wasi-snapshot-preview1\\src\\lib.rs', '/rust/deps/rustc-demangle-0.1.27/src/legacy.rs', `/rustc/${'59807616e1'.repeat(4)}/library/core/src/fmt.rs`, '/registry/src/index.example-1949cf8c6b5b557f/a-b-2.0.0-rc.1/src/lib.rs', 'registry/src/nothing/x-1.0.0/src'];
    expect(collect([{ at: 0, bytes: paths.join('\0') }]).short).toEqual([
      'cargo a-b 2.0.0-rc.1 path', 'cargo rustc-demangle 0.1.27 path', 'cargo serde_json 1.0.140 path', 'cargo wasi 0.11.0+wasi-snapshot-preview1 path', `other rustc ${'59807616e1'.repeat(4)} path`,
    ]);
  });

  it('keeps the strongest evidence of one package and says where a path stands', () => {
    const path = '/x/registry/src/index.example-1949cf8c6b5b557f/bytes-1.10.1/src/lib.rs';
    expect(collect([{ at: 0, bytes: path }], [list({ packages: [{ name: 'bytes', version: '1.10.1' }] })]).short).toEqual(['cargo bytes 1.10.1 embedded-list']);
    expect(collect([{ at: 0, bytes: path }]).dependencies[0]?.location).toMatchObject({ path: 'data[0]', offset: 8 + 3 });
    expect(collect([], [{ name: '.debug_str', payload: path }]).dependencies[0]?.location.path).toBe('custom[0] .debug_str');
  });
});

describe('bundles and banners', () => {
  it('reads the folders and manifests of packages in Python and JavaScript', () => {
    const texts = ['/lib/site-packages/Zope.Interface-5.0.1.dist-info/RECORD', 'Metadata-Version: 2.1\nName: requests_x\nVersion: 2.31.0\nSummary: x', 'Metadata-Version: 2.1\nSummary: no name\n',
      '// node_modules/.pnpm/@babel+runtime@7.1.0_x@1.0.0/node_modules/@babel/runtime/index.js', '// node_modules/left-pad/index.js', '// node_modules/.bin/x', '/*! lodash v4.17.21 | MIT', '/*! normal comment of 1.2.3 */'];
    expect(collect([{ at: 0, bytes: texts.join('\0') }]).short).toEqual([
      'npm @babel/runtime 7.1.0 path', 'npm left-pad  path', 'npm lodash 4.17.21 banner', 'pypi requests-x 2.31.0 manifest', 'pypi zope-interface 5.0.1 path',
    ]);
  });

  it('places what stands before its anchor', () => {
    expect(collect([{ at: 0, bytes: 'xx/pip-24.0.dist-info/' }]).dependencies[0]?.location).toMatchObject({ offset: 8 + 3, length: 'pip-24.0.dist-info/'.length });
  });

  it.each([
    ['OpenSSL 1.1.1t  7 Feb 2023', 'openssl 1.1.1t'], [' inflate 1.3.1 Copyright 1995-2024 Mark Adler ', 'zlib 1.3.1'], ['expat_2.7.3', 'expat 2.7.3'], ['libpng version 1.6.40', 'libpng 1.6.40'], ['libjpeg-turbo version 3.0.3 (build 1)', 'libjpeg-turbo 3.0.3'],
    ['1.0.8, 13-Jul-2019', 'bzip2 1.0.8'], ['Lua 5.4.6  Copyright (C) 1994-2023 Lua.org, PUC-Rio', 'lua 5.4.6'], ['ruby 3.4.1 (2024-12-25 revision 48d4efcb85) +PRISM [wasm32-wasi]', 'ruby 3.4.1'], ['PHP/8.3.33', 'php 8.3.33'],
    ['3.14.0 (main, Sep 11 2026, 23:47:35) [Clang 22.1.0-wasi-sdk', 'cpython 3.14.0'],
  ])('knows %j', (text, expected) => {
    expect(collect([{ at: 0, bytes: text }]).short).toEqual([`other ${expected} banner`]);
  });

  it.each(['needs OpenSSL 1.1.1 or later', 'inflate 1.3.1', 'ruby 2.0.0p247 (2013-06-27 revision 41674) [x86_64-linux]', 'PHP/8.3.33.1', 'Lua 5.4', '13.14.0 (main, x, 23:47:35) [Clang', 'my_expat_2.7.3x', '.dist-info/', 'registry/src/', 'node_modules/'])('is not taken in by %j', (text) => {
    expect(collect([{ at: 0, bytes: text }]).short).toEqual([]);
  });
});

describe('bills of materials in custom sections', () => {
  const sbom = (json: unknown, name = 'cyclonedx.json') => collect([], [{ name, payload: JSON.stringify(json) }]).short;

  it('reads CycloneDX, nested components included', () => {
    const components = [{ type: 'library', name: 'runtime', group: '@babel', version: '7', purl: 'pkg:npm/%40babel/runtime@7.1.0?x=y#z', components: [{ name: 'net', purl: 'pkg:golang/golang.org/x/net@v0.1.0' }] }, { name: 'plain', version: '1' }, { name: 7 }, null];
    expect(sbom({ bomFormat: 'CycloneDX', components })).toEqual(['go golang.org/x/net v0.1.0 embedded-list', 'npm @babel/runtime 7.1.0 embedded-list', 'other plain 1 embedded-list']);
  });

  it('reads SPDX, without the artifact itself', () => {
    const packages = [{ SPDXID: 'SPDXRef-a', name: 'app' }, { SPDXID: 'SPDXRef-b', name: 'bytes', versionInfo: '9', externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:cargo/bytes@1.10.1' }] }];
    expect(sbom({ spdxVersion: 'SPDX-2.3', documentDescribes: ['SPDXRef-a'], packages }, 'sbom')).toEqual(['cargo bytes 1.10.1 embedded-list']);
  });

  it('leaves other sections and other content alone', () => {
    expect(sbom({ bomFormat: 'CycloneDX', components: [{ name: 'x', version: '1' }] }, 'bombs')).toEqual([]);
    for (const json of [null, [], 7, { bomFormat: 'CycloneDX', components: 7 }, { spdxVersion: 'SPDX-3.0', packages: [{ name: 'x' }] }, { bomFormat: 'CycloneDX', components: [{ purl: 'pkg:%%%/%E0%A4%A@1' }] }]) expect(sbom(json)).toEqual([]);
    expect(collect([], [{ name: 'sbom', payload: 'no JSON' }]).short).toEqual([]);
  });
});

it('reads build information line by line', () => {
  expect(parseBuildInfo('mod\ta\tv1\n=>\tb\tv2\ndep\n\ndep\tc\tv3')).toEqual([{ name: 'c', version: 'v3' }]);
});
