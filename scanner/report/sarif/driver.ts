import type { RuleMetadata, RulePage } from '../../rule.ts';
import type { ReportContext } from '../format.ts';
import { cut, type SarifProfile } from './profile.ts';
import type { SarifDriver, SarifRule, SarifTaxonomy } from './types.ts';

/** Start of the addresses of pages about the tool and its rules. */
const HOME = 'https://wasmgate.dev';

/** Kinds of notification, in the order of their index. */
export const NOTIFICATIONS = [
  { id: 'not-analysed', name: 'NotAnalysed', text: 'An artifact, or part of it, could not be analysed. It must not be taken for clean.', help: 'The message says what stopped the analysis. Mend or replace the artifact, or leave it out of the scan on purpose.' },
  { id: 'degraded', name: 'DamagedCustomSection', text: 'A custom section is damaged, or facts contradict each other. Engines ignore it, so the verdict stands.', help: 'Rebuild or strip the section; what stands in it was not read. A contradiction is worth a report with the file.' },
  { id: 'results-left-out', name: 'ResultsLeftOut', text: 'More results than the consumer of this file keeps; the least severe were left out.', help: 'Scan fewer artifacts at once with a category for each, or write the profile "full" for consumers without that limit.' },
] as const;
export type NotificationId = (typeof NOTIFICATIONS)[number]['id'];

/** The tool with every rule that could have fired, in the given order, so that the list is the same from run to run. */
export function sarifDriver({ rules, engineVersion: version, sarif }: ReportContext, profile: SarifProfile): SarifDriver {
  const weaknesses = weaknessIds(rules);
  return {
    name: 'wasmgate', fullName: `wasmgate ${version}`, organization: 'wasmgate', informationUri: HOME, version, semanticVersion: version,
    rules: rules.map((rule) => sarifRule(rule, { weaknesses, profile, sarif })),
    notifications: NOTIFICATIONS.map(({ id, name, text, help }) => ({ id, name, shortDescription: { text }, fullDescription: { text }, help: { text: help }, helpUri: `${HOME}/sarif` })),
    supportedTaxonomies: [{ name: 'CWE', index: 0 }],
  };
}

/** The weaknesses that the rules name, and only those. */
export function weaknessTaxonomy(rules: readonly RuleMetadata[]): SarifTaxonomy {
  return {
    name: 'CWE', organization: 'MITRE', informationUri: 'https://cwe.mitre.org', isComprehensive: false,
    taxa: weaknessIds(rules).map((id) => ({ id: String(id), helpUri: `https://cwe.mitre.org/data/definitions/${id}.html` })),
  };
}

function weaknessIds(rules: readonly RuleMetadata[]): number[] {
  return [...new Set(rules.flatMap(({ cwe }) => cwe))].sort((a, b) => a - b);
}

interface RuleSetting {
  readonly weaknesses: readonly number[];
  readonly profile: SarifProfile;
  readonly sarif: ReportContext['sarif'];
}

function sarifRule(rule: RuleMetadata, { weaknesses, profile, sarif }: RuleSetting): SarifRule {
  return {
    id: rule.id,
    name: cut(pascalCase(rule.id), 255),
    shortDescription: { text: cut(sentence(rule.title), profile.shortDescriptionLength) },
    fullDescription: { text: cut(sentence(rule.description), profile.descriptionLength) },
    help: { text: `${sentence(rule.description)} ${sentence(rule.remedy)}`, markdown: helpMarkdown(rule, sarif.pages?.[rule.id]) },
    helpUri: `${HOME}/rules/${rule.id}`,
    defaultConfiguration: { level: sarif.usualSeverity?.(rule) ?? 'warning' },
    relationships: rule.cwe.map((id) => ({ target: { id: String(id), index: weaknesses.indexOf(id), toolComponent: { name: 'CWE', index: 0 } }, kinds: ['superset'] })),
    properties: { 'security-severity': rule.securitySeverity.toFixed(1), precision: PRECISION[rule.confidence], tags: tagsOf(rule, profile) },
  };
}

const PRECISION = { high: 'very-high', medium: 'high', low: 'medium' } as const;

/** GitHub reads `external/cwe/...`, GitLab `cwe-...`; both within the number of tags they keep. */
function tagsOf(rule: RuleMetadata, profile: SarifProfile): string[] {
  const padded = rule.cwe.map((id) => `external/cwe/cwe-${String(id).padStart(3, '0')}`);
  return ['security', rule.family, ...rule.cwe.map((id) => `cwe-${id}`), ...padded].slice(0, profile.tags);
}

/** What code scanning shows beside a finding: why it matters, how to fix it, where to read on. */
function helpMarkdown(rule: RuleMetadata, page: RulePage | undefined): string {
  const references = rule.references.map((reference) => `- ${reference.startsWith('https://') ? `<${reference}>` : reference}`).join('\n');
  const parts = [sentence(rule.description), section('Why it matters', page?.why ?? ''), section('How to fix', page?.remedy || sentence(rule.remedy)), section('References', references)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function section(heading: string, text: string): string {
  return text === '' ? '' : `## ${heading}\n\n${text}`;
}

function pascalCase(id: string): string {
  return id.split('-').map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
