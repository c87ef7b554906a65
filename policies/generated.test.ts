import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadPolicies } from '../scanner/policy/load.ts';
import { policyText, VOCABULARY } from '../test/support/policy.ts';
import { generatePolicy } from '../tools/generate-policy.ts';

const root = resolve(import.meta.dirname, '..');

test('what is made from the schema and the levels is up to date', async () => {
  for (const [path, content] of await generatePolicy()) expect(await readFile(join(root, path), 'utf8'), `${path}: run tools/generate-policy.ts`).toBe(content);
});

test('the validator is plain ESM', async () => {
  const text = (await generatePolicy()).get('scanner/policy/validator.generated.ts')!;
  expect(text).not.toMatch(/\brequire\(|\bimport\b/);
});

test('keys that can be mistyped have a meaning in the schema', async () => {
  const schema = JSON.parse(await readFile(join(root, 'policies/policy.schema.json'), 'utf8')) as { properties: { spec: { properties: Record<string, { description?: string; $ref?: string }> } } };
  for (const [key, { description }] of Object.entries(schema.properties.spec.properties)) expect(description, key).toMatch(/\.$/);
});

test('every example of the guide loads', async () => {
  const guide = await readFile(join(root, 'docs/policy.md'), 'utf8');
  const examples = [...guide.matchAll(/^```yaml\n([^]*?)^```$/gm)].map((match) => match[1]!);
  expect(examples.length).toBeGreaterThan(1);
  for (const example of examples) expect(loadPolicies(example.startsWith('apiVersion') ? example : policyText(example.trimEnd()), 'docs/policy.md', VOCABULARY).errors).toEqual([]);
});
