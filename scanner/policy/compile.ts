import { buildPolicy, DEFAULT_LEVEL, demandLevel, type CompileOptions } from './build.ts';
import { compileExpression } from './cel.ts';
import type { PolicyDocument } from './document.generated.ts';
import type { Policy, PolicyExpression } from './policy.ts';
import { attestationDemands, signatureDemand } from './signature-policy.ts';

/**
 * Makes a loaded document ready to judge with. Throws a RangeError when the level does not exist, and what
 * `compileExpression` throws; `loadPolicies` has reported both before.
 */
export function compilePolicy(document: PolicyDocument, options: CompileOptions): Policy {
  const level = demandLevel(document.spec.level ?? DEFAULT_LEVEL, options.vocabulary);
  const { apiVersion, kind, metadata, spec } = document;
  const identity = { apiVersion, kind, name: metadata.name, spec };
  return buildPolicy(metadata.name, { document, spec, level, identity, expressions: (spec.expressions ?? []).map(expression), signatures: signatureDemand(spec), attestations: attestationDemands(spec) }, options);
}

function expression(written: NonNullable<PolicyDocument['spec']['expressions']>[number]): PolicyExpression {
  return compileExpression({
    name: written.name,
    cel: written.cel,
    message: written.message ?? `Expression ${written.name} is false: ${written.cel}`,
    severity: written.severity ?? 'error',
  });
}
