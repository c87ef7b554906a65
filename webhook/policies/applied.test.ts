import { describe, expect, test } from 'vitest';
import { COMPILE_OPTIONS } from '../../engine/policies.ts';
import { compilePolicy } from '../../scanner/policy/compile.ts';
import type { PolicyDocument } from '../../scanner/policy/document.generated.ts';
import { levelName } from '../../scanner/policy/vocabulary.ts';
import type { JudgingPolicy } from '../judging.ts';
import { POLICY_LIMITS } from '../limits.ts';
import type { PolicyQuestion } from '../policy-source.ts';
import { chooser, type PolicySet } from './applied.ts';
import { inForce, levelAlone, type PolicyInForce } from './in-force.ts';

type Spec = PolicyDocument['spec'];

function policy(name: string, spec: Spec = {}, over: { readonly namespace?: string; readonly fault?: string } = {}): PolicyInForce {
  const document: PolicyDocument = { apiVersion: 'wasmgate.dev/v1alpha1', kind: over.namespace === undefined ? 'ClusterWasmPolicy' : 'WasmPolicy', metadata: { name }, spec };
  const { fault, namespace = null } = over;
  return inForce({ policy: { ...compilePolicy(document, COMPILE_OPTIONS), name, material: { id: name, document, sources: {} } }, document }, { namespace, waivers: [], ...(fault === undefined ? {} : { fault }) });
}

function setOf(cluster: readonly PolicyInForce[], over: Partial<PolicySet> = {}): PolicySet {
  return { cluster, namespaced: new Map(), fallback: inForce(levelAlone('baseline'), { namespace: null, waivers: [] }), labels: 'read', ...over };
}

function ask(set: PolicySet, labels: Record<string, string> | null = {}, over: Partial<PolicyQuestion> = {}) {
  const { enforce, warn, audit, faults } = chooser(set)({ reference: 'ghcr.io/acme/app:1', kind: 'Pod', namespace: { name: 'team', labels }, ...over });
  return { enforce: enforce.map(shown), warn: warn.map(shown), audit: audit.map(shown), faults };
}

/** `name: level mode`. */
function shown({ name, level, mode }: JudgingPolicy): string {
  return `${name}: ${levelName(level)} ${mode}`;
}

const DEFAULT = 'baseline@v1: baseline@v1 enforce';
const RESTRICTED = { 'wasmgate.dev/enforce': 'restricted' };

describe('cluster policies', () => {
  test('without any, the default applies', () => {
    expect(ask(setOf([]))).toEqual({ enforce: [DEFAULT], warn: [], audit: [], faults: [] });
  });

  test('every one that matches, and no default then', () => {
    expect(ask(setOf([policy('a'), policy('b', { level: 'restricted', mode: 'audit' })])).enforce).toEqual(['a: baseline@v1 enforce', 'b: restricted@v1 audit']);
  });

  test('are chosen by references', () => {
    const set = setOf([policy('a', { match: { references: ['ghcr.io/acme/**'] } })]);
    expect(ask(set).enforce).toEqual(['a: baseline@v1 enforce']);
    expect(ask(set, {}, { reference: 'ghcr.io/acme-evil/app:1' }).enforce).toEqual([DEFAULT]);
  });

  test('are chosen by kinds', () => {
    const set = setOf([policy('a', { match: { kinds: ['SpinApp'] } })]);
    expect(ask(set).enforce).toEqual([DEFAULT]);
    expect(ask(set, {}, { kind: 'SpinApp' }).enforce).toEqual(['a: baseline@v1 enforce']);
  });

  test('are chosen by labels of the namespace, and never left out because those are unknown', () => {
    const set = setOf([policy('a', { match: { namespaceSelector: { matchLabels: { team: 'a' } } } })]);
    expect(ask(set, { team: 'b' }).enforce).toEqual([DEFAULT]);
    expect(ask(set, { team: 'a' }).enforce).toEqual(['a: baseline@v1 enforce']);
    expect(ask(set, null).enforce).toEqual(['a: baseline@v1 enforce', 'a at restricted@v1: restricted@v1 enforce']);
    expect(ask(set, {}, { namespace: null }).enforce).toEqual(['a: baseline@v1 enforce']);
  });
});

describe('policies of a namespace', () => {
  const local = policy('team/local', { level: 'privileged', mode: 'audit' }, { namespace: 'team' });
  const set = setOf([], { namespaced: new Map([['team', [local]]]) });

  test('come on top of what holds in the cluster', () => {
    expect(ask(set).enforce).toEqual([DEFAULT, 'team/local: privileged@v1 audit']);
    expect(ask({ ...set, cluster: [policy('a')] }).enforce).toEqual(['a: baseline@v1 enforce', 'team/local: privileged@v1 audit']);
  });

  test('say nothing of other namespaces, nor of what belongs to none', () => {
    expect(ask(set, {}, { namespace: { name: 'other', labels: {} } }).enforce).toEqual([DEFAULT]);
    expect(ask(set, {}, { namespace: null }).enforce).toEqual([DEFAULT]);
  });

  test('two namespaces with the same labels are told apart', () => {
    const labels = {};
    const choose = chooser(set);
    const names = ['team', 'other', 'team'].map((name) => choose({ reference: 'x', kind: 'Pod', namespace: { name, labels } }).enforce.length);
    expect(names).toEqual([2, 1, 2]);
  });
});

describe('label enforce', () => {
  test('tightens the default', () => {
    expect(ask(setOf([]), RESTRICTED).enforce).toEqual([DEFAULT, 'restricted@v1: restricted@v1 enforce']);
  });

  test('cannot loosen the default', () => {
    expect(ask(setOf([]), { 'wasmgate.dev/enforce': 'privileged' }).enforce).toContain(DEFAULT);
  });

  test('adds every matching policy at that level, enforcing, with its own words', () => {
    const set = setOf([policy('a', { mode: 'audit', capabilities: { deny: ['stdio'] } }), policy('b')]);
    expect(ask(set, RESTRICTED).enforce).toEqual(['a: baseline@v1 audit', 'b: baseline@v1 enforce', 'a at restricted@v1: restricted@v1 enforce', 'b at restricted@v1: restricted@v1 enforce']);
    const copy = chooser(set)({ reference: 'x', kind: 'Pod', namespace: { name: 'n', labels: RESTRICTED } }).enforce[2]!;
    expect(copy.treatCapability('stdio', 'x')).toMatchObject({ treatment: 'deny', listed: true });
    expect(copy.material).toBe(set.cluster[0]!.policy.material);
  });

  test('adds nothing where the policy is that already', () => {
    expect(ask(setOf([policy('a', { level: 'restricted' })]), RESTRICTED).enforce).toEqual(['a: restricted@v1 enforce']);
  });

  test('loosens only where every matching policy lets namespaces choose', () => {
    const open = policy('open', { level: 'restricted', allowNamespaceOverride: true });
    const privileged = { 'wasmgate.dev/enforce': 'privileged' };
    expect(ask(setOf([open]), privileged).enforce).toEqual(['open at privileged@v1: privileged@v1 enforce']);
    expect(ask(setOf([open, policy('closed', { level: 'restricted' })]), privileged).enforce).toEqual(expect.arrayContaining(['open: restricted@v1 enforce', 'closed: restricted@v1 enforce']));
    expect(ask(setOf([open]), { 'wasmgate.dev/warn': 'privileged' }).enforce).toEqual(['open: restricted@v1 enforce']);
  });

  test('that cannot be read, or could not be looked up, replaces nothing', () => {
    const open = policy('open', { level: 'baseline', allowNamespaceOverride: true });
    for (const labels of [{ 'wasmgate.dev/enforce': 'nonsense' }, null]) {
      const { enforce, faults } = ask(setOf([open]), labels);
      expect(enforce).toEqual(['open: baseline@v1 enforce', 'open at restricted@v1: restricted@v1 enforce']);
      expect(faults).toHaveLength(1);
    }
  });

  test('a policy of the namespace is no bound that could be replaced', () => {
    const local = policy('team/local', { level: 'restricted' }, { namespace: 'team' });
    const set = setOf([policy('open', { allowNamespaceOverride: true })], { namespaced: new Map([['team', [local]]]) });
    expect(ask(set, { 'wasmgate.dev/enforce': 'privileged' }).enforce).toEqual(['open at privileged@v1: privileged@v1 enforce', 'team/local: restricted@v1 enforce']);
  });
});

test('labels warn and audit fill their own lists, and share copies with enforce', () => {
  const set = setOf([policy('a')]);
  const labels = { 'wasmgate.dev/warn': 'restricted', 'wasmgate.dev/audit': 'restricted', 'wasmgate.dev/enforce': 'restricted' };
  const { enforce, warn, audit } = chooser(set)({ reference: 'x', kind: 'Pod', namespace: { name: 'n', labels } });
  expect(warn.map(shown)).toEqual(['a at restricted@v1: restricted@v1 enforce']);
  expect(warn[0]).toBe(audit[0]);
  expect(enforce).toContain(warn[0]);
});

describe('a policy that was never usable', () => {
  const broken = policy('broken', { level: 'restricted', allowNamespaceOverride: true }, { fault: 'Policy broken cannot be used' });

  test('stands beside the default instead of in its place, and says why', () => {
    expect(ask(setOf([broken]))).toMatchObject({ enforce: [DEFAULT, 'broken: restricted@v1 enforce'], faults: ['Policy broken cannot be used'] });
  });

  test('keeps namespaces from choosing', () => {
    const set = setOf([policy('open', { allowNamespaceOverride: true }), broken]);
    expect(ask(set, { 'wasmgate.dev/enforce': 'privileged' }).enforce).toEqual(['open: baseline@v1 enforce', 'open at privileged@v1: privileged@v1 enforce', 'broken: restricted@v1 enforce']);
  });
});

test('where nobody looks namespaces up, policies apply as they are written', () => {
  const set = setOf([policy('a', { match: { namespaceSelector: { matchLabels: { team: 'a' } } } })], { labels: 'ignored' });
  expect(ask(set, null)).toEqual({ enforce: ['a: baseline@v1 enforce'], warn: [], audit: [], faults: [] });
});

describe('the memory of answers', () => {
  const question = (reference: string, labels: Record<string, string> = {}): PolicyQuestion => ({ reference, kind: 'Pod', namespace: { name: 'n', labels } });

  test('knows a question again, whatever labels nobody looks at', () => {
    const choose = chooser(setOf([policy('a')]));
    expect(choose(question('x', { other: '1' }))).toBe(choose(question('x', { other: '2' })));
  });

  test('tells questions apart by every label that a policy or wasmgate looks at', () => {
    const choose = chooser(setOf([policy('a', { match: { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } } })]));
    expect(choose(question('x', { team: '1' }))).not.toBe(choose(question('x')));
    expect(choose(question('x', RESTRICTED))).not.toBe(choose(question('x')));
    expect(choose(question('y'))).not.toBe(choose(question('x')));
    expect(choose({ ...question('x'), kind: 'Job' })).not.toBe(choose(question('x')));
  });

  test('cannot be confused by what an object writes into its parts', () => {
    const choose = chooser(setOf([policy('a', { match: { kinds: ['P'] } })]));
    const answers = [['Px', ''], ['x', 'P'], ['1:Px', ''], ['0:Px', '']].map(([reference, kind]) => choose({ reference: reference!, kind: kind!, namespace: null }));
    expect(new Set(answers).size).toBe(4);
  });

  test('is bounded, and keeps no long questions', () => {
    const choose = chooser(setOf([]));
    const first = choose(question('first'));
    for (let index = 0; index <= POLICY_LIMITS.answers; index++) choose(question(`x${index}`));
    expect(choose(question('first'))).not.toBe(first);
    const long = 'x'.repeat(POLICY_LIMITS.question);
    expect(choose(question(long))).not.toBe(choose(question(long)));
  });
});

test('waivers beside the policies count in copies as well, and change the hash', () => {
  const waiver = { rule: 'memory-unbounded', digest: 'sha256:x', reason: 'r', owner: 'o', expires: '2030-01-01' };
  const { policy: plain } = levelAlone('baseline');
  const waived = inForce({ policy: plain, document: null }, { namespace: null, waivers: [waiver] });
  expect(waived.policy.waivers).toEqual([waiver]);
  expect(waived.policy.hash).not.toBe(plain.hash);
  const copy = waived.atLevel(levelAlone('restricted').policy.level);
  expect(copy.waivers).toEqual([waiver]);
  expect(copy).toBe(waived.atLevel(levelAlone('restricted').policy.level));
});
