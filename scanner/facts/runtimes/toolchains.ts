import type { Facts, Tool } from '../facts.ts';
import { TOOL_ADVISORIES } from './data.generated.ts';
import type { ToolAdvisory } from './model.ts';
import { compareVersions, isAffected, known, parseVersion, repairFor, type Version } from './version.ts';

/** A compiler with published flaws that end up in what it writes. */
export interface FlawedTool {
  readonly tool: Tool;
  readonly version: string;
  /** At least one, in the order of the table. */
  readonly advisories: readonly ToolAdvisory[];
  /** The first version without any of them. */
  readonly repair: string;
}

/** Names in producers sections, to names in the table. */
const NAMES: readonly (readonly [RegExp, ToolAdvisory['tool']])[] = [[/^go( cmd\/compile)?$/i, 'go'], [/^rustc$/i, 'rustc']];

/** Each tool and version with flaws once, in the order of the tools. */
export function flawedTools(facts: Pick<Facts, 'tools' | 'abis' | 'dependencies'>): readonly FlawedTool[] {
  const seen = new Set<string>();
  return toolVersions(facts).flatMap(({ name, text, version, tool }) => {
    const key = `${name} ${text}`;
    const advisories = TOOL_ADVISORIES.filter((one) => one.tool === name && (one.abi === null || facts.abis.includes(one.abi)) && isAffected(version, one));
    if (advisories.length === 0 || seen.has(key)) return [];
    seen.add(key);
    return [{ tool, version: text, advisories, repair: lastRepair(version, advisories) }];
  });
}

function lastRepair(version: Version, advisories: readonly ToolAdvisory[]): string {
  return advisories.flatMap((one) => repairFor(version, one) ?? []).reduce((a, b) => (compareVersions(known(b), known(a)) > 0 ? b : a));
}

interface ToolVersion { readonly name: ToolAdvisory['tool']; readonly text: string; readonly version: Version; readonly tool: Tool }

function toolVersions({ tools, dependencies }: Pick<Facts, 'tools' | 'dependencies'>): readonly ToolVersion[] {
  // Go leaves its version in data as well, as that of its standard library.
  const stdlib = dependencies.filter(({ name, ecosystem }) => name === 'stdlib' && ecosystem === 'go').map(({ version }): Tool => ({ name: 'Go', version, field: 'processed-by', path: '' }));
  return [...tools, ...stdlib].flatMap((tool) => {
    const name = NAMES.find(([pattern]) => pattern.test(tool.name))?.[1];
    const text = /^(?:go)?(\d+(?:\.\d+){1,2})/.exec(tool.version)?.[1];
    const version = text === undefined ? null : parseVersion(text);
    return name === undefined || text === undefined || version === null ? [] : [{ name, text, version, tool }];
  });
}
