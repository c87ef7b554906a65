import { createHash } from 'node:crypto';
import { LEVELS } from '../../policies/index.ts';
import type { Facts, ImportFact } from '../../scanner/facts/facts.ts';
import type { Finding } from '../../scanner/finding.ts';
import type { CompileOptions } from '../../scanner/policy/build.ts';
import { compilePolicy } from '../../scanner/policy/compile.ts';
import { formatFault, loadPolicies } from '../../scanner/policy/load.ts';
import type { Policy } from '../../scanner/policy/policy.ts';
import type { Vocabulary } from '../../scanner/policy/vocabulary.ts';
import type { RuleMetadata } from '../../scanner/rule.ts';
import { UNKNOWN_PROVENANCE } from '../../scanner/provenance.ts';

/** Names enough for policies in tests; `unbounded-memory` is a former name. */
export const VOCABULARY: Vocabulary = {
  rules: [...new Set(['capability-fs-write', 'capability-net-connect', 'feature-not-allowed', 'denied-import', 'size-excessive', 'dylink-module', 'policy-expression-failed', 'provenance-policy-unmet', ...LEVELS.flatMap(({ rules }) => Object.keys(rules))])],
  aliases: { 'unbounded-memory': 'memory-unbounded' },
  capabilities: Object.keys(LEVELS[0]!.capabilities).filter((name) => name !== 'unknown'),
  levels: LEVELS,
};

export const OPTIONS: CompileOptions = { hash: (text) => createHash('sha256').update(text).digest('hex'), vocabulary: VOCABULARY };

/** Text of a policy with this spec, in YAML flow or block form indented by two. */
export function policyText(spec: string, kind = 'WasmPolicy', name = 'test'): string {
  return `apiVersion: wasmgate.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n${spec.replaceAll(/^/gm, '  ')}\n`;
}

/** The compiled policy of a spec; throws with every error of the text. */
export function policyOf(spec: string, name = 'test'): Policy {
  const { documents, errors } = loadPolicies(policyText(spec, 'WasmPolicy', name), 'test.yaml', VOCABULARY);
  if (errors.length > 0) throw new Error(errors.map(formatFault).join('\n'));
  return compilePolicy(documents[0]!, OPTIONS);
}

export function ruleOf(id: string, over: Partial<RuleMetadata> = {}): RuleMetadata {
  return { id, title: id, description: id, family: 'test', securitySeverity: 5, confidence: 'high', cwe: [], since: '0.1.0', remedy: 'Mend it', references: [], ...over };
}

export function findingOf(over: Partial<Finding> = {}): Finding {
  return { rule: 'dylink-module', severity: 'error', confidence: 'high', message: 'Something is there', subject: 'thing', location: { path: 'memory[0]', offset: 8, length: 4 }, fix: 'Mend it', ...over };
}

export function importOf(module: string, name: string, over: Partial<ImportFact> = {}): ImportFact {
  return { module, name, interface: module, kind: 'func', capability: 'host-call', abi: null, risk: 'medium', note: null, reachable: null, index: 0, location: { path: `import[0] ${module}.${name}`, offset: 0, length: 1 }, ...over };
}

/** Facts of a small module, as far as judging reads them. */
export function factsOf(over: Partial<Facts> = {}): Facts {
  const facts: Partial<Facts> = {
    name: 'app.wasm', reference: over.name ?? 'app.wasm', digest: `sha256:${'a'.repeat(64)}`, size: 1_000, kind: 'module', format: null, modules: [], memories: [], imports: [], callPath: () => null, exports: [], capabilities: [], abis: [], features: [], tools: [],
    languages: [], dependencies: [], problems: [], provenance: UNKNOWN_PROVENANCE, ...over,
  };
  return facts as Facts;
}
