import type { Level } from './policy.ts';

/** The names that policies may use. The shell gives them, because rules, capabilities and levels are data outside this folder. */
export interface Vocabulary {
  /** Rule ids. */
  readonly rules: readonly string[];
  /** Former ids of rules, with the id they have now. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Capabilities of the catalogue; `unknown` need not be among them. */
  readonly capabilities: readonly string[];
  /** Built-in levels; of one name, the oldest version first. */
  readonly levels: readonly Level[];
}

/** What an import is when nothing but a generic row matches it. */
export const UNKNOWN = 'unknown';
/** Glue without authority; no exclusive list has to name it. */
export const RUNTIME_SUPPORT = 'runtime-support';

/** `restricted@v1` in its parts; version null means the newest. Null when it is not written like a level at all. */
export function parseLevelName(text: string): { readonly name: string; readonly version: string | null } | null {
  const parts = /^([a-z]+)(?:@(v[0-9]{1,6}|latest))?$/.exec(text);
  if (parts === null) return null;
  const version = parts[2] ?? 'latest';
  return { name: parts[1]!, version: version === 'latest' ? null : version };
}

/** The level of that name, the newest version unless one is pinned; null when there is none. */
export function findLevel(text: string, levels: readonly Level[]): Level | null {
  const wanted = parseLevelName(text);
  if (wanted === null) return null;
  return levels.findLast((level) => level.name === wanted.name && (wanted.version === null || level.version === wanted.version)) ?? null;
}

/** `restricted@v1`. */
export function levelName(level: Level): string {
  return `${level.name}@${level.version}`;
}

/** The current id of a rule that may be named by a former one. */
export function currentRule(id: string, vocabulary: Vocabulary): string {
  const aliases = vocabulary.aliases ?? {};
  return Object.hasOwn(aliases, id) ? aliases[id]! : id;
}

/** Whether a capability pattern names a capability: the name itself, or `<family>-*`, to which `unknown` never belongs. */
export function matchesCapability(pattern: string, capability: string): boolean {
  if (pattern === capability) return true;
  return pattern.endsWith('-*') && capability.startsWith(pattern.slice(0, -1));
}
