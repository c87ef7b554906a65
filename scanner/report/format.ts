import type { RuleMetadata, RulePage } from '../rule.ts';
import type { Severity } from '../severity.ts';
import type { ScanEntry } from './entry.ts';
import type { SarifProfileName } from './sarif/profile.ts';
import type { Summary } from './summary.ts';

/** How a piece of terminal text is meant; the shell turns it into colour or leaves it plain. */
export type Tone = 'bold' | 'dim' | 'good' | 'caution' | 'bad' | 'unknown' | 'name';
export type Paint = (tone: Tone, text: string) => string;

/** What a format may know beside the results. */
export interface ReportContext {
  readonly engineVersion: string;
  readonly policies: readonly { readonly name: string; readonly hash: string }[];
  /** Metadata of every rule that could have run. */
  readonly rules: readonly RuleMetadata[];
  /** How many results will come. */
  readonly expected: number;
  /** Columns of the terminal or file. */
  readonly width: number;
  readonly paint: Paint;
  /** SHA-256 of a text, 64 hexadecimal digits. */
  readonly hash: (text: string) => string;
  readonly sarif: SarifOptions;
}

/** What only SARIF needs to know of its surroundings. */
export interface SarifOptions {
  readonly profile: SarifProfileName;
  /** Tells several uploads for one commit apart; may be empty. */
  readonly category: string;
  /** The path of an artifact from the root of the repository, forward slashes; never absolute. */
  readonly relativePath: (name: string) => string;
  /** Pages of the rules by id, for the help that code scanning shows; without them the help is the remedy. */
  readonly pages?: Readonly<Record<string, RulePage>>;
  /** How severe a rule is under the usual policy; without it, a warning. */
  readonly usualSeverity?: (rule: RuleMetadata) => Severity;
}

/** Writes a report piece by piece: results in target order, each as soon as it is known, then the end. */
export interface ReportWriter {
  /** Text to append for one more result; may be empty. */
  add(entry: ScanEntry): string;
  /** Text that completes the report. */
  end(summary: Summary): string;
}

export type ReportFormat = (context: ReportContext) => ReportWriter;
