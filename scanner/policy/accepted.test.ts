import { describe, expect, test } from 'vitest';
import { findingOf, VOCABULARY } from '../../test/support/policy.ts';
import type { Finding } from '../finding.ts';
import { acceptedText, loadAccepted, type AcceptedFinding } from './accepted.ts';
import { artifactKey, movedKey } from './artifact-key.ts';
import type { Waiver } from './policy.ts';
import { waive } from './waive.ts';

const ONE: AcceptedFinding = { rule: 'dylink-module', artifact: 'a.wasm', subject: 'thing', count: 1, reason: 'Known', owner: 'team', expires: '2030-01-31' };
const facts = { name: './a.wasm', reference: 'a.wasm', digest: `sha256:${'0'.repeat(64)}` };

function waiverOf(over: Partial<Waiver> = {}): Waiver {
  const { artifact, ...rest } = ONE;
  return { ...rest, artifacts: [artifact], source: 'list.yaml', ...over };
}

function waived(findings: readonly Finding[], waiver: Waiver, today = '2029-01-01'): readonly (string | undefined)[] {
  return waive(findings, [waiver], { facts, today }).findings.map((one) => one.waived?.source);
}

describe('names of artifacts', () => {
  test.each([
    ['./build//app.wasm', 'build/app.wasm'],
    ['../x/../app.wasm', '../app.wasm'],
    ['/abs/./app.wasm', '/abs/app.wasm'],
    ['oci://GHCR.io/acme/app:v1@sha256:00', 'oci://ghcr.io/acme/app'],
    ['oci://ghcr.io/acme/app:v1!/bin/app.wasm', 'oci://ghcr.io/acme/app!/bin/app.wasm'],
    ['image.tar!/app.wasm', 'image.tar!/app.wasm'],
    ['https://example.com/app.wasm', 'https://example.com/app.wasm'],
    ['k8s/app.yaml#/spec/config', 'k8s/app.yaml#/spec/config'],
  ])('%s goes by %s', (name, key) => {
    expect(artifactKey(name)).toBe(key);
    expect(artifactKey(key)).toBe(key);
  });

  test('only files move with the folder of the list', () => {
    const moved = (key: string): string => movedKey(key, (path) => `sub/${path}`);
    expect(['a.wasm', 'image.tar!/b.wasm', 'oci://ghcr.io/acme/app', 'stdin'].map(moved)).toEqual(['sub/a.wasm', 'sub/image.tar!/b.wasm', 'oci://ghcr.io/acme/app', 'stdin']);
  });
});

describe('an accepted finding', () => {
  test('waives its finding and says which list it stands in', () => {
    expect(waived([findingOf()], waiverOf())).toEqual(['list.yaml']);
  });

  test.each([
    ['of another rule', findingOf({ rule: 'exported-table' })],
    ['of another subject', findingOf({ subject: 'other' })],
  ])('leaves one %s counting', (_, finding) => {
    expect(waived([finding], waiverOf())).toEqual([undefined]);
  });

  test('of another artifact leaves it counting', () => {
    expect(waived([findingOf()], waiverOf({ artifacts: ['b.wasm'] }))).toEqual([undefined]);
  });

  test('holds for so many findings; one more counts and says why', () => {
    const { findings } = waive([findingOf(), findingOf(), findingOf()], [waiverOf({ count: 2 })], { facts, today: '2029-01-01' });
    expect(findings.map((one) => one.waived !== undefined)).toEqual([true, true, false]);
    expect(findings[2]!.message).toContain('one more than the 2 accepted in list.yaml');
  });

  test('holds on its last day and not on the next', () => {
    expect(waived([findingOf()], waiverOf(), '2030-01-31')).toEqual(['list.yaml']);
    expect(waived([findingOf()], waiverOf(), '2030-02-01')).toEqual([undefined]);
  });

  test.each(['invalid-module', 'signature-invalid', 'parser-limit-exceeded'])('of %s waives nothing, even past the reader', (rule) => {
    expect(waived([findingOf({ rule })], waiverOf({ rule }))).toEqual([undefined]);
  });
});

describe('the list', () => {
  const errorsOf = (text: string): readonly string[] => loadAccepted(text, 'list.yaml', VOCABULARY).errors.map(({ line, column, message }) => `${line}:${column} ${message}`);
  const HEAD = 'apiVersion: wasmgate.dev/v1alpha1\nkind: AcceptedFindings\nfindings:\n';
  const item = (over: Record<string, unknown> = {}): string => {
    const { count: _, ...texts } = ONE;
    return `- ${Object.entries({ ...texts, ...over }).filter(([, value]) => value !== undefined).map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join('\n  ')}\n`;
  };

  test('reads back as it was written, whatever the texts hold', () => {
    const findings = [ONE, { ...ONE, artifact: 'b: #.wasm', subject: 'x\n- rule: y\u202e', count: 3, reason: '"quoted" # no comment' }];
    const text = acceptedText(findings, new Map([[findings[1]!, 'What was found']]));
    expect(text).not.toContain('\u202e');
    expect(text).toContain('# What was found\n');
    expect(loadAccepted(text, 'list.yaml', VOCABULARY)).toEqual({ findings, errors: [] });
  });

  test('has one order, whatever the order of the findings', () => {
    const findings = [{ ...ONE, artifact: 'b' }, { ...ONE, artifact: 'a', subject: 'z' }, { ...ONE, artifact: 'a', subject: 'y' }];
    expect(acceptedText(findings, new Map())).toBe(acceptedText(findings.toReversed(), new Map()));
  });

  test('follows a rule to its current name', () => {
    expect(loadAccepted(HEAD + item({ rule: 'unbounded-memory' }), 'list.yaml', VOCABULARY).findings).toMatchObject([{ rule: 'memory-unbounded' }]);
  });

  test.each([
    ['a missing reason', item({ reason: undefined }), '4:3 An accepted finding needs a reason as text'],
    ['an empty owner', item({ owner: ' ' }), '8:10 An accepted finding needs an owner as text'],
    ['a day that is none', item({ expires: '2030-02-30' }), '9:12 2030-02-30 is no day of the calendar; write it as 2030-01-31'],
    ['a day without end', item({ expires: 'never' }), '9:12 never is no day of the calendar; write it as 2030-01-31'],
    ['a rule that nobody can accept', item({ rule: 'signature-invalid' }), '4:9 A finding of signature-invalid cannot be accepted'],
    ['an unknown rule', item({ rule: 'memory-unbound' }), '4:9 Unknown rule memory-unbound; did you mean memory-unbounded?'],
    ['an unknown key', item({ digest: 'sha256:0' }), '10:3 Unknown key digest'],
    ['a count of none', item({ count: 0 }), '10:10 count must be a whole number from 1 on'],
    ['a finding twice', item() + item(), '10:3 This finding is accepted twice'],
    ['no list', ' x: 1\n', '4:2 findings must be a list'],
  ])('refuses %s', (_, body, message) => {
    const text = HEAD + body;
    expect(errorsOf(text)).toContain(message);
    expect(loadAccepted(text, 'list.yaml', VOCABULARY).findings).toEqual([]);
  });

  test.each(['', '[]', 'kind: WasmPolicy', 'a: [', '---\na: 1\n---\nb: 1'])('refuses %j', (text) => {
    expect(errorsOf(text).length).toBeGreaterThan(0);
  });
});
