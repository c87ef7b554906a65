import { access, appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

// npm run new-rule <family> <id>: the two files of a rule and its line in rules/ids.txt.

const root = resolve(import.meta.dirname, '..');
const [family, id] = process.argv.slice(2);
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
if (family === undefined || id === undefined || !NAME.test(family) || !NAME.test(id)) {
  console.error('Usage: npm run new-rule <family> <id>, both in kebab-case; the id names the bad thing, for example embedded-executable');
  process.exit(2);
}
if (/^(?:no|check)-/.test(id)) {
  console.error(`Rule ${id}: an id names the bad thing, so that "allow ${id}" reads well; it does not start with no- or check-`);
  process.exit(2);
}

const code = `import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: '${id}',
  title: 'What is bad, in a few words',
  description: 'Finds ...',
  family: '${family}',
  securitySeverity: 5.0,
  confidence: 'medium',
  cwe: [],
  since: '0.1.0',
  remedy: 'What to do about it',
  references: [],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { name, location } of facts.imports) {
    if (name === '...') yield { message: '...', subject: name, location };
  }
}
`;
const page = `# ${id}

## Why it matters

...

## Flagged

\`\`\`wat
(module
  (import "..." "..." (func))) ;; finding: ${id}
\`\`\`

## Accepted

\`\`\`wat
(module)
\`\`\`

## Remedy

...
`;

const folder = join(root, 'rules', family);
for (const [name, content] of [[`${id}.ts`, code], [`${id}.md`, page]] as const) {
  const file = join(folder, name);
  if (await access(file).then(() => true, () => false)) {
    console.error(`${file} exists already`);
    process.exit(2);
  }
  await mkdir(folder, { recursive: true });
  await writeFile(file, content);
  console.log(`wrote rules/${family}/${name}`);
}
await appendFile(join(root, 'rules/ids.txt'), `${id}\n`);
console.log('Fill both in, then npm run generate; test/rules.test.ts runs the examples.');
