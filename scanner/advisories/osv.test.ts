import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdvisoryError, readOsv } from './osv.ts';

const RECORD = {
  schema_version: '1.6.0', id: 'RUSTSEC-2099-0001', modified: '2099-01-01T00:00:00Z', published: '2098-12-31T00:00:00Z', aliases: ['CVE-2099-1', 7], summary: '  Out of bounds\n write. ', details: '# long',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }], references: [{ type: 'WEB', url: 'https://example.com' }],
  affected: [
    {
      package: { ecosystem: 'crates.io', name: 'Some_Crate', purl: 'pkg:cargo/some_crate' },
      ecosystem_specific: { affects: { os: ['windows'], arch: [], functions: ['some_crate::f'] }, affected_functions: null },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0.0.0-0' }, { fixed: '1.0.1' }] }, { type: 'GIT', repo: 'https://example.com', events: [{ introduced: '0' }] }],
      database_specific: { informational: 'unsound', categories: [], cvss: null },
    },
    { package: { ecosystem: 'Debian:12', name: 'some-crate' }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }] },
    { package: { ecosystem: 'PyPI', name: 'Zope.Interface' }, versions: ['5.0', 5] },
    { package: { ecosystem: 'Go', name: 'stdlib' }, ecosystem_specific: { imports: [{ path: 'net/http', goos: ['windows'], symbols: ['Serve'] }, {}] } },
    { ranges: [] },
  ],
};

test('keeps what matching needs, in normal form', () => {
  expect(readOsv(JSON.stringify(RECORD), 'a.json')).toEqual({
    id: 'RUSTSEC-2099-0001', aliases: ['CVE-2099-1'], summary: 'Out of bounds write', withdrawn: false,
    affected: [
      { ecosystem: 'crates.io', name: 'some-crate', ranges: [{ type: 'semver', events: [{ kind: 'introduced', version: '0.0.0-0' }, { kind: 'fixed', version: '1.0.1' }] }], versions: [], os: ['windows'], arch: [], packages: [], informational: 'unsound' },
      { ecosystem: 'PyPI', name: 'zope-interface', ranges: [], versions: ['5.0'], os: [], arch: [], packages: [], informational: null },
      { ecosystem: 'Go', name: 'stdlib', ranges: [], versions: [], os: [], arch: [], packages: [{ path: 'net/http', os: ['windows'], arch: [] }], informational: null },
    ],
  });
  expect(readOsv(JSON.stringify({ id: 'X-1', withdrawn: '2099-01-01T00:00:00Z' }), 'b.json')).toMatchObject({ id: 'X-1', withdrawn: true, affected: [] });
});

test.each([
  ['no JSON', '{'], ['no object', '[]'], ['no id', '{"affected":[]}'], ['affected that is no list', '{"id":"A","affected":{}}'], ['an entry that is no object', '{"id":"A","affected":[1]}'],
  ['a range of another type', JSON.stringify({ id: 'A', affected: [{ package: { ecosystem: 'npm', name: 'x' }, ranges: [{ type: 'NEW', events: [] }] }] })],
  ['an event of another kind', JSON.stringify({ id: 'A', affected: [{ package: { ecosystem: 'npm', name: 'x' }, ranges: [{ type: 'SEMVER', events: [{ since: '1' }] }] }] })],
])('refuses %s, because it might have applied', (_what, text) => {
  expect(() => readOsv(text, 'c.json')).toThrow(AdvisoryError);
  expect(() => readOsv(text, 'c.json')).toThrow(/^Not an OSV record: c\.json: /);
});

test('whatever the JSON says, it is read or refused', () => {
  const ecosystem = fc.constantFrom('npm', 'Go', 'PyPI', 'crates.io', 'npm:');
  const entry = fc.record({ package: fc.oneof(fc.jsonValue(), fc.record({ ecosystem, name: fc.string() })), ranges: fc.jsonValue(), versions: fc.jsonValue(), ecosystem_specific: fc.jsonValue(), database_specific: fc.jsonValue() }, { requiredKeys: [] });
  fc.assert(fc.property(fc.record({ id: fc.oneof(fc.string(), fc.jsonValue()), aliases: fc.jsonValue(), summary: fc.jsonValue(), affected: fc.oneof(fc.jsonValue(), fc.array(entry)) }, { requiredKeys: [] }), (record) => {
    try {
      readOsv(JSON.stringify(record), 'd.json');
    } catch (error) {
      expect(error).toBeInstanceOf(AdvisoryError);
    }
  }));
});
