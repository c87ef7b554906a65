import { compareSnapshot } from '../../scanner/snapshot.ts';
import { defineRule } from '../../scanner/rule.ts';

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
      const source = facts.imports.find((found) => found.capability === capability);
      yield {
        message: `New since the snapshot ${facts.snapshot.file}: ${capability}${source ? `, asked for by ${source.module}.${source.name}` : ''}`,
        subject: capability,
        location: source?.location ?? { path: 'file', offset: 0, length: facts.size },
      };
    }
  },
});
