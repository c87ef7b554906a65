import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'secret-in-data',
  title: 'A secret is shipped',
  description: 'Finds credentials of known forms in data and custom sections: tokens of providers, private keys, addresses with a password.',
  family: 'secret',
  securitySeverity: 9.0,
  confidence: 'high',
  cwe: [798, 321, 312],
  since: '0.1.0',
  remedy: 'Revoke the secret, replace it, and hand the new one to the program at run time',
  references: ['https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password', 'https://kubernetes.io/docs/concepts/configuration/secret/'],
  *check({ secrets }) {
    for (const { title, pattern, masked, verified, location } of secrets) {
      yield {
        message: `${title}: ${masked}${verified ? '' : ', which looks like one and could not be verified'}`,
        subject: `${pattern} ${masked}`,
        location,
        confidence: verified ? 'high' : 'medium',
      };
    }
  },
});
