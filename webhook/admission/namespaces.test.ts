import { describe, expect, test } from 'vitest';
import { allBad, answerTo, badWhere, DEADLINE, NOW, podOf, requestOf, updateOf, world, type WorldOptions } from '../../test/support/admission.ts';
import type { AdmissionResponse, WireObject } from '../review.ts';

const namespace = (labels: WireObject = {}): WireObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'n-1', labels } });
const label = (name: string, value: unknown): WireObject => ({ [`wasmgate.dev/${name}`]: value });

/** Policies that read labels as the real ones do: an unknown level or version is a fault. */
const reading: WorldOptions['policies'] = ({ namespace: view }) => {
  const labels = view!.labels!;
  return {
    faults: ['enforce', 'warn', 'audit'].flatMap((mode) => [
      ...(/^(?:privileged|baseline|restricted)$/.test(labels[`wasmgate.dev/${mode}`] ?? 'baseline') ? [] : [`Label wasmgate.dev/${mode}=${labels[`wasmgate.dev/${mode}`]} names no level`]),
      ...(/^(?:v1|latest)$/.test(labels[`wasmgate.dev/${mode}-version`] ?? 'v1') ? [] : [`Label wasmgate.dev/${mode}-version names no version`]),
    ]).concat('Policy x is broken'),
  };
};

const relabel = (before: WireObject, after: WireObject, options: WorldOptions = {}): Promise<AdmissionResponse> => answerTo(world({ policies: reading, ...options }), updateOf(namespace(before), namespace(after)));

describe('labels of namespaces', () => {
  test.each([['enforce', 'restrikted'], ['warn', 'x'], ['audit', ''], ['enforce-version', 'v9'], ['warn-version', '1'], ['audit-version', 'newest']])('%s: %j is refused when it is new', async (name, value) => {
    const answers = [await answerTo(world({ policies: reading }), requestOf(namespace(label(name, value)))), await relabel({}, label(name, value)), await relabel(label(name, 'v1'), label(name, value))];
    for (const { allowed, status, auditAnnotations } of answers) {
      expect([allowed, status!.code, status!.reason, auditAnnotations]).toEqual([false, 403, 'Forbidden', { decision: 'deny', error: 'invalid-label' }]);
      expect(status!.details!.causes).toMatchObject([{ reason: 'invalid-label', field: `/metadata/labels/wasmgate.dev~1${name.split('-')[0]}` }]);
      expect(status!.message).toContain('levels are privileged, baseline, restricted');
      expect(status!.message).not.toContain('Policy x');
    }
  });

  test('what was wrong before is left alone, unless the label changes', async () => {
    const wrong = label('enforce', 'restrikted');
    expect((await relabel(wrong, { ...wrong, other: 'x' })).allowed).toBe(true);
    expect((await relabel(wrong, { ...wrong, ...label('warn', 'baseline') })).allowed).toBe(true);
    expect((await relabel(wrong, { ...wrong, ...label('enforce-version', 'v1') })).allowed).toBe(false);
    expect((await relabel(wrong, {})).allowed).toBe(true);
  });

  test('what can be read is taken, what looks like ours is told', async () => {
    expect((await relabel({}, { ...label('enforce', 'restricted'), ...label('enforce-version', 'v1') })).allowed).toBe(true);
    const { allowed, warnings } = await relabel({}, label('enforec', 'restricted'));
    expect([allowed, warnings]).toEqual([true, ['Label wasmgate.dev/enforec means nothing; labels are enforce, warn, audit with and without -version']]);
    expect((await relabel(label('enforec', 'x'), label('enforec', 'y'))).warnings).toBeUndefined();
  });

  test('values that are no text count as none, and hostile shapes break nothing', async () => {
    for (const labels of [null, [], 'x', { 'wasmgate.dev/enforce': { a: 1 } }]) expect((await answerTo(world({ policies: reading }), requestOf({ ...namespace(), metadata: { name: 'shop', labels } }))).allowed).toBe(true);
  });
});

describe('the preview of a tightened label', () => {
  const pods = [podOf({ containers: [{ image: 'r.example/bad:1' }] }, { name: 'b' }), podOf({ containers: [{ image: 'r.example/good:1' }] }, { name: 'g' }), podOf({ containers: [{ image: 'r.example/bad:2' }] }, { name: 'a' })];
  const listed: unknown[] = [];
  const options: WorldOptions = { find: badWhere(({ reference }) => reference.includes('bad')), cluster: { pods: async (...asked) => (listed.push(asked), pods) } };

  test.each([
    [{}, label('enforce', 'baseline')], [label('enforce', 'privileged'), label('enforce', 'baseline')], [label('enforce', 'baseline'), label('enforce', 'restricted')],
    [{ ...label('enforce', 'baseline'), ...label('enforce-version', 'v1') }, { ...label('enforce', 'baseline'), ...label('enforce-version', 'latest') }],
  ])('from %j to %j says which pods would be denied', async (before, after) => {
    const { allowed, warnings } = await relabel(before, after, options);
    expect([allowed, warnings]).toEqual([true, ['2 of 3 pods in namespace shop would be denied by the new labels', 'a (and 1 other pod): capability-net-connect']]);
    expect(listed.at(-1)).toEqual(['shop', 3_000]);
  });

  test.each([[label('enforce', 'restricted'), label('enforce', 'baseline')], [label('enforce', 'baseline'), {}], [label('enforce', 'baseline'), label('enforce', 'baseline')], [{}, label('warn', 'restricted')], [{}, label('enforce-version', 'v1')]])('from %j to %j looks at nothing', async (before, after) => {
    const subject = world({ policies: reading, ...options });
    await answerTo(subject, updateOf(namespace(before), namespace(after)));
    expect(subject.examined).toEqual([]);
  });

  test('a new namespace has no pods', async () => {
    const subject = world({ policies: reading, ...options });
    await answerTo(subject, requestOf(namespace(label('enforce', 'restricted'))));
    expect(subject.examined).toEqual([]);
  });

  test('asks under the new labels, before a deadline of its own', async () => {
    const subject = world({ policies: reading, ...options });
    await answerTo(subject, updateOf(namespace(), namespace(label('enforce', 'restricted'))));
    expect(subject.questions.filter(({ reference }) => reference !== '').map(({ namespace }) => namespace)).toEqual(Array.from({ length: 3 }, () => ({ name: 'shop', labels: label('enforce', 'restricted') })));
    expect(subject.requests.map(({ deadline }) => deadline)).toEqual(Array.from({ length: 3 }, () => NOW.getTime() + 1_000));
  });

  test('counts what there was no time for, and takes it for nothing', async () => {
    let milliseconds = 0;
    const now = (): Date => new Date(NOW.getTime() + (milliseconds += 100));
    const many = Array.from({ length: 100 }, (_, index) => podOf({ containers: [{ image: `r.example/good:${index}` }] }, { name: `p${index}` }));
    const slow = await relabel({}, label('enforce', 'baseline'), { ...options, cluster: { pods: async () => many }, parts: { now } });
    expect([slow.allowed, slow.warnings!.length]).toEqual([true, 1]);
    expect(slow.warnings![0]).toMatch(/^9\d pods of shop could not be looked at in time$/);
    const late = await relabel({}, label('enforce', 'baseline'), { ...options, find: () => [{ failure: { kind: 'unreadable', code: 'deadline', message: 'late' } }] });
    expect(late.warnings).toEqual(['3 pods of shop could not be looked at in time']);
  });

  test('lets others run between many pods, and says where the list ends', async () => {
    let pauses = 0;
    const many = Array.from({ length: 3_000 }, () => pods[1]!);
    const { warnings } = await relabel({}, label('enforce', 'baseline'), { ...options, cluster: { pods: async () => many }, parts: { pause: async () => void pauses++ } });
    expect([pauses, warnings]).toEqual([60, ['Only the first 3000 pods were looked at']]);
  });

  test('many different pods make few warnings', async () => {
    const many = Array.from({ length: 60 }, (_, index) => podOf({ containers: [{ image: `r.example/bad:${index}` }] }, { name: `p${index}` }));
    let number = 0;
    const find: WorldOptions['find'] = () => [{ findings: [{ ...BAD_FINDING, rule: `rule-${number++}` }] }];
    const { warnings } = await relabel({}, label('enforce', 'baseline'), { find, cluster: { pods: async () => many } });
    expect([warnings!.length, warnings!.at(-1)]).toEqual([20, '... and 42 further warnings']);
  });

  test('an annotation of a namespace is judged like that of any object', async () => {
    const object = { ...namespace(), metadata: { name: 'shop', annotations: { 'overrides.yoke.cd/flight': 'https://f.example/bad.wasm' } } };
    expect((await world({ find: allBad }).admission.validate(requestOf(object), DEADLINE)).allowed).toBe(false);
  });
});

const BAD_FINDING = { severity: 'error', confidence: 'high', message: 'Bad', subject: 'x', location: { path: 'file', offset: 0, length: 1 }, fix: '' } as const;
