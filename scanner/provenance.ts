/** Who stands behind an artifact, as a value that the shell hands to the engine. `unknown`: nothing has established it. */
export interface Provenance {
  readonly status: 'unknown' | 'trusted' | 'untrusted' | 'invalid' | 'absent' | 'unsupported' | 'error';
}
