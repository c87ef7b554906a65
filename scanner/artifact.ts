/** The bytes to scan. The shell that opened them computes the digest, because the engine does no I/O and no hashing. */
export interface Artifact {
  /** As the user named it; never shown without being made harmless first. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** `sha256:` and 64 lower-case hexadecimal digits. */
  readonly digest: string;
}
