import type { Confidence, Severity } from '../severity.ts';
import type { Thresholds } from '../rule.ts';
import type { AttestationDemand, SignatureDemand } from '../signature-demand.ts';
import type { PolicyDocument } from './document.generated.ts';

export type Treatment = 'allow' | 'warn' | 'deny';
export type Mode = 'enforce' | 'warn' | 'audit';
/** Severity, or off; by confidence where one rule is graded. */
export type RuleSetting = Severity | 'off' | Partial<Record<Confidence, Severity | 'off'>>;

/** A built-in, versioned set of answers; data in policies/. */
export interface Level {
  readonly name: string;
  readonly version: string;
  readonly capabilities: Readonly<Record<string, Treatment>>;
  readonly features: Readonly<Record<string, Treatment>>;
  readonly rules: Readonly<Record<string, RuleSetting>>;
  /** Severity of rules that the level does not name. */
  readonly defaultSeverity: Severity | 'off';
  readonly thresholds: Thresholds;
  readonly onUnresolved: Treatment;
  readonly onUnseen: Treatment;
  readonly requireSignature: boolean;
}

/** An import as a policy sees it: the text people read, or both parts of its name where they are known. */
export type ImportText = string | { readonly module: string; readonly name: string };

/** How one thing is treated, and which line of the policy or level decided. */
export interface Decision {
  readonly treatment: Treatment;
  readonly reason: string;
  /** Decided by a list of the policy itself, so no severity set for the rule changes it. */
  readonly listed: boolean;
}

export interface Waiver {
  readonly rule: string;
  readonly digest?: string;
  readonly reference?: string;
  readonly subject?: string;
  /** The artifact, by any of these keys (see artifact-key.ts); for accepted findings. */
  readonly artifacts?: readonly string[];
  /** Findings it holds for in one artifact; left out: all that fit. */
  readonly count?: number;
  /** The list of accepted findings it stands in; left out: the policy itself. */
  readonly source?: string;
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD, the last day it holds. */
  readonly expires: string;
}

/** A policy ready to judge with: compiled once from the document, see compile.ts. */
export interface Policy {
  readonly name: string;
  /** `sha256:<hex>` of the normal form of the document and its level; given by the shell's hash function. */
  readonly hash: string;
  readonly level: Level;
  readonly mode: Mode;
  readonly onError: 'deny' | 'allow';
  readonly thresholds: Thresholds;
  /** Whether it applies to an artifact of this name. */
  readonly matches: (reference: string) => boolean;
  /** Treatment of one capability for one import, lists applied; `reason` names the line that decided. */
  readonly treatCapability: (capability: string, importText: ImportText) => Decision;
  readonly treatFeature: (feature: string) => Treatment;
  /** As treatFeature, with the line that decided. */
  readonly decideFeature: (feature: string) => Decision;
  /** `deny` or `allow` where a list of the policy names the import, else null. */
  readonly treatImport: (importText: ImportText) => Treatment | null;
  /** Severities that the policy itself sets, by rule. */
  readonly overrides: Readonly<Record<string, RuleSetting>>;
  readonly severityOf: (rule: string, confidence: Confidence) => Severity | 'off';
  readonly expressions: readonly PolicyExpression[];
  readonly waivers: readonly Waiver[];
  /** Whom it asks to have signed; null: nobody is named, so nobody can be trusted. */
  readonly signatures: SignatureDemand | null;
  readonly attestations: readonly AttestationDemand[];
  readonly onUnresolved: Treatment;
  readonly onUnseen: Treatment;
  /** The document it was compiled from; null for a level alone. */
  readonly document: PolicyDocument | null;
}

/** A CEL expression behind an interface, so the library can change. */
export interface PolicyExpression {
  readonly name: string;
  readonly message: string;
  readonly severity: Severity;
  /** True: satisfied. Throws when it cannot be evaluated; the judge turns that into verdict error. */
  readonly evaluate: (input: Record<string, unknown>) => boolean;
}
