import { LEVELS } from '../policies/index.ts';
import type { SarifOptions } from '../scanner/report/format.ts';
import { profileFromEnvironment, type SarifProfileName } from '../scanner/report/sarif/profile.ts';
import type { RuleMetadata } from '../scanner/rule.ts';
import type { Severity } from '../scanner/severity.ts';
import { textOption, type Input } from './command.ts';
import type { Io } from './io.ts';
import { repositoryPaths } from './repository-paths.ts';

/** What a SARIF report needs of the command line and its surroundings. The pages of the rules load only for formats that show them. */
export async function sarifOptions(format: string, input: Input, io: Io): Promise<SarifOptions> {
  let paths: ((name: string) => string) | null = null;
  return {
    profile: (textOption(input, 'sarif-profile') as SarifProfileName | undefined) ?? profileFromEnvironment(io.env),
    category: textOption(input, 'sarif-category') ?? '',
    // Finding the root of the repository asks the disk, and no other format needs it.
    relativePath: (name) => (paths ??= repositoryPaths(io))(name),
    usualSeverity,
    ...(format === 'sarif' || format === 'html' ? { pages: (await import('../rules/pages.generated.ts')).RULE_PAGES } : {}),
  };
}

/** The severity at level baseline; a rule that is off there is a note where something turns it on. */
function usualSeverity(rule: RuleMetadata): Severity {
  const level = LEVELS.findLast(({ name }) => name === 'baseline')!;
  const treatment = rule.id.startsWith('capability-') ? level.capabilities[rule.id.slice('capability-'.length)] : undefined;
  if (treatment !== undefined) return SEVERITY_OF[treatment];
  const setting = level.rules[rule.id] ?? level.defaultSeverity;
  const severity = typeof setting === 'object' ? setting[rule.confidence] : setting;
  return severity === undefined || severity === 'off' ? 'note' : severity;
}

const SEVERITY_OF = { allow: 'note', warn: 'warning', deny: 'error' } as const;
