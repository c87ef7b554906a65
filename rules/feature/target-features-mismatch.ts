import type { CustomFact, Facts } from '../../scanner/facts/facts.ts';
import { placeAt } from '../../scanner/facts/place.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';
import { FEATURES, type Feature, type FeatureUse } from '../../scanner/wasm/features.ts';

/** Names in the section, which LLVM chose, to features. Names without a feature of their own are left out. */
const DECLARED: Readonly<Record<string, readonly Feature[]>> = {
  atomics: ['threads'],
  'bulk-memory': ['bulk-memory'],
  'bulk-memory-opt': ['bulk-memory'],
  'exception-handling': ['exceptions', 'legacy-exceptions'],
  'extended-const': ['extended-const'],
  fp16: ['half-precision'],
  gc: ['gc', 'function-references'],
  memory64: ['memory64'],
  multimemory: ['multi-memory'],
  multivalue: ['multi-value'],
  'mutable-globals': ['mutable-globals'],
  'nontrapping-fptoint': ['saturating-float-to-int'],
  'reference-types': ['reference-types'],
  'relaxed-simd': ['relaxed-simd'],
  'sign-ext': ['sign-extension'],
  simd128: ['simd'],
  'tail-call': ['tail-call'],
  'wide-arithmetic': ['wide-arithmetic'],
};

export default defineRule({
  id: 'target-features-mismatch',
  title: 'The binary uses other features than it says',
  description: 'Compares the target_features section with the features that the code uses. A difference means that a tool changed the code after the linker had written the section.',
  family: 'feature',
  securitySeverity: 3.0,
  confidence: 'medium',
  cwe: [436],
  since: '0.1.0',
  remedy: 'Link again, or let the tool that changed the code write the section anew; wasm-opt --strip-target-features takes it out',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md#target-features-section'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const custom of facts.customs) {
    const module = facts.modules.find(({ path }) => path === custom.path)?.module;
    if (module !== undefined) yield* compare(facts, custom, module.features);
  }
}

function* compare(facts: Facts, { content }: CustomFact, used: readonly FeatureUse[]): Generator<RuleFinding> {
  if (content.kind !== 'target-features') return;
  const denied = named(content.features, '-');
  const said = named(content.features, '+');
  for (const { feature, offset } of used.filter((use) => denied.has(use.feature))) {
    yield {
      message: `Section target_features says that ${FEATURES[feature].title} is not used, and it is`,
      subject: feature,
      location: { path: placeAt(facts, offset), offset, length: 1 },
    };
  }
  const silent = used.filter(({ feature }) => COMPARED.has(feature) && !said.has(feature) && !denied.has(feature));
  const first = silent[0];
  if (first === undefined) return;
  // Linkers and optimisers add some of these on their own, so it says little by itself.
  yield {
    message: `Section target_features leaves out what the code uses: ${listing(silent.map(({ feature }) => FEATURES[feature].title))}`,
    subject: 'undeclared',
    location: { path: placeAt(facts, first.offset), offset: first.offset, length: 1 },
    confidence: 'low',
    atMost: 'note',
  };
}

const COMPARED: ReadonlySet<Feature> = new Set(Object.values(DECLARED).flat());

function named(features: readonly { readonly prefix: string; readonly name: string }[], prefix: string): ReadonlySet<Feature> {
  // `=` is the older way to say that a feature is used and has to be used by everything linked with it.
  const wanted = prefix === '+' ? ['+', '='] : [prefix];
  return new Set(features.filter((one) => wanted.includes(one.prefix)).flatMap(({ name }) => DECLARED[name] ?? []));
}
