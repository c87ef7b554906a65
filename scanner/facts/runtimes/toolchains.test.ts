import { describe, expect, test } from 'vitest';
import type { Dependency, Tool } from '../facts.ts';
import { flawedTools } from './toolchains.ts';

const tool = (name: string, version: string): Tool => ({ name, version, field: 'processed-by', path: '' });
const ids = (tools: readonly Tool[], abis: readonly string[] = [], dependencies: readonly Dependency[] = []): string[] => flawedTools({ tools, abis, dependencies }).flatMap(({ advisories }) => advisories.map(({ id }) => id));

describe('compilers', () => {
  test.each([
    ['1.52.0 (88f19c6da 2021-05-03)', ['CVE-2021-29922']],
    ['1.52.1', ['CVE-2021-29922']],
    ['1.53.0', []],
    ['1.1.0', ['CVE-2015-20001', 'CVE-2021-29922']],
    ['1.34.1', ['CVE-2019-12083', 'CVE-2020-36317', 'CVE-2020-36323', 'CVE-2021-28875', 'CVE-2021-28876', 'CVE-2021-28877', 'CVE-2021-28878', 'CVE-2021-28879', 'CVE-2021-29922']],
    ['nightly', []],
    ['', []],
  ])('rustc %s', (version, found) => {
    expect(ids([tool('rustc', version)])).toEqual(found);
  });

  test.each([['go1.16.8', ['go-js'], true], ['go1.16.9', ['go-js'], false], ['go1.17.1', ['go-js'], true], ['1.17.2', ['go-js'], false], ['go1.18', ['go-js'], false], ['go1.16.8', ['wasi-p1'], false]])('Go %s for %s: %s', (version, abis, flawed) => {
    expect(ids([tool('Go cmd/compile', version)], abis)).toEqual(flawed ? ['CVE-2021-38297'] : []);
  });

  test('Go is also known by its standard library', () => {
    const stdlib: Dependency = { name: 'stdlib', version: 'go1.15', ecosystem: 'go', evidence: 'build-info', location: { path: 'data[0]', offset: 0, length: 1 } };
    expect(ids([], ['go-js'], [stdlib])).toEqual(['CVE-2021-38297']);
  });

  test('are named once, with the version that has no flaw of the table', () => {
    const found = flawedTools({ tools: [tool('rustc', '1.45.2'), { ...tool('rustc', '1.45.2'), path: 'module[1]' }, tool('clang', '9.0.0'), tool('rustc-like', '1.0.0')], abis: [], dependencies: [] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ version: '1.45.2', repair: '1.53.0' });
  });
});
