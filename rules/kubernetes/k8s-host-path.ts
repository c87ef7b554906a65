import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-host-path',
  title: 'A folder of the node reaches the module',
  description: 'Finds volumes and mounts that give a module files of the node itself.',
  family: 'kubernetes',
  securitySeverity: 7.0,
  confidence: 'high',
  cwe: [668, 732],
  since: '0.1.0',
  remedy: 'Mount a volume that holds what the module needs and nothing else, read-only where that is enough',
  references: [
    'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath',
  ],
  about: 'surroundings',
  check: (facts) => settingFindings(facts, ['host-path']),
});
