import type { ModuleFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

/** Functions that one indirect call may choose among. The largest published program known in 2020 had 5,360. */
const COARSE = 1_000;

export default defineRule({
  id: 'coarse-indirect-call-class',
  title: 'An indirect call can go to very many functions',
  description: `Finds indirect calls that may go to more than ${COARSE} functions, because all of them have the same type and stand in the table. Whoever can change an index or a vtable in memory chooses among them.`,
  family: 'hardening',
  securitySeverity: 1.5,
  confidence: 'high',
  cwe: [691],
  since: '0.1.0',
  remedy: 'Build with control-flow integrity where the compiler has it (clang: -fsanitize=cfi)',
  references: ['https://www.usenix.org/conference/usenixsecurity20/presentation/lehmann', 'https://clang.llvm.org/docs/ControlFlowIntegrity.html'],
  *check({ modules }) {
    for (const fact of modules) yield* widest(fact);
  },
});

function* widest({ path, module, callGraph }: ModuleFact): Generator<RuleFinding> {
  const call = callGraph?.widestCall() ?? null;
  if (call === null || call.targets <= COARSE) return;
  const body = call.caller - module.importedFunctions;
  yield {
    message: `One indirect call can go to any of ${call.targets} functions of its type`,
    subject: path === '' ? 'indirect call' : 'inner indirect call',
    location: { path: `${path === '' ? '' : `${path}/`}func[${call.caller}]`, offset: module.code?.bodyOffset[body] ?? 0, length: module.code?.bodyLength[body] ?? 0 },
    // A measure of risk, no defect: large programs cannot avoid it.
    atMost: 'note',
  };
}
