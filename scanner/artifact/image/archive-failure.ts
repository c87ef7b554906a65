import { FetchError } from '../fetch-error.ts';

/** Thrown by whatever reads archives, so that a broken archive inside another is told apart from a source that fails. */
export class ArchiveError extends FetchError {}

/** The archive contradicts its format, or is written so that readers take it for different things. */
export function malformed(name: string, what: string, offset?: number): ArchiveError {
  return archiveFailure('malformed-archive', `Cannot read ${name}: ${what}${offset === undefined ? '' : ` at 0x${offset.toString(16)}`}`);
}

/** More than a limit of scanner/wasm/limits.ts allows. */
export function beyondLimit(name: string, what: string): ArchiveError {
  return archiveFailure('limit-exceeded', `Cannot read ${name}: ${what}`);
}

/** A failure of kind `unreadable`. */
export function archiveFailure(code: string, message: string, options?: ErrorOptions): ArchiveError {
  return new ArchiveError({ kind: 'unreadable', code, message }, options);
}
