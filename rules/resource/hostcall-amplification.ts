import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'hostcall-amplification',
  title: 'One cheap call makes the host work a lot',
  description: 'Finds calls that ask the host for more than a mebibyte of random bytes or file space, or to watch ten thousand events, in a single constant.',
  family: 'resource',
  securitySeverity: 5.1,
  confidence: 'medium',
  cwe: [770, 400],
  since: '0.1.0',
  remedy: 'Ask for less at a time, and bound in the host what calls may cost',
  references: ['https://github.com/advisories/GHSA-852m-cvvp-9p4w', 'https://github.com/advisories/GHSA-243v-98vx-264h', 'https://arxiv.org/abs/2509.11242'],
  check,
});

function* check({ amounts }: Facts): Generator<RuleFinding> {
  for (const { import: name, text, location, confidence } of amounts) {
    yield { message: `Asks ${name} for ${text} in one call`, subject: `${name} ${text}`, location, confidence: confidence === 'high' ? 'medium' : 'low' };
  }
}
