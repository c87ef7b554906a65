const TABLE = 'what the level is for: most of these run in a browser or on a desk, with powers that a service for strangers names in its policy';
const UNKNOWN = 'glue of wasm-bindgen and Emscripten that no interface explains: what it may do is not known, and a note would hide that';

/** Why rules that fire on more than a fifth of honest binaries are more than a note at restricted. */
export const REASONS: Readonly<Record<string, string>> = {
  'build-path-leak': 'names of people and machines are published by it; a build option takes them out',
  'capability-fs-open': TABLE,
  'capability-fs-read': TABLE,
  'capability-fs-write': TABLE,
  'capability-unknown': UNKNOWN,
  'debug-info-embedded': 'the sources of a service are no business of whoever can pull it; stripping costs nothing',
  'memory-unbounded': 'one tenant can take the memory of a node; a limit in the manifest or at link time ends it',
  'signature-missing': 'the level asks for a signature, and files from npm have none',
};
