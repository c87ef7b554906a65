import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'policy-expression-failed',
  title: 'An expression of the policy is false',
  description: 'Stands for every expression of the policy that is false for the artifact. The judge reports it, with the message and severity that the expression gives.',
  family: 'policy',
  securitySeverity: 5.0,
  confidence: 'high',
  cwe: [],
  since: '0.1.0',
  remedy: 'Change the artifact so that the expression holds, or change the expression',
  references: ['https://cel.dev'],
  check: () => [],
});
