import type { SharedThing } from '../../scanner/facts/composition/model.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'component-shared-memory-instances',
  title: 'Core modules of a component share a memory or table',
  description: 'Finds memories and tables that instances of several core modules of a component use together: whatever breaks one of these modules has all of them.',
  family: 'component',
  securitySeverity: 3.6,
  confidence: 'high',
  cwe: [653],
  since: '0.1.0',
  remedy: 'Count these modules as one, or compose them as components, which share nothing',
  references: ['https://github.com/WebAssembly/component-model/blob/main/design/mvp/examples/SharedEverythingDynamicLinking.md'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const shared of facts.composition?.shared ?? []) {
    // Every component tool joins its parts by such tables, through which nothing but fixed functions is called.
    if (shared.shim) continue;
    const { kind, owner, modules } = shared;
    yield { message: `The ${kind} of ${owner} is shared with ${listing(modules.filter((path) => path !== owner))}`, subject: `${kind} ${owner}`, location: placeOf(facts, shared) };
  }
}

function placeOf({ modules, size }: Facts, { owner }: SharedThing): Location {
  const { offset, length } = modules.find(({ path }) => path === owner)?.module.range ?? { offset: 0, length: size };
  return { path: owner, offset, length };
}
