import type { Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import { partialNameFilter } from '../../scanner/facts/function-names.ts';
import { joinSearch } from '../../scanner/facts/joined-search.ts';
import { asciiBytes } from '../../scanner/facts/literal-search.ts';
import { stackPointer } from '../../scanner/facts/stack-pointer.ts';
import { dataSources } from '../../scanner/facts/text-sources.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'missing-stack-protector',
  title: 'Buffers on the stack are not guarded',
  description: 'Finds programs in C and C++ with a stack in memory and no sign of a stack protector: neither its function nor its message.',
  family: 'hardening',
  securitySeverity: 2.0,
  confidence: 'low',
  cwe: [121, 693],
  since: '0.1.0',
  remedy: 'Compile with -fstack-protector-strong where the C library provides the guard',
  references: ['https://www.usenix.org/conference/usenixsecurity20/presentation/lehmann', 'https://clang.llvm.org/docs/ClangCommandLineReference.html'],
  *check(facts) {
    if (!facts.languages.some((language) => language === 'C' || language === 'C++')) return;
    for (const fact of facts.modules) {
      const pointer = stackPointer(fact);
      if (pointer !== null && !isGuarded(facts, fact)) yield { message: 'Has a stack in memory, and no sign of a stack protector', subject: fact.path === '' ? 'stack' : `stack of ${fact.path}`, location: pointer.location };
    }
  },
});

const nameFilter = partialNameFilter(['__stack_chk']);
const search = joinSearch(() => ['stack smashing detected', '__stack_chk_fail'].map(asciiBytes));

function isGuarded({ customs }: Facts, fact: ModuleFact): boolean {
  if (nameFilter(fact, customs)) return true;
  let found = false;
  for (const { bytes } of dataSources([fact])) search.search(bytes, () => (found = true));
  return found;
}
