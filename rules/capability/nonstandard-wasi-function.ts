import type { Facts, ImportFact } from '../../scanner/facts/facts.ts';
import { PREVIEW1_SIGNATURES, PREVIEW_MODULES, signatureText } from '../../scanner/facts/preview1.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'nonstandard-wasi-function',
  title: 'A WASI import that the standard does not have',
  description: 'Finds functions below the module names of WASI preview 0 and 1 that are none of its 46, or that have other parameter or result types.',
  family: 'capability',
  securitySeverity: 5.4,
  confidence: 'high',
  cwe: [436, 628],
  since: '0.1.0',
  remedy: 'Use the namespace of the runtime that offers the function, or the component model; otherwise run it only where that runtime is meant',
  references: ['https://github.com/WebAssembly/WASI/tree/wasi-0.1'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  if (facts.kind !== 'module') return;
  const seen = new Set<string>();
  for (const found of importedFunctions(facts)) {
    const message = PREVIEW_MODULES.has(found.module) ? difference(facts, found) : null;
    if (message === null || seen.has(message)) continue;
    seen.add(message);
    yield { message, subject: `${found.module}.${found.name}`, location: found.location };
  }
}

/** What is not standard about an import, or null. */
function difference(facts: Facts, found: ImportFact): string | null {
  const text = `${found.module}.${found.name}`;
  const known = Object.hasOwn(PREVIEW1_SIGNATURES, found.name) && !(found.module === 'wasi_unstable' && found.name === 'sock_accept');
  if (!known) return `Import ${text} is no function of WASI${offeredBy(found)}`;
  const standard = signatureText(PREVIEW1_SIGNATURES[found.name]!);
  const used = usedSignature(facts, found.index);
  return used === null || used === standard ? null : `Import ${text} has type ${used}, and WASI says ${standard}`;
}

function offeredBy({ abi }: ImportFact): string {
  return abi === null || abi.startsWith('wasi-') ? '' : `; ${abi} offers it`;
}

/** Null when the type is not known, because decoding stopped before. */
function usedSignature(facts: Facts, index: number): string | null {
  const module = facts.modules[0]?.module;
  const type = module?.imports[index]?.type;
  const defined = type?.kind === 'func' ? module?.types[type.typeIndex]?.type : undefined;
  return defined?.kind === 'func' ? `(${defined.params.join(', ')}) -> (${defined.results.join(', ')})` : null;
}
