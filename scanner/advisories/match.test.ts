import { describe, expect, it } from 'vitest';
import type { Dependency } from '../facts/facts.ts';
import { LIMITS } from '../wasm/limits.ts';
import type { Advisory, Affected } from './advisory.ts';
import { matchAdvisories } from './match.ts';

const dependency = (text: string): Dependency => {
  const [ecosystem, name, version] = text.split(' ') as [Dependency['ecosystem'], string, string];
  return { ecosystem, name, version: version ?? '', evidence: 'path', location: { path: 'data[0]', offset: 1, length: 2 } };
};
const affected = (over: Partial<Affected> = {}): Affected => ({ ecosystem: 'crates.io', name: 'bytes', ranges: [{ type: 'semver', events: [{ kind: 'introduced', version: '0' }, { kind: 'fixed', version: '2.0.0' }] }], versions: [], os: [], arch: [], packages: [], informational: null, ...over });
const advisory = (id: string, over: Partial<Advisory> = {}, entry: Partial<Affected> = {}): Advisory => ({ id, aliases: [], summary: `Of ${id}`, withdrawn: false, affected: [affected(entry)], ...over });
const ids = (dependencies: readonly string[], advisories: readonly Advisory[], go: ReadonlySet<string> | null = null): string[] => matchAdvisories(dependencies.map(dependency), advisories, go).map(({ id, dependency: { version } }) => `${id} ${version}`);

describe('matchAdvisories', () => {
  it('finds each version of a package by its ecosystem, whatever the spelling', () => {
    expect(ids(['cargo bytes 1.0.0', 'cargo bytes 2.0.0', 'npm bytes 1.0.0', 'other bytes 1.0.0'], [advisory('A')])).toEqual(['A 1.0.0']);
    expect(ids(['cargo Serde_Json 1.0.0'], [advisory('A', {}, { name: 'serde-json' })])).toEqual(['A 1.0.0']);
    expect(ids(['go stdlib 1.21rc2'], [advisory('G', {}, { ecosystem: 'Go', name: 'stdlib' })])).toEqual(['G 1.21rc2']);
  });

  it('leaves out what is withdrawn, and a name without a version', () => {
    expect(ids(['cargo bytes 1.0.0'], [advisory('A', { withdrawn: true })])).toEqual([]);
    expect(ids(['npm bytes'], [advisory('A', {}, { ecosystem: 'npm' })])).toEqual([]);
  });

  it.each([[{ os: ['windows', 'linux'] }, 0], [{ os: ['linux', 'wasi'] }, 1], [{ arch: ['x86'] }, 0], [{ arch: ['wasm32', 'x86'] }, 1], [{ packages: [{ path: 'os', os: ['windows'], arch: [] }] }, 0],
    [{ packages: [{ path: 'os', os: ['windows'], arch: [] }, { path: 'fmt', os: [], arch: [] }] }, 1], [{ packages: [{ path: 'os', os: ['js'], arch: ['wasm'] }] }, 1]])('looks at the systems it is limited to: %j', (entry, count) => {
    expect(ids(['cargo bytes 1.0.0'], [advisory('A', {}, entry)])).toHaveLength(count);
  });

  it('makes records one that are aliases of each other, and no milder by it', () => {
    const [one, ...more] = matchAdvisories([dependency('cargo bytes 1.0.0')], [advisory('GHSA-1', { aliases: ['CVE-1'] }), advisory('RUSTSEC-1', { aliases: ['CVE-1'], summary: '' }, { informational: 'unsound', ranges: [{ type: 'semver', events: [{ kind: 'introduced', version: '0' }] }] })], null);
    expect(more).toEqual([]);
    expect(one).toMatchObject({ id: 'RUSTSEC-1', aliases: ['CVE-1', 'GHSA-1'], summary: 'Of GHSA-1', informational: null, fixed: '2.0.0' });
  });

  it('says what cannot be compared instead of leaving it out', () => {
    expect(matchAdvisories([dependency('cargo bytes fork')], [advisory('A')], null)).toMatchObject([{ id: 'A', comparable: false }]);
  });

  it('knows by function names which Go packages were linked', () => {
    const about = (path: string): Advisory => advisory('G', {}, { ecosystem: 'Go', name: 'stdlib', packages: [{ path, os: [], arch: [] }] });
    const linked = (path: string, go: ReadonlySet<string> | null): boolean | null => matchAdvisories([dependency('go stdlib 1.0.0')], [about(path)], go)[0]!.linked;
    const names = new Set(['runtime', 'net_http', 'gopkg.in_yaml_2ev3']);
    expect([linked('net/http', names), linked('crypto/tls', names), linked('gopkg.in/yaml.v3', names), linked('net/http', null)]).toEqual([true, false, true, null]);
  });

  it('refuses to keep a part of what applies', () => {
    const advisories = Array.from({ length: LIMITS.advisoryMatches + 1 }, (_, index) => advisory(`A-${index}`));
    expect(ids(['cargo bytes 1.0.0'], advisories.slice(1))).toHaveLength(LIMITS.advisoryMatches);
    expect(() => ids(['cargo bytes 1.0.0'], advisories)).toThrow('advisories apply');
  });
});
