import { Environment } from '@marcbachmann/cel-js';
import { compilePattern } from '../../scanner/policy/re2.ts';

/** What the conditions of a webhook configuration see. */
export interface CelInput {
  readonly object: unknown;
  readonly oldObject?: unknown;
  readonly request?: unknown;
}

/** Patterns run on RE2 as in the API server; the library's own are those of the language. */
const environment = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true, limits: { maxAstNodes: 10_000, maxDepth: 200 } })
  .registerFunction('string.matchesLinear(string): bool', (text: string, pattern: string) => compilePattern(pattern).occursIn(text));

/** Evaluates a condition as the API server does, for examples that need no more than the library knows. Throws what goes wrong. */
export function evaluate(expression: string, { object, oldObject = null, request = { operation: 'CREATE' } }: CelInput): boolean {
  const value: unknown = environment.parse(expression.replaceAll('.matches(', '.matchesLinear('))({ object, oldObject, request });
  if (typeof value !== 'boolean') throw new TypeError('The condition gives no truth value');
  return value;
}
