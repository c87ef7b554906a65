import type { Location } from '../location.ts';
import type { SecretFact } from './facts.ts';

/**
 * A short text that may hold a secret. It is the only place where the secret itself exists outside the artifact's bytes:
 * it is handed to a scanner and never kept in facts, findings or messages.
 */
export interface SecretCandidate {
  /** Id and title of the pattern that matched. */
  readonly pattern: string;
  readonly title: string;
  /** The match with some text around it; bytes that are no text are line ends. */
  readonly text: string;
  /** Where in `text` the match stands. */
  readonly start: number;
  readonly end: number;
  /** Whether checksum, structure or exact form was verified. */
  readonly verified: boolean;
  /** How the text stood in the artifact. */
  readonly encoding: 'plain' | 'utf-16' | 'base64' | 'binary';
  /** Location of a part of `text`. */
  readonly locate: (start: number, end: number) => Location;
}

/** Says which candidates are secrets. The engine has a structural one; a shell may lend a library with more patterns. */
export interface SecretScanner {
  readonly scan: (candidates: readonly SecretCandidate[]) => Promise<SecretFact[]>;
}
