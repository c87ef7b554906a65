import { readHost } from '../../scanner/facts/constants/forms.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import { grantsOf } from '../../scanner/facts/grants.ts';
import { hostListed } from '../../scanner/facts/grants-hosts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';
import { cut } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'network-undeclared-host',
  title: 'The code calls a host that its manifest does not list',
  description: 'Finds hosts that code gives to imports as constants, and that the list of allowed hosts around it does not cover.',
  family: 'capability',
  securitySeverity: 7.0,
  confidence: 'high',
  cwe: [918],
  since: '0.1.0',
  remedy: 'Find out what the host is for; list it if it is meant, else use another build of the module',
  references: ['https://spinframework.dev/v3/http-outbound#configuration', 'https://extism.org/docs/concepts/manifest/'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const lists = grantsOf(facts).filter(({ kind }) => kind === 'hosts');
  if (lists.length === 0 || lists.some(({ everything }) => everything)) return;
  const entries = lists.flatMap(({ values }) => values);
  const hosts = facts.constants.filter(({ role, confidence }) => role === 'host' && confidence !== 'low');
  for (const { text, import: name, confidence, location } of hosts) {
    const named = readHost(text);
    if (named === null || hostListed(entries, named) !== false) continue;
    const said = entries.length === 0 ? 'lists none' : `lists ${listing(entries.map(cut))}`;
    yield { message: `Calls ${cut(text)} through ${name}, and ${cut(lists[0]!.field)} ${said}`.replace(/[.\s]+$/, ''), subject: named.host, confidence, location };
  }
}
