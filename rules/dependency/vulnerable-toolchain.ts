import type { Facts, Tool } from '../../scanner/facts/facts.ts';
import { RUNTIME_DATA_DATE } from '../../scanner/facts/runtimes/data.generated.ts';
import { flawedTools, type FlawedTool } from '../../scanner/facts/runtimes/toolchains.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing, wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'vulnerable-toolchain',
  title: 'The compiler leaves a published flaw in what it writes',
  description: `Finds compilers and standard libraries with published flaws that end up in the binary, as they were known on ${RUNTIME_DATA_DATE}. Age alone is no finding.`,
  family: 'dependency',
  securitySeverity: 5.5,
  confidence: 'medium',
  cwe: [1395, 1104],
  since: '0.1.0',
  remedy: 'Build again with a newer compiler',
  references: ['https://rustsec.org/packages/std.html', 'https://nvd.nist.gov/vuln/detail/CVE-2021-38297'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const flawed of flawedTools(facts)) {
    yield {
      message: messageOf(flawed),
      subject: `${flawed.tool.name} ${flawed.version}`.toLowerCase(),
      location: placeOf(facts, flawed.tool),
      fix: `Build again with ${flawed.tool.name} ${flawed.repair} or later`,
    };
  }
}

function messageOf({ tool, version, advisories }: FlawedTool): string {
  return `Built with ${tool.name} ${version}, which has published flaws that end up in programs: ${listing(advisories.map(({ id, summary }) => `${id} (${summary})`))}`;
}

/** The section that names tools; those known by other traces have no place of their own. */
function placeOf(facts: Facts, tool: Tool): Location {
  const section = facts.customs.find(({ path, content }) => path === tool.path && (content.kind === 'producers' || content.kind === 'go-version'));
  if (section === undefined) return wholeFile(facts);
  return { path: `${section.path === '' ? '' : `${section.path}/`}custom:${section.name}`, offset: section.offset, length: section.length };
}
