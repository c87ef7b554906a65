import { describe, expect, test } from 'vitest';
import { RULES } from '../rules/index.ts';
import { SARIF_PROFILES } from '../scanner/report/sarif/profile.ts';
import { scanEntry } from '../scanner/report/entry.ts';
import { entryOf, findingOf, runOf, sarifText, schemaFaults } from './support/sarif.ts';
import { scanBytes } from './support/findings.ts';
import { watToWasm } from './support/wat.ts';

const EVIL = 'a\u001b[2J\nb\u202e {0} [click](https://bad.example) \u{e0041}';

function lines(text: string): string[] {
  return runOf(text).results.map(({ ruleId, locations: [{ physicalLocation: { artifactLocation: { uri }, region } }] }) => `${ruleId} ${uri}:${region.startLine}:${region.startColumn}-${region.endLine}:${region.endColumn}`);
}

function fingerprints(text: string): string[] {
  return runOf(text).results.map(({ partialFingerprints }) => partialFingerprints['primaryLocationLineHash']!);
}

describe('rules', () => {
  const { tool: { driver }, taxonomies: [taxonomy] } = runOf(sarifText([]));

  test('are all listed, sorted by id, whether they fired or not', () => {
    expect(driver.rules.map(({ id }) => id)).toEqual(RULES.map(({ id }) => id).sort());
  });

  test('carry a score that is a string holding a number from 0.1 to 10', () => {
    const scores = driver.rules.map(({ properties }) => properties!['security-severity']);
    expect(scores.filter((score) => typeof score !== 'string' || !/^\d{1,2}\.\d$/.test(score) || Number(score) <= 0 || Number(score) > 10)).toEqual([]);
  });

  test('point to the weaknesses they name', () => {
    for (const rule of driver.rules) {
      const named = rule.relationships!.map(({ target }) => taxonomy!.taxa[target.index]!.id);
      expect(named.map(Number)).toEqual(RULES.find(({ id }) => id === rule.id)!.cwe);
    }
  });

  test.each(SARIF_PROFILES)('keep to the lengths of profile %s', (profile) => {
    const long = 'x'.repeat(5000);
    const rules = [{ ...RULES[0]!, id: 'long-rule', title: long, description: long, remedy: long, cwe: Array.from({ length: 60 }, (_, at) => at + 1) }];
    const finding = findingOf({ rule: 'long-rule', message: long, fix: long });
    const run = runOf(sarifText([entryOf('a.wasm', { findings: [finding] })], { profile, rules }));
    const limits = { github: [1024, 1024, 1024, 10], gitlab: [1024, 2048, 2048, 10], azure: [1024, 1024, 1024, 10], full: [Infinity, Infinity, Infinity, 100] }[profile];
    const [rule] = run.tool.driver.rules;
    expect(rule!.name.length).toBeLessThanOrEqual(255);
    expect(rule!.shortDescription.text.length).toBeLessThanOrEqual(limits[0]!);
    expect(rule!.fullDescription.text.length).toBeLessThanOrEqual(limits[1]!);
    expect(run.results[0]!.message.text.length).toBeLessThanOrEqual(limits[2]!);
    expect((rule!.properties!['tags'] as string[]).length).toBeLessThanOrEqual(limits[3]!);
  });

  test('explain themselves: why and how to fix, from their page', () => {
    const pages = { 'memory-unbounded': { why: 'It may grow.', remedy: 'Say `max`.' } };
    const run = runOf(sarifText([], { pages, usualSeverity: ({ id }) => (id === 'memory-unbounded' ? 'note' : 'error') }));
    const rule = run.tool.driver.rules.find(({ id }) => id === 'memory-unbounded')!;
    expect(rule.help.markdown).toContain('## Why it matters\n\nIt may grow.\n\n## How to fix\n\nSay `max`.');
    expect(rule.defaultConfiguration).toEqual({ level: 'note' });
    for (const { help } of driver.rules) expect(help.markdown).toMatch(/## How to fix\n\n\S/);
  });
});

describe('results', () => {
  test('exist even when empty', () => {
    expect(runOf(sarifText([entryOf('a.wasm')])).results).toEqual([]);
    expect(runOf(sarifText([])).results).toEqual([]);
  });

  test('name their rule by id and by index', () => {
    const run = runOf(sarifText([entryOf('a.wasm', { findings: ['secret-in-data', 'invalid-module', 'size-excessive'].map((rule) => findingOf({ rule })) })]));
    expect(run.results.map(({ ruleIndex }) => run.tool.driver.rules[ruleIndex]!.id)).toEqual(run.results.map(({ ruleId }) => ruleId));
  });

  test('never mix text and bytes in one region', () => {
    const run = runOf(sarifText([entryOf('a.wasm', { findings: [findingOf()] })]));
    const { region, address } = run.results[0]!.locations[0].physicalLocation;
    expect(region).toEqual({ startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 });
    expect(address).toEqual({ absoluteAddress: 20, length: 3, fullyQualifiedName: 'a.wasm!memory[0]' });
  });

  test('say what, where and how to fix it', () => {
    const whole = findingOf({ location: { path: 'file', offset: 0, length: 1000 }, fix: 'Do that.' });
    const run = runOf(sarifText([entryOf('a.wasm', { findings: [findingOf(), whole] })]));
    expect(run.results.map(({ message }) => message.text)).toEqual(['Memory 0 has no maximum. At memory[0], 0x14. Fix: Declare a maximum.', 'Memory 0 has no maximum. Fix: Do that.']);
  });

  test('of an artifact named twice stand there once', () => {
    const entry = entryOf('a.wasm', { findings: [findingOf()] });
    const other = entryOf('b.wasm', { findings: [findingOf()] });
    const run = runOf(sarifText([entry, other, { ...entry, artifact: { ...entry.artifact, name: './a.wasm' } }]));
    expect(run.results).toHaveLength(2);
    expect(run.artifacts.map(({ location }) => location.uri)).toEqual(['a.wasm', 'b.wasm']);
  });

  test('of two files under one name stay apart', () => {
    const text = sarifText([entryOf('a', { findings: [findingOf()] }), { ...entryOf('b', { findings: [findingOf()] }), artifact: { name: 'a', digest: 'sha256:1', size: 1 } }]);
    expect(new Set(fingerprints(text)).size).toBe(2);
  });

  test('that were waived are left out for code scanning and kept, with their reason, in full', () => {
    const waived = findingOf({ waived: { reason: 'Runs sandboxed', owner: 'team-a', expires: '2027-01-31' } });
    const entries = [entryOf('a.wasm', { findings: [waived, findingOf()] })];
    for (const profile of ['github', 'gitlab'] as const) expect(fingerprints(sarifText(entries, { profile }))).toHaveLength(1);
    const run = runOf(sarifText(entries, { profile: 'full' }));
    expect(run.results.map(({ suppressions }) => suppressions)).toEqual([[{ kind: 'external', status: 'accepted', justification: 'Runs sandboxed. Owner: team-a, until 2027-01-31.' }], undefined]);
    // A waiver that ends changes no fingerprint of the others.
    expect(fingerprints(sarifText(entries))).toEqual([run.results[1]!.partialFingerprints['primaryLocationLineHash']]);
  });

  test('beyond what the consumer keeps are left out, the least severe first, and a notification says so', () => {
    const severities = ['note', 'warning', 'error'] as const;
    const findings = Array.from({ length: 6001 }, (_, at) => findingOf({ severity: severities[at % 3]!, subject: `memory ${at}` }));
    const entries = [entryOf('a.wasm', { findings })];
    for (const profile of ['github', 'gitlab', 'azure'] as const) {
      const run = runOf(sarifText(entries, { profile }));
      const kept = Object.groupBy(run.results, ({ level }) => level);
      expect(Object.fromEntries(severities.map((level) => [level, kept[level]!.length]))).toEqual({ error: 2000, warning: 2000, note: 1000 });
      expect(run.invocations[0]!.toolExecutionNotifications.map(({ descriptor, message }) => `${descriptor.id}: ${message.text}`)).toEqual(['results-left-out: 1001 less severe results were left out.']);
    }
    const full = runOf(sarifText(entries, { profile: 'full' }));
    expect(full.results).toHaveLength(6001);
    expect(full.invocations[0]!.toolExecutionNotifications).toEqual([]);
  });

  test('have a rank within the band of their severity, by the score of the rule', () => {
    const ranks = (['error', 'warning', 'note'] as const).map((severity) => runOf(sarifText([entryOf('a', { findings: [findingOf({ severity, rule: 'invalid-module' })] })])).results[0]!.rank);
    expect(ranks[0]).toBeGreaterThanOrEqual(70);
    expect(ranks[1]).toBeLessThan(70);
    expect(ranks[2]).toBeLessThan(40);
    expect(Math.min(...ranks)).toBeGreaterThan(0);
  });
});

describe('fingerprints', () => {
  test('are unique within a file, also where rule, path and subject are the same', () => {
    const findings = [findingOf(), findingOf({ location: { path: 'memory[1]', offset: 30, length: 3 } }), findingOf({ rule: 'size-excessive' }), findingOf({ subject: 'memory 1' })];
    const all = fingerprints(sarifText([entryOf('a.wasm', { findings }), entryOf('b.wasm', { findings })]));
    expect(new Set(all).size).toBe(8);
    for (const one of all) expect(one).toMatch(/^[0-9a-f]{32}:\d+$/);
  });

  test('stay the same when a rebuild moves offsets and renumbers imports, and when a version of the tool words it differently', async () => {
    const before = '(module (import "env" "system" (func (param i32) (result i32))) (memory (export "m") 1))';
    const after = '(module (type (func)) (import "env" "log" (func)) (import "env" "abort" (func)) (import "env" "system" (func (param i32) (result i32))) (memory (export "m") 2) (func (type 0)))';
    const [one, two] = await Promise.all([before, after].map(async (wat) => {
      const entry = scanEntry(await scanBytes(watToWasm(wat)));
      const spawn = entry.findings.find(({ rule }) => rule === 'capability-process-spawn')!;
      const memory = entry.findings.find(({ rule }) => rule === 'memory-unbounded')!;
      return { entry: { ...entry, findings: [spawn, memory] }, offsets: [spawn.location.offset, memory.location.offset] };
    }));
    expect(two!.offsets[0]).not.toBe(one!.offsets[0]);
    const reworded = { ...two!.entry, findings: two!.entry.findings.map((finding) => ({ ...finding, message: 'other words' })) };
    expect(fingerprints(sarifText([reworded]))).toEqual(fingerprints(sarifText([one!.entry])));
  });

  test('differ by artifact and do not depend on the order of artifacts', () => {
    const [a, b] = ['a.wasm', 'b.wasm'].map((name) => entryOf(name, { findings: [findingOf()] }));
    expect(fingerprints(sarifText([b!, a!]))).toEqual(fingerprints(sarifText([a!, b!])).toReversed());
  });
});

describe('profile gitlab', () => {
  test('gives each finding of a rule a line of its own, near its index', () => {
    const at = (path: string, subject: string): ReturnType<typeof findingOf> => findingOf({ subject, location: { path, offset: 1, length: 1 } });
    const findings = [at('import[3] env.a', 'a'), at('import[3] env.a', 'b'), at('file', 'c'), at('data[0]', 'd'), { ...at('import[3] env.a', 'e'), rule: 'size-excessive' }];
    expect(lines(sarifText([entryOf('a.wasm', { findings })], { profile: 'gitlab' }))).toEqual([
      'memory-unbounded a.wasm:4:1-4:1', 'memory-unbounded a.wasm:5:1-5:1', 'memory-unbounded a.wasm:1:1-1:1', 'memory-unbounded a.wasm:2:1-2:1', 'size-excessive a.wasm:4:1-4:1',
    ]);
  });

  test('keeps (rule, file, line) unique for thousands of findings in one place', () => {
    const all = lines(sarifText([entryOf('a.wasm', { findings: Array.from({ length: 5000 }, () => findingOf()) })], { profile: 'gitlab' }));
    expect(new Set(all).size).toBe(5000);
  });
});

describe('the capability snapshot', () => {
  const snapshot = { file: 'app.wasm.caps', capabilities: ['clock-read', 'fs-write', 'stdio'], added: ['env-read', 'args-read'], removed: [] };
  const capability = (name: string): ReturnType<typeof findingOf> => findingOf({ rule: `capability-${name}`, subject: name });
  const increase = (name: string): ReturnType<typeof findingOf> => findingOf({ rule: 'capability-increase', subject: name });

  test('takes findings about a capability on its line, and new ones on the line they would follow', () => {
    const entry = entryOf('app.wasm', { snapshot, findings: [capability('fs-write'), increase('env-read'), increase('args-read'), findingOf()] });
    expect(lines(sarifText([entry]))).toEqual([
      'capability-fs-write app.wasm.caps:2:1-2:9', 'capability-increase app.wasm.caps:1:1-1:11', 'capability-increase app.wasm.caps:1:1-1:11', 'memory-unbounded app.wasm:1:1-1:1',
    ]);
    expect(lines(sarifText([entry], { profile: 'gitlab' })).filter((line) => line.startsWith('capability-increase'))).toEqual(['capability-increase app.wasm.caps:1:1-1:11', 'capability-increase app.wasm.caps:2:1-2:1']);
  });

  test('leaves the place in the binary as a related location', () => {
    const [result] = runOf(sarifText([entryOf('app.wasm', { snapshot, findings: [capability('fs-write')] })])).results;
    expect(result!.locations[0].physicalLocation.address).toBeUndefined();
    expect(result!.relatedLocations![0]).toMatchObject({ id: 1, physicalLocation: { artifactLocation: { uri: 'app.wasm' }, address: { absoluteAddress: 20 } }, message: { text: 'memory[0]' } });
  });

  test('that is empty has a first line all the same', () => {
    const entry = entryOf('app.wasm', { snapshot: { ...snapshot, capabilities: [], added: ['stdio'] }, findings: [increase('stdio')] });
    expect(lines(sarifText([entry]))).toEqual(['capability-increase app.wasm.caps:1:1-1:1']);
  });
});

describe('what was not analysed', () => {
  test.each([
    ['an artifact that cannot be read', entryOf('a.wasm', { verdict: 'error', reasons: ['Cannot read a.wasm: no such file'], failure: { kind: 'unreadable', code: 'ENOENT', message: 'Cannot read a.wasm: no such file' } })],
    ['an artifact the policy lets through', entryOf('a.wasm', { verdict: 'error', blocked: false, reasons: ['Cannot read a.wasm: no such file'] })],
  ])('%s is a notification and an unsuccessful execution', (_, entry) => {
    const [invocation] = runOf(sarifText([entryOf('good.wasm'), entry])).invocations;
    expect(invocation!.executionSuccessful).toBe(false);
    expect(invocation!.toolExecutionNotifications).toMatchObject([{ descriptor: { id: 'not-analysed' }, level: 'error', message: { text: 'Not analysed: Cannot read a.wasm: no such file.' }, locations: [{ physicalLocation: { artifactLocation: { uri: 'a.wasm' } } }] }]);
  });

  test('nothing at all is unsuccessful too', () => {
    const [invocation] = runOf(sarifText([])).invocations;
    expect(invocation).toMatchObject({ executionSuccessful: false, toolExecutionNotifications: [{ descriptor: { id: 'not-analysed' } }] });
  });

  test('problems are notifications; a damaged custom section leaves the execution successful', () => {
    const problem = { code: 'custom-malformed', message: 'Name section ends early', offset: 31, section: 'custom:name', effect: 'degraded' } as never;
    const run = runOf(sarifText([entryOf('a.wasm', { problems: [problem] })]));
    expect(run.invocations[0]).toMatchObject({ executionSuccessful: true, toolExecutionNotifications: [{ descriptor: { id: 'degraded', index: 1 }, level: 'note', message: { text: 'Name section ends early (custom-malformed, at 0x1f, custom:name section).' } }] });
    expect(run.tool.driver.notifications[1]!.id).toBe('degraded');
  });
});

describe('hostile names', () => {
  const entries = [entryOf(`${EVIL}/x.wasm`, {
    verdict: 'error', reasons: [EVIL], capabilities: [EVIL], policies: [{ name: EVIL, hash: EVIL }],
    snapshot: { file: `${EVIL}.caps`, capabilities: ['stdio'], added: [], removed: [] },
    findings: [{}, { waived: { reason: EVIL, owner: EVIL, expires: EVIL } }, { rule: 'capability-stdio' }].map((given) => findingOf({ message: EVIL, subject: EVIL, fix: EVIL, location: { path: EVIL, offset: 0, length: 0 }, ...given })),
    problems: [{ code: 'x', message: EVIL, offset: 0, section: EVIL, effect: 'unanalysed' } as never],
  })];

  test.each(SARIF_PROFILES)('can neither move a cursor nor become a link or a placeholder (%s)', (profile) => {
    const text = sarifText(entries, { profile });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const messages = [...text.matchAll(/"(?:text|justification)": (".*")/g)].map(([, message]) => JSON.parse(message!) as string);
    expect(messages.filter((message) => message.includes('click')).length).toBeGreaterThan(3);
    expect(messages.filter((message) => /\]\(https:|\{0\}/.test(message))).toEqual([]);
    expect(schemaFaults(text)).toEqual([]);
  });

  test('of any length leave the file small', () => {
    const long = 'n'.repeat(1_000_000);
    const entry = entryOf('a.wasm', { verdict: 'error', reasons: [long], findings: [findingOf({ message: long, subject: long, fix: long, location: { path: long, offset: 0, length: 0 } })] });
    expect(sarifText([entry]).length - sarifText([entryOf('a.wasm')]).length).toBeLessThan(10_000);
  });

  test.each([
    ['with space.wasm', 'with%20space.wasm'],
    ['100%.wasm', '100%25.wasm'],
    ['../../up.wasm', 'up.wasm'],
    ['a/../b.wasm', 'a/b.wasm'],
    ['/etc/passwd', 'etc/passwd'],
    ['http://host/x.wasm', 'http%3A/host/x.wasm'],
    ['#?.wasm', '%23%3F.wasm'],
    ['grün/日本.wasm', 'gr%C3%BCn/%E6%97%A5%E6%9C%AC.wasm'],
    ['a\u001bb\u202e.wasm', 'a%1Bb%E2%80%AE.wasm'],
    ['\ud800.wasm', '%EF%BF%BD.wasm'],
    ['..', 'artifact'],
  ])('%j is written %s', (name, uri) => {
    expect(runOf(sarifText([entryOf(name)])).artifacts[0]!.location.uri).toBe(uri);
  });
});

test('the same entries give the same bytes, whatever the order of the rules', () => {
  const entries = [entryOf('a.wasm', { findings: [findingOf()] }), entryOf('b.wasm')];
  expect(sarifText(entries, { rules: RULES.toReversed() })).toBe(sarifText(entries));
});

test('a category tells uploads apart and ends with a slash', () => {
  expect(runOf(sarifText([])).automationDetails.id).toBe('wasmgate/');
  expect(runOf(sarifText([], { category: 'plugins' })).automationDetails.id).toBe('wasmgate/plugins/');
});
