import { describe, expect, it } from 'vitest';
import { decode } from '../../scanner/wasm/decode.ts';
import type { Module } from '../../scanner/wasm/module.ts';
import { haveSuite, suiteCases, type SuiteCase, type SuiteName } from '../support/suites.ts';

const SUITES: readonly SuiteName[] = ['core-spec', 'proposals'];

describe.each(SUITES)('official suite %s', (suite) => {
  const available = haveSuite(`${suite}.tar.gz`);

  it.skipIf(!available)('decodes every valid module without a problem, at both depths', async () => {
    const wrong = (await core(suite, 'valid')).filter((item) => problemsOf(item, 'full').length + problemsOf(item, 'imports').length > 0);
    expect(shown(wrong)).toEqual([]);
  });

  it.skipIf(!available)('lists the same imports, exports and customs at depth imports', async () => {
    for (const item of await core(suite, 'valid')) {
      const [full, shallow] = [moduleOf(item, 'full'), moduleOf(item, 'imports')];
      expect(shallow.imports, place(item)).toEqual(full.imports);
      expect([...shallow.exports], place(item)).toEqual([...full.exports]);
      expect(shallow.customs.map(({ name }) => name), place(item)).toEqual(full.customs.map(({ name }) => name));
      expect(shallow.sections, place(item)).toEqual(full.sections);
    }
  });

  it.skipIf(!available)('refuses every malformed module', async () => {
    const wrong = (await core(suite, 'malformed')).filter((item) => !problemsOf(item, 'full').some(({ effect }) => effect === 'malformed' || effect === 'unanalysed'));
    expect(shown(wrong)).toEqual([]);
  });

  it.skipIf(!available)('takes invalid modules without a crash, and refuses those with indices out of range', async () => {
    const cases = await core(suite, 'invalid');
    const refused = cases.filter((item) => problemsOf(item, 'full').length > 0);
    console.log(`${suite}: ${refused.length} of ${cases.length} invalid modules refused without type checking`);
    const unknown = cases.filter(({ message }) => /^unknown (function|local|global|memory|table|type|label|tag|data segment|elem segment)/.test(message ?? ''));
    expect(unknown.length).toBeGreaterThan(0);
    expect(shown(unknown.filter((item) => !refused.includes(item)))).toEqual([]);
  });
});

async function core(suite: SuiteName, expect: SuiteCase['expect']): Promise<SuiteCase[]> {
  return (await suiteCases(suite)).filter((item) => item.kind === 'core' && item.expect === expect);
}

function moduleOf(item: SuiteCase, depth: 'imports' | 'full'): Module {
  const decoded = decode(item.wasm, { depth });
  if (decoded.kind !== 'module') throw new Error(`${place(item)}: decoded as ${decoded.kind}`);
  return decoded;
}

function problemsOf(item: SuiteCase, depth: 'imports' | 'full'): { effect: string }[] {
  return [...decode(item.wasm, { depth }).problems];
}

function place(item: SuiteCase): string {
  return `${item.suite}/${item.file}:${item.line}`;
}

/** There are no exceptions: every case comes out as its script says. */
function shown(cases: readonly SuiteCase[]): string[] {
  return cases.map((item) => `${place(item)} ${item.message ?? ''}`);
}
