import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULES } from '../rules/index.ts';
import type { Rule } from '../scanner/rule.ts';
import { familyOf, generateRules, ruleFiles, ruleSources, TABLE_FILE } from '../tools/generate-rules.ts';
import { headings, readExamples } from './support/examples.ts';
import { findingsOf } from './support/findings.ts';
import { surroundingsOf } from './support/surroundings.ts';
import { ROOT, sourceFiles } from './support/imports.ts';
import { watToWasm } from './support/wat.ts';

const sources = await ruleSources();
const files = await ruleFiles();
const pages = [...new Set(sources.map(({ page }) => page))];
const listed = readFileSync(join(ROOT, 'rules/ids.txt'), 'utf8').split('\n').filter((line) => line !== '');

/** Rules that the judge reports on its own, because only the policy knows what it asks for. */
const JUDGE_REPORTS = ['policy-expression-failed', 'provenance-policy-unmet'];
/** What a rule must say, and nothing else. */
const KEYS = ['id', 'title', 'description', 'family', 'securitySeverity', 'confidence', 'cwe', 'since', 'remedy', 'references', 'check'];

describe('rule files', () => {
  test('come with a page each, and no page without a rule', () => {
    const markdown = readdirSync(join(ROOT, 'rules'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `rules/${name}`).sort();
    expect(markdown).toEqual(files.map((file) => file.replace(/\.ts$/, '.md')).sort());
  });

  test('hold the rule of their name, in the folder of its family', () => {
    const wrong = sources.filter(({ rule, file }) => familyOf(file) !== rule.family || (file !== TABLE_FILE && file !== `rules/${rule.family}/${rule.id}.ts`));
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test('import nothing but scanner/ and each other', () => {
    const wrong = sourceFiles(['rules']).filter(({ path }) => files.includes(path)).flatMap(({ path, imports }) => imports.filter(({ target }) => !target.startsWith('scanner/')).map(({ target }) => `${path} imports ${target}`));
    expect(wrong).toEqual([]);
  });
});

describe('ids', () => {
  test('are unique, aliases included', () => {
    const all = RULES.flatMap(({ id, aliases }) => [id, ...(aliases ?? [])]);
    expect(all.filter((id, at) => all.indexOf(id) !== at)).toEqual([]);
  });

  test('name the bad thing in kebab-case', () => {
    expect(RULES.map(({ id }) => id).filter((id) => !/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id) || /^(?:no|check|detect)-/.test(id))).toEqual([]);
  });

  test('all stand in rules/ids.txt, and all that stand there still mean something', () => {
    const living = RULES.flatMap(({ id, aliases }) => [id, ...(aliases ?? [])]).sort();
    expect(listed.toSorted()).toEqual(living);
  });

  test.skipIf(!existsSync(join(ROOT, '.git')))('never leave rules/ids.txt again', () => {
    const history = execFileSync('git', ['log', '-p', '--format=', '--', 'rules/ids.txt'], { cwd: ROOT, encoding: 'utf8' });
    const removed = [...history.matchAll(/^-([a-z0-9-]+)$/gm)].map(([, id]) => id!);
    expect(removed.filter((id) => !listed.includes(id))).toEqual([]);
  });
});

test.each(RULES.map((rule) => [rule.id, rule] as const))('metadata of %s is complete', (_id, rule) => {
  expect(Object.keys(rule).filter((key) => key !== 'aliases' && key !== 'about').sort()).toEqual(KEYS.toSorted());
  expect(metadataFaults(rule)).toEqual([]);
});

test('the list and the pages are fresh', async () => {
  const stale = [...(await generateRules())].filter(([path, content]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== content).map(([path]) => path);
  expect(stale, 'run npm run generate').toEqual([]);
});

describe.each(pages)('%s', (page) => {
  // A page that is missing fails by name above, and its own tests fail here.
  const markdown = existsSync(join(ROOT, page)) ? readFileSync(join(ROOT, page), 'utf8') : '';
  const own = sources.filter((source) => source.page === page).map(({ rule }) => rule.id);
  const examples = readExamples(markdown);
  const tests = page.replace(/\.md$/, '.test.ts');

  test('explains: why, flagged, accepted, remedy', () => {
    expect(headings(markdown)).toEqual(['Why it matters', 'Flagged', 'Accepted', 'Remedy']);
    expect(markdown.startsWith(`# ${own.length === 1 ? own[0] : 'capability-'}`)).toBe(true);
  });

  test('shows what is flagged and what is accepted, or has a test file that does', () => {
    const kinds = new Set(examples.map(({ kind }) => kind));
    if (!existsSync(join(ROOT, tests)) && !(own.length === 1 && JUDGE_REPORTS.includes(own[0]!))) expect([...kinds].sort()).toEqual(['accepted', 'flagged']);
  });

  test.each(examples.map((example) => [`${example.kind} ${example.number}`, example] as const))('%s', async (_name, { kind, text, announced, policy, surroundings }) => {
    const bytes = watToWasm(text);
    const found = await findingsOf(bytes, { rules: own, ...surroundingsOf(surroundings ?? {}), ...(policy === null ? {} : { policy: { kind: 'file', name: 'policy.yaml', text: policy } }) });
    expect(found.map(({ rule }) => rule).sort()).toEqual(announced);
    expect(announced.length > 0).toBe(kind === 'flagged');
    for (const { location, message, fix } of found) {
      expect(location.path).not.toBe('');
      expect(location.offset + location.length).toBeLessThanOrEqual(bytes.length);
      expect(message).toMatch(/^[A-Z0-9`"'].*[^.\s]$/su);
      expect(fix).not.toBe('');
    }
  });
});

function metadataFaults({ title, description, family, securitySeverity, confidence, cwe, since, remedy, references }: Rule): string[] {
  const faults: string[] = [];
  const demand = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  demand(/^[A-Z].*[^.\s]$/.test(title) && title.length <= 100, `title: ${title}`);
  demand(/^[A-Z].*\.$/.test(description) && description.length <= 300, `description: ${description}`);
  demand(/^[A-Z].*[^.\s]$/.test(remedy), `remedy: ${remedy}`);
  demand(/^[a-z]+$/.test(family), `family: ${family}`);
  demand(securitySeverity >= 0.1 && securitySeverity <= 10, `securitySeverity: ${securitySeverity}`);
  demand(['high', 'medium', 'low'].includes(confidence), `confidence: ${confidence}`);
  demand(cwe.every((number) => Number.isInteger(number) && number > 0 && number < 1500) && new Set(cwe).size === cwe.length, `cwe: ${cwe.join(', ')}`);
  demand(/^\d+\.\d+\.\d+$/.test(since), `since: ${since}`);
  demand(references.every((reference) => /^https:\/\/\S+$|^(?!http)[A-Z].*[^.\s]$/.test(reference)), `references: ${references.join(', ')}`);
  return faults;
}
