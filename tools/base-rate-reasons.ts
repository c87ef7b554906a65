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

interface Evaluation {
  /** Repository and what of it. */
  readonly set: string;
  /** Distinct binaries. */
  readonly files: number;
  readonly result: string;
}

/** Binaries that only repositories have and no registry: scanned at baseline by hand on 2026-11-24, never by a test. */
export const EVALUATIONS: readonly Evaluation[] = [
  { set: 'bytecodealliance/sightglass: libsodium, shootout, interpreters, components', files: 124, result: 'none denied' },
  { set: 'wenhao1006/SEISMIC: games, editors, emulators', files: 14, result: 'none denied' },
  { set: 'wenhao1006/SEISMIC: CryptoNight and Equihash miners', files: 12, result: 'all denied, by constants and by digest' },
  { set: 'miner-ray/miner-ray.github.io: programs of web pages, well-formed', files: 33, result: 'none denied' },
  { set: 'miner-ray/miner-ray.github.io: the same, which V8 refuses as well', files: 64, result: 'malformed, or not analysed' },
  { set: 'miner-ray/miner-ray.github.io: CryptoNight miners', files: 22, result: 'all denied, by constants and by digest' },
];
