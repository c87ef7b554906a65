import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'internal-endpoint-leak',
  title: 'Addresses of an internal network are shipped',
  description: 'Finds private addresses and host names of clusters and internal networks in data.',
  family: 'leak',
  securitySeverity: 3.5,
  confidence: 'medium',
  cwe: [200],
  since: '0.1.0',
  remedy: 'Take the address from the configuration at run time',
  references: ['https://www.rfc-editor.org/rfc/rfc1918', 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/'],
  *check({ indicators }) {
    const endpoints = indicators.filter(({ kind }) => kind === 'internal-endpoint');
    for (const [text, same] of Map.groupBy(endpoints, (endpoint) => endpoint.text)) {
      yield { message: `Names an internal address: ${text}`, subject: text, location: same[0]!.location, confidence: isOrdinary(text) ? 'low' : 'medium' };
    }
  },
});

/** A program that talks to itself says little of the network it came from, and a bare number is an example more often than an address. */
function isOrdinary(text: string): boolean {
  return /^([\w+.-]+:\/\/)?(localhost|127\.|\[::1\]|0\.0\.0\.0)/i.test(text) || /^[\d.]+$/.test(text);
}
