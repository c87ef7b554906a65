import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing, nativeBesideWasm, wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'signature-partial-coverage',
  title: 'A signature that covers only parts',
  description: 'Finds signatures that hold for some sections of the module and leave others to anybody.',
  family: 'provenance',
  securitySeverity: 5.5,
  confidence: 'high',
  cwe: [353, 345],
  since: '0.1.0',
  remedy: 'Sign the whole module, as the last step of the build; where later sections are meant, name them in the policy: wasmSignature: { scope: partial, sections: [...] }',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/Signatures.md'],
  about: 'provenance',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  if (nativeBesideWasm(facts)) return;
  const partial = facts.provenance.signatures.filter(({ covers, status }) => covers === 'partial' && (status === 'trusted' || status === 'untrusted'));
  const uncovered = partial.flatMap((signature) => signature.uncovered);
  if (partial.length > 0) yield { message: `A signature leaves parts of the module uncovered${uncovered.length === 0 ? '' : `: ${listing(uncovered)}`}`, subject: 'signature:partial', location: wholeFile(facts) };
}
