import type { Facts } from '../../scanner/facts/facts.ts';
import type { Location } from '../../scanner/location.ts';
import { importText, wholeFile } from '../../scanner/rule-support.ts';
import { defineRule } from '../../scanner/rule.ts';
import { compareSnapshot } from '../../scanner/snapshot.ts';

export default defineRule({
  id: 'capability-increase',
  title: 'Capability gained since the snapshot',
  description: 'The artifact has a capability that the snapshot kept beside it does not list.',
  family: 'drift',
  securitySeverity: 7,
  confidence: 'high',
  cwe: [250, 912],
  since: '0.1.0',
  remedy: 'Look at why the new build asks for more; if it should, write the snapshot anew with "wasmgate snapshot" and commit it with the binary',
  references: ['Capslock: capability analysis of Go dependencies, comparison of two versions'],
  *check(facts) {
    if (facts.snapshot === null) return;
    for (const capability of compareSnapshot(facts.snapshot, facts.capabilities).added) {
      const source = sourceOf(facts, capability);
      yield { message: `New since the snapshot ${facts.snapshot.file}: ${capability}${source.words}`, subject: capability, location: source.location };
    }
  },
});

/** The first import that asks for the capability, else the first export that the host makes use of. */
function sourceOf(facts: Facts, capability: string): { readonly words: string; readonly location: Location } {
  const wanted = facts.imports.find((found) => found.capability === capability);
  if (wanted) return { words: `, asked for by ${importText(facts, wanted)}`, location: wanted.location };
  for (const offered of facts.exports) {
    if (offered.capability === capability) return { words: `, through the export ${offered.name}`, location: offered.location };
  }
  return { words: '', location: wholeFile(facts) };
}
