import { describe, expect, test } from 'vitest';
import { RULES } from '../rules/index.ts';
import { MORE, MUST } from '../tools/rule-catalogue.ts';

const here = new Set(RULES.flatMap(({ id, aliases }) => [id, ...(aliases ?? [])]));

describe('the catalogue of rules', () => {
  test('has 100 ids, each once, 40 of them indispensable', () => {
    expect(MUST.length).toBe(40);
    expect(new Set([...MUST, ...MORE]).size).toBe(100);
    expect([...MUST, ...MORE].length).toBe(100);
  });

  test('is here: every indispensable rule, and at least 80 in all', () => {
    expect(MUST.filter((id) => !here.has(id))).toEqual([]);
    expect([...MUST, ...MORE].filter((id) => here.has(id)).length).toBeGreaterThanOrEqual(80);
  });
});
