/** The part of SARIF 2.1.0 that is written here; property names are the standard's. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly SarifRun[];
}

export interface SarifRun {
  readonly tool: { readonly driver: SarifDriver };
  readonly automationDetails: { readonly id: string };
  readonly invocations: readonly SarifInvocation[];
  readonly artifacts: readonly SarifArtifact[];
  readonly results: readonly SarifResult[];
  readonly taxonomies: readonly SarifTaxonomy[];
  readonly columnKind: 'utf16CodeUnits';
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface SarifDriver {
  readonly name: string;
  readonly fullName: string;
  readonly organization: string;
  readonly informationUri: string;
  readonly version: string;
  readonly semanticVersion: string;
  readonly rules: readonly SarifRule[];
  readonly notifications: readonly SarifRule[];
  readonly supportedTaxonomies: readonly { readonly name: string; readonly index: number }[];
}

export interface SarifRule {
  readonly id: string;
  readonly name: string;
  readonly shortDescription: SarifText;
  readonly fullDescription: SarifText;
  readonly help: SarifText & { readonly markdown?: string };
  readonly helpUri?: string;
  readonly defaultConfiguration?: { readonly level: SarifLevel };
  readonly relationships?: readonly { readonly target: { readonly id: string; readonly index: number; readonly toolComponent: { readonly name: string; readonly index: number } }; readonly kinds: readonly string[] }[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

export interface SarifText { readonly text: string }
export type SarifLevel = 'error' | 'warning' | 'note';

export interface SarifInvocation {
  readonly executionSuccessful: boolean;
  readonly toolExecutionNotifications: readonly SarifNotification[];
}

export interface SarifNotification {
  readonly descriptor: { readonly id: string; readonly index: number };
  readonly level: SarifLevel;
  readonly message: SarifText;
  readonly locations?: readonly SarifLocation[];
}

export interface SarifArtifact {
  readonly location: { readonly uri: string };
  readonly length?: number;
  readonly mimeType?: string;
  readonly hashes?: { readonly 'sha-256': string };
  readonly roles: readonly ['analysisTarget'];
}

export interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: SarifLevel;
  readonly message: SarifText;
  readonly locations: readonly [SarifLocation];
  readonly relatedLocations?: readonly SarifLocation[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly rank: number;
  readonly suppressions?: readonly { readonly kind: 'external'; readonly status: 'accepted'; readonly justification: string }[];
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface SarifLocation {
  readonly id?: number;
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly index?: number };
    readonly region: { readonly startLine: number; readonly startColumn: number; readonly endLine: number; readonly endColumn: number };
    readonly address?: { readonly absoluteAddress: number; readonly length: number; readonly fullyQualifiedName: string };
  };
  readonly message?: SarifText;
}

export interface SarifTaxonomy {
  readonly name: 'CWE';
  readonly organization: string;
  readonly informationUri: string;
  readonly isComprehensive: boolean;
  readonly taxa: readonly { readonly id: string; readonly helpUri: string }[];
}
