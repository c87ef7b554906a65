/** Module names that programs of known interfaces import; what only looks like one of them is meant to be taken for it. */
const MODULES = [
  'wasi_snapshot_preview1', 'wasi_unstable', 'wasi_ephemeral_nn', 'wasi_ephemeral_crypto_common', 'wasix_32v1', 'wasix_64v1', 'wasi',
  'wapc', 'wbg', 'env', 'host', 'gojs', 'go', 'extism:host/env', 'extism:host/user', '__wbindgen_placeholder__', 'wasmedge_process',
] as const;

/** Packages of component interfaces, each with its namespace. */
const PACKAGES = [
  'wasi:cli', 'wasi:io', 'wasi:clocks', 'wasi:random', 'wasi:filesystem', 'wasi:sockets', 'wasi:http', 'wasi:keyvalue', 'wasi:blobstore',
  'wasi:config', 'wasi:logging', 'wasi:messaging', 'wasi:nn', 'wasi:tls', 'wasi:otel', 'spin:sqlite', 'spin:redis', 'spin:postgres', 'spin:variables',
  'fermyon:spin', 'wasmcloud:messaging', 'wasmcloud:secrets', 'wasmcloud:bus',
] as const;

const KNOWN: ReadonlySet<string> = new Set([...MODULES, ...PACKAGES]);
/** Nothing longer looks like a known name at a glance. */
const LONGEST = 64;

/** Letters that fonts draw alike, to one of them: Cyrillic, Greek and full-width ones, then ASCII pairs. */
const ALIKE: Readonly<Record<string, string>> = {
  а: 'a', с: 'c', ԁ: 'd', е: 'e', һ: 'h', і: 'i', ј: 'j', ӏ: 'l', о: 'o', р: 'p', ѕ: 's', ѵ: 'v', ԝ: 'w', х: 'x', у: 'y',
  α: 'a', ε: 'e', ι: 'i', κ: 'k', ν: 'v', ο: 'o', ρ: 'p', τ: 't', υ: 'u', ω: 'w', ı: 'i', ɡ: 'g', '：': ':', 'ː': ':', '∕': '/', '⁄': '/', '＿': '_', '‐': '-', '‑': '-', '−': '-',
  1: 'l', I: 'l', '|': 'l', 0: 'o', O: 'o',
};
/** Shorter names are near too many honest ones. */
const NEAR_LENGTH = 8;

/** How a name deceives: `alike` looks the same in many fonts, `near` is one slip of the finger away. */
export interface Lookalike { readonly kind: 'alike' | 'near'; readonly known: string }

/** The known module or package that an import's module name only looks like; null for known names and for all others. */
export function findLookalike(module: string): Lookalike | null {
  const name = comparable(module);
  if (name === '' || name.length > LONGEST || KNOWN.has(name)) return null;
  const known = SHAPES.get(skeleton(name));
  if (known !== undefined) return { kind: 'alike', known };
  if (name.length < NEAR_LENGTH - 1) return null;
  for (const known of LONG) if (isOneSlip(name, known)) return { kind: 'near', known };
  return null;
}

const LONG: readonly string[] = [...KNOWN].filter(({ length }) => length >= NEAR_LENGTH);
const PLAIN = /^[ -~]*$/;
const SHAPES: ReadonlyMap<string, string> = new Map([...KNOWN].map((known) => [skeleton(known), known]));

/** The package of an interface name such as `wasi:http/types@0.2.0`, or a core module name as it is. */
function comparable(module: string): string {
  return KNOWN.has(module) ? module : /^([^/@\s]{1,64}?[:：ː][^/@\s]{1,64})[/@∕⁄]/.exec(module)?.[1] ?? module;
}

function skeleton(name: string): string {
  const letters = PLAIN.test(name) ? name.replaceAll(/[1I|0O]/g, (letter) => ALIKE[letter]!) : Array.from(name.normalize('NFKC'), (letter) => ALIKE[letter] ?? letter).join('');
  return letters.replaceAll('rn', 'm').replaceAll('vv', 'w');
}

/** One letter put in, left out, exchanged or swapped with its neighbour. A digit exchanged is another version, not a slip. */
function isOneSlip(name: string, known: string): boolean {
  if (Math.abs(name.length - known.length) > 1) return false;
  let start = 0;
  while (start < name.length && name[start] === known[start]) start++;
  const rest = (text: string, from: number): string => text.slice(start + from);
  if (name.length > known.length) return rest(name, 1) === rest(known, 0) && !isDigit(name[start]);
  if (name.length < known.length) return rest(name, 0) === rest(known, 1) && !isDigit(known[start]);
  if (rest(name, 1) === rest(known, 1)) return !isDigit(name[start]) && !isDigit(known[start]);
  return name[start] === known[start + 1] && name[start + 1] === known[start] && rest(name, 2) === rest(known, 2);
}

function isDigit(letter: string | undefined): boolean {
  return letter !== undefined && letter >= '0' && letter <= '9';
}
