import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'data-store-access',
  title: 'The program works with data stores of the platform',
  description: 'Finds imports of key-value stores, object storage, databases and message brokers; one finding for each kind of store.',
  family: 'capability',
  securitySeverity: 3.9,
  confidence: 'high',
  cwe: [272],
  since: '0.1.0',
  remedy: 'Name the stores it may use in its manifest, read-only where it does not write',
  references: ['https://github.com/WebAssembly/wasi-keyvalue', 'https://github.com/WebAssembly/wasi-blobstore', 'https://spinframework.dev/v3/manifest-reference'],
  check,
});

/** Kinds of store with the capabilities that reach them. */
const STORES: readonly (readonly [string, string, ReadonlySet<string>])[] = [
  ['key-value store', 'keyvalue', new Set(['keyvalue-read', 'keyvalue-write'])],
  ['object storage', 'blobstore', new Set(['blobstore-read', 'blobstore-write'])],
  ['database', 'sql', new Set(['sql'])],
  ['message broker', 'messaging', new Set(['messaging-publish', 'messaging-consume'])],
];

function* check(facts: Facts): Generator<RuleFinding> {
  const functions = importedFunctions(facts);
  for (const [title, subject, capabilities] of STORES) {
    yield* findingOf(facts, { imports: functions.filter(({ capability }) => capabilities.has(capability)), message: `Works with a ${title}`, subject });
  }
}
