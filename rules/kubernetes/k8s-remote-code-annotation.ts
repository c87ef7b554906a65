import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-remote-code-annotation',
  title: 'An annotation or field chooses the code that a controller runs',
  description: 'Finds annotations and fields by which whoever writes an object decides what code a controller fetches and runs with its own rights.',
  family: 'kubernetes',
  securitySeverity: 9.0,
  confidence: 'high',
  cwe: [94, 829],
  since: '0.1.0',
  remedy: 'Take the annotation out, and refuse it for everybody who does not own the controller',
  references: [
    'https://github.com/advisories/GHSA-wj8p-jj64-h7ff',
  ],
  about: 'surroundings',
  check: (facts) => settingFindings(facts, ['remote-code']),
});
