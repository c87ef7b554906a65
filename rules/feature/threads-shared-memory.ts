import type { Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import { placeAt } from '../../scanner/facts/place.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { importText, listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'threads-shared-memory',
  title: 'The program shares memory between threads',
  description: 'Finds shared memories, atomic instructions, thread built-ins and imports that create threads.',
  family: 'feature',
  securitySeverity: 5.3,
  confidence: 'high',
  cwe: [362, 385],
  since: '0.1.0',
  remedy: 'Build it single-threaded, or give it a runtime process of its own',
  references: ['https://docs.wasmtime.dev/stability-tiers.html', 'https://nvd.nist.gov/vuln/detail/CVE-2024-47813', 'https://nvd.nist.gov/vuln/detail/CVE-2025-64345'],
  check,
});

interface Evidence { readonly text: string; readonly location: Location }

/** One finding for the artifact, placed at the first piece of evidence, naming all kinds of it. */
function* check(facts: Facts): Generator<RuleFinding> {
  const evidence = [...facts.modules.flatMap((module) => [...sharedMemories(module)]), ...threadFeatures(facts), ...threadImports(facts)];
  const first = evidence[0];
  if (first !== undefined) yield { message: `Shares memory between threads: ${listing(evidence.map(({ text }) => text))}`, subject: 'threads', location: first.location };
}

function* sharedMemories({ path, module }: ModuleFact): Generator<Evidence> {
  const at = (place: string): string => (path === '' ? place : `${path}/${place}`);
  for (const [index, { type, module: from, name, offset, length }] of module.imports.entries()) {
    if (type.kind === 'memory' && type.shared) yield { text: 'an imported shared memory', location: { path: at(`import[${index}] ${from}.${name}`), offset, length } };
  }
  const imported = module.imports.filter(({ type }) => type.kind === 'memory').length;
  for (const [index, { type, offset, length }] of module.memories.entries()) {
    if (type.shared) yield { text: 'a shared memory', location: { path: at(`memory[${imported + index}]`), offset, length } };
  }
}

const FEATURE_WORDS: Readonly<Record<string, string>> = {
  threads: 'atomic instructions or shared types',
  'shared-everything-threads': 'shared types of the threads proposal',
  'component-threads': 'thread built-ins of the component model',
};

function threadFeatures(facts: Facts): readonly Evidence[] {
  return facts.features.flatMap(({ feature, offset }) => {
    const text = FEATURE_WORDS[feature];
    return text === undefined ? [] : [{ text, location: { path: placeAt(facts, offset), offset, length: 1 } }];
  });
}

function threadImports(facts: Facts): readonly Evidence[] {
  return facts.imports.filter(({ capability, kind }) => capability === 'threads' && kind !== 'memory').map((found) => ({ text: importText(facts, found), location: found.location }));
}
