import type { Facts } from '../../scanner/facts/facts.ts';
import { RUNTIME_DATA_DATE } from '../../scanner/facts/runtimes/data.generated.ts';
import { missingFeatures, type MissingFeature } from '../../scanner/facts/runtimes/feature-support.ts';
import type { RuntimeFact } from '../../scanner/facts/runtimes/model.ts';
import { runtimeText } from '../../scanner/facts/runtimes/runtime.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'runtime-unsupported-feature',
  title: 'The binary will not load on its runtime',
  description: `Compares the features that the binary needs with those that the runtime loads as it comes, as they were known on ${RUNTIME_DATA_DATE}.`,
  family: 'feature',
  securitySeverity: 2.0,
  confidence: 'high',
  cwe: [1357],
  since: '0.1.0',
  remedy: 'Update the runtime, turn the feature on, or compile for a lower feature baseline',
  references: ['https://webassembly.org/features/', 'https://docs.wasmtime.dev/stability-wasm-proposals.html'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const { runtime } = facts;
  if (runtime === null) return;
  for (const missing of missingFeatures(facts)) {
    yield {
      message: `Will not load on ${runtimeText(runtime)} as it comes: it needs ${missing.title}, used ${missing.count === 1 ? 'once' : `${missing.count} times`}, first here; ${defaultOf(missing)}`,
      subject: missing.feature,
      location: missing.location,
      confidence: runtime.version !== null && runtime.sure ? 'high' : 'medium',
      fix: fixFor(missing, runtime),
    };
  }
}

function defaultOf({ support }: MissingFeature): string {
  if (support.state === 'off') return `it is off unless ${support.flag} turns it on`;
  return support.on === null ? 'no version is known to have it' : `it came with ${support.on}`;
}

function fixFor({ support }: MissingFeature, { title }: RuntimeFact): string {
  const compile = 'compile for a lower feature baseline';
  if (support.state === 'off') return `Turn it on with ${support.flag}, or ${compile}`;
  return support.on === null ? `Use another runtime, or ${compile}` : `Update ${title} to ${support.on} or later, or ${compile}`;
}
