import type { Facts, ImportFact } from '../facts/facts.ts';
import { leavesUnread } from '../problem.ts';
import { CAPABILITY_WORDS } from './capability-words.ts';
import type { Paint } from './format.ts';
import { harmlessName } from './harmless.ts';
import { constantRows } from './inspect-constants.ts';
import { compositionRows } from './inspect-composition.ts';
import { runtimeRows } from './inspect-runtime.ts';
import { hang, humanSize } from './layout.ts';
import { kindWords, problemLines } from './text.ts';

interface Look {
  readonly width: number;
  readonly paint: Paint;
}

/** Exports, tools, dependencies and names of one module shown before the rest is counted. */
const SHOWN = 24;

/** What a binary is and can do, for people. Ends with a line break. */
export function inspectText(facts: Facts, { width, paint }: Look): string {
  const look = { width, paint };
  const lines = [paint('bold', harmlessName(facts.name, 200)), ...aboutLines(facts, look)];
  lines.push(...problemLines(facts.problems, look));
  lines.push(...importLines(facts, look));
  lines.push(...exportLines(facts, look));
  return `${lines.join('\n')}\n`;
}

function aboutLines(facts: Facts, look: Look): string[] {
  const { decoded } = facts;
  const format = decoded.kind === 'native' || decoded.kind === 'unknown' ? decoded.title : null;
  // Where it comes from stands in the data, which a decode of the imports alone leaves out.
  const shallow = facts.modules.some(({ module }) => module.analysed === 'imports');
  const rows: [string, string][] = [
    ['Is', kindWords({ kind: facts.kind, format, abis: facts.abis, languages: shallow ? [] : facts.languages })],
    ['Size', humanSize(facts.size)],
    ['Digest', facts.digest],
    ['Built with', shallow ? '' : listed([...new Set(facts.tools.map(({ name, version }) => `${name} ${version}`.trim()))])],
    ['Needs', listed(facts.features.map(({ feature }) => feature))],
    ['Contains', shallow ? '' : listed(facts.dependencies.map(({ name, version }) => `${name} ${version}`.trim()))],
    ['Looked at', shallow ? 'imports only' : ''],
    ['Inside', facts.kind === 'component' ? `${facts.modules.length} core module${facts.modules.length === 1 ? '' : 's'}` : ''],
    ...compositionRows(facts),
    ...(shallow ? [] : constantRows(facts)),
    ...runtimeRows(facts),
  ];
  return rows.filter(([, text]) => text !== '').flatMap(([label, text]) => labelled(label, text, look));
}

function labelled(label: string, text: string, { width, paint }: Look): string[] {
  return hang(`  ${label.padEnd(11)} `, text, width).map((line, index) => (index === 0 ? line.replace(label, () => paint('name', label)) : line));
}

/** By capability, in the order of the words table, which begins with the most telling. */
function importLines({ imports, problems }: Facts, look: Look): string[] {
  // What was not read to its end may ask for more than stands here.
  const whole = !problems.some(leavesUnread);
  if (imports.length === 0) return ['', `  ${look.paint('bold', 'Imports')}  ${whole ? 'none: it asks the host for nothing' : 'not known: it was not read to its end'}`];
  const rank = Object.keys(CAPABILITY_WORDS);
  const groups = [...Map.groupBy(imports, ({ capability }) => capability)].sort(([a], [b]) => rank.indexOf(a) - rank.indexOf(b));
  const lines = groups.flatMap(([capability, members]) => [
    `  ${look.paint('name', harmlessName(capability, 40).padEnd(20))} ${CAPABILITY_WORDS[capability]?.[1] ?? ''}`.trimEnd(),
    ...[...Map.groupBy(members, ({ module }) => module)].flatMap(([module, found]) => hang('    ', `${harmlessName(module, 100)}${namesOf(found)}`, look.width)),
  ]);
  return ['', `  ${look.paint('bold', `Imports (${imports.length}${whole ? '' : ', not read to the end'})`)}`, ...lines];
}

function namesOf(imports: readonly ImportFact[]): string {
  const names = imports.filter(({ name }) => name !== '').map(({ name, reachable }) => (reachable === false ? `${name} (unreachable)` : name));
  return names.length > 0 ? `: ${listed(names)}` : '';
}

function exportLines(facts: Facts, look: Look): string[] {
  const names: string[] = [];
  let total = 0;
  for (const { name } of facts.exports) if (total++ < SHOWN) names.push(name);
  if (total === 0) return [];
  return ['', `  ${look.paint('bold', `Exports (${total})`)}`, ...hang('    ', listed(names, total), look.width)];
}

function listed(names: readonly string[], total = names.length): string {
  const shown = names.slice(0, SHOWN).map((name) => harmlessName(name, 100)).join(', ');
  return total > SHOWN ? `${shown} and ${total - SHOWN} more` : shown;
}
