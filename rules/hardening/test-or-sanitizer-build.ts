import type { CustomFact, Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import { namedFunctions, partialNameFilter } from '../../scanner/facts/function-names.ts';
import { customPath } from '../../scanner/facts/text-sources.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'test-or-sanitizer-build',
  title: 'A test, instrumented or unlinked build is shipped',
  description: 'Finds sanitizers, coverage counters and test harnesses by the functions and sections they bring, and object files that were never linked.',
  family: 'hardening',
  securitySeverity: 3.5,
  confidence: 'high',
  cwe: [489],
  since: '0.1.0',
  remedy: 'Ship the release build',
  references: ['https://clang.llvm.org/docs/AddressSanitizer.html', 'https://doc.rust-lang.org/rustc/instrument-coverage.html', 'https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md'],
  *check(facts) {
    const sections = Map.groupBy(facts.customs, ({ path }) => path);
    for (const fact of facts.modules) {
      const own = sections.get(fact.path) ?? [];
      const marks = [...instrumented(facts, fact), ...markedSections(fact, own)];
      yield* new Map(marks.reverse().map((finding) => [finding.subject, finding])).values();
      yield* unlinked(fact, own);
    }
  },
});

interface Mark { readonly subject: string; readonly what: string; readonly functions?: RegExp; readonly section?: RegExp }

const MARKS: readonly Mark[] = [
  { subject: 'address sanitizer', what: 'is built with AddressSanitizer', functions: /^__(asan|hwasan|lsan)_/ },
  { subject: 'undefined behaviour sanitizer', what: 'is built with UndefinedBehaviorSanitizer', functions: /^__ubsan_/ },
  { subject: 'thread or memory sanitizer', what: 'is built with a sanitizer', functions: /^__(tsan|msan|dfsan)_/ },
  { subject: 'coverage', what: 'counts its own coverage', functions: /^(__llvm_profile_|__sanitizer_cov_|__gcov_(init|merge|exit)|(__)?llvm_gcov_)/, section: /^__llvm_(prf|cov)/ },
  { subject: 'wasm-bindgen test', what: 'is a test harness of wasm-bindgen', functions: /^__wbgt_/, section: /^__wasm_bindgen_test/ },
  { subject: 'rust test', what: 'is a test harness of Rust', functions: /^(test::test_main|_ZN4test\d+test_main|_RN\w*4test\d+test_main)/ },
  { subject: 'fuzz target', what: 'is a fuzz target', functions: /^LLVMFuzzerTestOneInput$/ },
];

/** What the names above have in them. */
const PARTS = ['__asan_', '__hwasan_', '__lsan_', '__ubsan_', '__tsan_', '__msan_', '__dfsan_', '__llvm_profile_', '__sanitizer_cov_', '_gcov_', '__wbgt_', 'test_main', 'LLVMFuzzerTestOneInput'];
const mayHaveOne = partialNameFilter(PARTS);

function* instrumented({ customs }: Facts, fact: ModuleFact): Generator<RuleFinding> {
  if (!mayHaveOne(fact, customs)) return;
  const seen = new Set<Mark>();
  for (const { name, index } of namedFunctions(fact, customs)) {
    const mark = PARTS.some((part) => name.includes(part)) ? MARKS.find(({ functions }) => functions?.test(name)) : undefined;
    if (mark === undefined || seen.has(mark)) continue;
    seen.add(mark);
    yield { message: `The module ${mark.what}: it has the function ${name.slice(0, 80)}`, subject: mark.subject, location: locate(fact, index) };
  }
}

function* markedSections({ path }: ModuleFact, customs: readonly CustomFact[]): Generator<RuleFinding> {
  for (const mark of MARKS) {
    const section = customs.find(({ name }) => mark.section?.test(name));
    if (section !== undefined) yield { message: `The module ${mark.what}: it has the section ${section.name.slice(0, 80)}`, subject: mark.subject, location: placeOf(path, section) };
  }
}

function* unlinked({ path, module, role }: ModuleFact, customs: readonly CustomFact[]): Generator<RuleFinding> {
  const section = customs.find(({ name }) => name === 'linking' || name.startsWith('reloc.'));
  if (section === undefined && role !== 'object-file') return;
  const location = section === undefined ? { path: path === '' ? 'file' : path, offset: module.range.offset, length: module.range.length } : placeOf(path, section);
  yield { message: 'The module is an object file that was never linked, or kept its relocations', subject: 'object file', location };
}

function placeOf(path: string, { index, name, offset, length }: CustomFact): Location {
  return { path: customPath(path, index, name), offset, length };
}

function locate({ path, module }: ModuleFact, index: number): Location {
  const body = index - module.importedFunctions;
  const within = path === '' ? '' : `${path}/`;
  if (module.code !== null && body >= 0 && body < module.code.functions) return { path: `${within}func[${index}]`, offset: module.code.bodyOffset[body]!, length: module.code.bodyLength[body]! };
  return { path: path === '' ? 'file' : path, offset: module.range.offset, length: module.range.length };
}
