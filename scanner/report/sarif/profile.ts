/** Who reads the file: each consumer has limits of its own (GitHub code scanning, GitLab 18.11, Azure DevOps). */
export const SARIF_PROFILES = ['github', 'gitlab', 'azure', 'full'] as const;
export type SarifProfileName = (typeof SARIF_PROFILES)[number];

export interface SarifProfile {
  readonly name: SarifProfileName;
  /** Results kept; the most severe stay. Infinity: all. */
  readonly results: number;
  /** Longest texts in UTF-16 code units; a longer one drops the result (GitLab) or the file (GitHub). */
  readonly messageLength: number;
  readonly descriptionLength: number;
  readonly shortDescriptionLength: number;
  readonly tags: number;
  /** Waived results are written with their justification; consumers without support would open alerts for them. */
  readonly keepWaived: boolean;
  /** GitLab tells findings apart by rule, file and line alone, so each gets a line of its own. */
  readonly distinctLines: boolean;
}

/** The limits of each consumer, as documented in November 2026. */
export const PROFILES: Readonly<Record<SarifProfileName, SarifProfile>> = {
  github: { name: 'github', results: 5000, messageLength: 1024, descriptionLength: 1024, shortDescriptionLength: 1024, tags: 10, keepWaived: false, distinctLines: false },
  gitlab: { name: 'gitlab', results: 5000, messageLength: 2048, descriptionLength: 2048, shortDescriptionLength: 1024, tags: 10, keepWaived: false, distinctLines: true },
  azure: { name: 'azure', results: 5000, messageLength: 1024, descriptionLength: 1024, shortDescriptionLength: 1024, tags: 10, keepWaived: true, distinctLines: false },
  full: { name: 'full', results: Number.POSITIVE_INFINITY, messageLength: 1 << 20, descriptionLength: 1 << 16, shortDescriptionLength: 1 << 16, tags: 100, keepWaived: true, distinctLines: false },
};

/** The profile for where this runs, from the variables that CI systems set. */
export function profileFromEnvironment(environment: Readonly<Record<string, string | undefined>>): SarifProfileName {
  if (environment['GITLAB_CI']) return 'gitlab';
  return environment['TF_BUILD'] ? 'azure' : 'github';
}

/** At most `length` code units, cut at a character with a visible mark. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
