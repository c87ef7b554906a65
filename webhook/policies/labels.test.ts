import { describe, expect, test } from 'vitest';
import { LEVELS } from '../../policies/index.ts';
import { levelName } from '../../scanner/policy/vocabulary.ts';
import { readLabels, STRICTEST } from './labels.ts';

function read(labels: Record<string, string> | null) {
  const { enforce, warn, audit, faults } = readLabels({ name: 'team', labels });
  return { enforce: shown(enforce), warn: shown(warn), audit: shown(audit), faults };
}

function shown(one: ReturnType<typeof readLabels>['enforce']) {
  return one === null ? null : `${levelName(one.level)}${one.certain ? '' : '?'}`;
}

const NOTHING = { enforce: null, warn: null, audit: null, faults: [] };

test('restricted is the strictest level', () => {
  expect(STRICTEST.name).toBe('restricted');
  expect(LEVELS.at(-1)).toBe(STRICTEST);
});

describe('labels of a namespace', () => {
  test.each([
    [{}, NOTHING],
    [{ 'wasmgate.dev/enforce': 'restricted' }, { ...NOTHING, enforce: 'restricted@v1' }],
    [{ 'wasmgate.dev/enforce': 'baseline', 'wasmgate.dev/enforce-version': 'v1' }, { ...NOTHING, enforce: 'baseline@v1' }],
    [{ 'wasmgate.dev/enforce': 'privileged', 'wasmgate.dev/enforce-version': 'latest' }, { ...NOTHING, enforce: 'privileged@v1' }],
    [{ 'wasmgate.dev/warn': 'baseline', 'wasmgate.dev/audit': 'restricted' }, { ...NOTHING, warn: 'baseline@v1', audit: 'restricted@v1' }],
    // A version without a level says nothing.
    [{ 'wasmgate.dev/enforce-version': 'v1' }, NOTHING],
  ])('%j', (labels, expected) => {
    expect(read(labels as Record<string, string>)).toEqual(expected);
  });

  test.each([
    [{ 'wasmgate.dev/enforce': 'strict' }, 'enforce', 'Label wasmgate.dev/enforce=strict names no level, so the strictest level counts, restricted@v1'],
    [{ 'wasmgate.dev/enforce': '' }, 'enforce', 'Label wasmgate.dev/enforce= names no level, so the strictest level counts, restricted@v1'],
    [{ 'wasmgate.dev/enforce': 'privileged@v1' }, 'enforce', 'Label wasmgate.dev/enforce=privileged@v1 names no level, so the strictest level counts, restricted@v1'],
    [{ 'wasmgate.dev/warn': 'privileged', 'wasmgate.dev/warn-version': 'v9' }, 'warn', 'Label wasmgate.dev/warn-version=v9 names no version of level privileged, so the strictest level counts, restricted@v1'],
    [{ 'wasmgate.dev/audit-version': 'newest' }, 'audit', 'Label wasmgate.dev/audit-version=newest names no version of level restricted, so the strictest level counts, restricted@v1'],
  ])('%j counts as the strictest level', (labels, mode, fault) => {
    expect(read(labels as Record<string, string>)).toEqual({ ...NOTHING, [mode]: 'restricted@v1?', faults: [fault] });
  });

  test('that could not be looked up enforce the strictest level', () => {
    expect(read(null)).toEqual({ ...NOTHING, enforce: 'restricted@v1?', faults: ['The labels of namespace team could not be looked up, so the strictest level counts, restricted@v1'] });
  });

  test('say nothing of what belongs to no namespace', () => {
    expect(readLabels(null)).toEqual(NOTHING);
  });
});
