import type { Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import { namedFunctions } from '../../scanner/facts/function-names.ts';
import { joinSearch } from '../../scanner/facts/joined-search.ts';
import { asciiBytes } from '../../scanner/facts/literal-search.ts';
import { customSources } from '../../scanner/facts/text-sources.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'vulnerable-allocator',
  title: 'The program uses an allocator with a known weakness',
  description: 'Finds wee_alloc, which nobody maintains, and the first emmalloc, which trusts the links between free blocks, by their functions and source paths.',
  family: 'hardening',
  securitySeverity: 3.6,
  confidence: 'medium',
  cwe: [1104, 787],
  since: '0.1.0',
  remedy: 'Build with the default allocator of the toolchain, dlmalloc or talc',
  references: ['https://rustsec.org/advisories/RUSTSEC-2022-0054.html', 'https://www.usenix.org/conference/usenixsecurity20/presentation/lehmann'],
  *check(facts) {
    const seen = new Set<string>();
    for (const finding of [...pathsOf(facts), ...facts.modules.flatMap((fact) => [...functionsOf(facts, fact)])]) {
      if (!seen.has(finding.subject)) yield finding;
      seen.add(finding.subject);
    }
  },
});

const WEE = { subject: 'wee_alloc', what: 'Uses wee_alloc, which is no longer maintained and leaks memory' };
const EMMALLOC = { subject: 'emmalloc', what: 'Uses the first version of emmalloc, whose free list an overflow of the heap can redirect' };

/** A function that only that version of emmalloc has, mangled or not. */
const ONLY_FIRST = 'mergeIntoExistingFreeRegion';
const search = joinSearch(() => ['wee_alloc', ONLY_FIRST].map(asciiBytes));

function* pathsOf({ dependencies }: Facts): Generator<RuleFinding> {
  const found = dependencies.find(({ name, ecosystem }) => name === 'wee_alloc' && ecosystem === 'cargo');
  if (found !== undefined) yield { message: `${WEE.what}: version ${found.version} by the paths of its sources`, subject: WEE.subject, location: found.location };
}

function* functionsOf({ customs }: Facts, fact: ModuleFact): Generator<RuleFinding> {
  if (!namesOne(fact)) return;
  for (const { name, index, from } of namedFunctions(fact, customs)) {
    const which = name.includes(ONLY_FIRST) ? EMMALLOC : name.includes('wee_alloc') ? WEE : null;
    if (which !== null && from !== 'import') yield { message: `${which.what}: it has the function ${name.slice(0, 80)}`, subject: which.subject, location: locate(fact, index) };
  }
}

/** In the name section alone: nobody exports the insides of an allocator. */
function namesOne(fact: ModuleFact): boolean {
  let found = false;
  for (const { section, bytes } of customSources([fact], null)) if (section === 'name') search.search(bytes, () => (found = true));
  return found;
}

function locate({ path, module: { code, importedFunctions, range } }: ModuleFact, index: number): Location {
  const body = index - importedFunctions;
  if (code === null || body < 0 || body >= code.functions) return { path: path === '' ? 'file' : path, offset: range.offset, length: range.length };
  return { path: `${path === '' ? '' : `${path}/`}func[${index}]`, offset: code.bodyOffset[body]!, length: code.bodyLength[body]! };
}
