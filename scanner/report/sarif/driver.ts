import type { RuleMetadata } from '../../rule.ts';
import { cut, type SarifProfile } from './profile.ts';
import type { SarifDriver, SarifRule, SarifTaxonomy } from './types.ts';

const HOME = 'https://wasmgate.dev';

/** Kinds of notification, in the order of their index. */
export const NOTIFICATIONS = [
  { id: 'not-analysed', name: 'NotAnalysed', text: 'An artifact, or part of it, could not be analysed. It must not be taken for clean.' },
  { id: 'degraded', name: 'DamagedCustomSection', text: 'A custom section is damaged. Engines ignore it, so the verdict stands.' },
  { id: 'results-left-out', name: 'ResultsLeftOut', text: 'More results than the consumer of this file keeps; the least severe were left out.' },
] as const;
export type NotificationId = (typeof NOTIFICATIONS)[number]['id'];

/** The tool with every rule that could have fired, sorted by id, so that the list is the same from run to run. */
export function sarifDriver(rules: readonly RuleMetadata[], version: string, profile: SarifProfile): SarifDriver {
  const weaknesses = weaknessIds(rules);
  return {
    name: 'wasmgate', fullName: `wasmgate ${version}`, organization: 'wasmgate', informationUri: HOME, version, semanticVersion: version,
    rules: rules.map((rule) => sarifRule(rule, weaknesses, profile)),
    notifications: NOTIFICATIONS.map(({ id, name, text }) => ({ id, name, shortDescription: { text }, fullDescription: { text }, help: { text: 'See the exit codes and the list of limits in the documentation.' }, helpUri: `${HOME}/exit-codes` })),
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

function sarifRule(rule: RuleMetadata, weaknesses: readonly number[], profile: SarifProfile): SarifRule {
  return {
    id: rule.id,
    name: cut(pascalCase(rule.id), 255),
    shortDescription: { text: cut(sentence(rule.title), profile.shortDescriptionLength) },
    fullDescription: { text: cut(sentence(rule.description), profile.descriptionLength) },
    help: { text: `${sentence(rule.description)} ${sentence(rule.remedy)}`, markdown: helpMarkdown(rule) },
    helpUri: `${HOME}/rules/${rule.id}`,
    defaultConfiguration: { level: 'warning' },
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

function helpMarkdown(rule: RuleMetadata): string {
  const references = rule.references.map((reference) => `- ${reference}`).join('\n');
  return `${sentence(rule.description)}\n\n**How to fix:** ${sentence(rule.remedy)}\n\n[About \`${rule.id}\`](${HOME}/rules/${rule.id})${references ? `\n\n${references}` : ''}`;
}

function pascalCase(id: string): string {
  return id.split('-').map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
