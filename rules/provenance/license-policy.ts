import type { CustomFact, Facts } from '../../scanner/facts/facts.ts';
import { isLicenseExpression, namesNoLicense } from '../../scanner/facts/license-expression.ts';
import { customPath } from '../../scanner/facts/text-sources.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'license-policy',
  title: 'What is said of the licence cannot be used',
  description: 'Finds licences in custom sections and package annotations that are no SPDX expression or name none, and binaries whose package says another licence.',
  family: 'provenance',
  securitySeverity: 2.2,
  confidence: 'medium',
  cwe: [],
  since: '0.1.0',
  remedy: 'Write an SPDX expression into the metadata, the same in the binary and in the package',
  references: ['https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/', 'https://github.com/opencontainers/image-spec/blob/main/annotations.md'],
  *check(facts) {
    const stated = statements(facts);
    for (const { text, where, location } of stated) {
      const shown = `${where} says ${JSON.stringify(text.slice(0, 80))}`;
      if (!isLicenseExpression(text)) yield { message: `${shown}, which is no SPDX licence expression`, subject: where, location };
      else if (namesNoLicense(text)) yield { message: `${shown}, which names no licence that can be looked up`, subject: where, location, confidence: 'low' };
    }
    yield* disagreement(stated);
  },
});

interface Statement { readonly text: string; readonly where: string; readonly location: Location }

const ANNOTATION = 'org.opencontainers.image.licenses';

/** What the artifact says of itself, then what its package says; those of parts inside are theirs. */
function statements(facts: Facts): readonly Statement[] {
  const annotation = facts.packaging?.annotations[ANNOTATION];
  return [...facts.customs.filter(({ path }) => path === '').flatMap(sectionStatement), ...(annotation === undefined ? [] : [{ text: annotation.trim(), where: `Annotation ${ANNOTATION}`, location: wholeFile(facts) }])];
}

function sectionStatement({ path, index, name, content, offset, length }: CustomFact): readonly Statement[] {
  const text = content.kind === 'metadata' && content.field === 'licenses' ? content.text : content.kind === 'registry-metadata' ? content.license : null;
  return text === null ? [] : [{ text: text.trim(), where: `Section ${name}`, location: { path: customPath(path, index, name), offset, length } }];
}

function* disagreement(stated: readonly Statement[]): Generator<RuleFinding> {
  const [first, ...others] = stated.filter(({ text }) => isLicenseExpression(text));
  const other = others.find(({ text }) => normal(text) !== normal(first!.text));
  if (other !== undefined) yield { message: `${first!.where} says ${first!.text.slice(0, 80)}, and ${lower(other.where)} says ${other.text.slice(0, 80)}`, subject: 'disagreement', location: first!.location };
}

function normal(text: string): string {
  return text.replace(/\s+/g, ' ').toLowerCase();
}

function lower(where: string): string {
  return where[0]!.toLowerCase() + where.slice(1);
}
