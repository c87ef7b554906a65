import type { Paint } from './format.ts';
import type { GraphReport } from './graph.ts';
import type { GraphView, ImportView } from './graph-view.ts';
import { harmlessName } from './harmless.ts';
import { hang } from './layout.ts';

interface Look {
  readonly width: number;
  readonly paint: Paint;
}

/** Imports of one kind that a terminal shows, functions of a chain, and entry points by name. */
const SHOWN = 100;
const CHAIN = 12;
const NAMED = 5;

/** Call graphs for people: for each import whether it is reached, how, and from where. Ends with a line break. */
export function graphText(reports: readonly GraphReport[], look: Look): string {
  return reports.flatMap(({ artifact, views }) => views.map((view) => `${moduleLines(titleOf(artifact.name, view), view, look).join('\n')}\n`)).join('\n');
}

function titleOf(name: string, { path }: GraphView): string {
  return path === '' ? name : `${name} ${path}`;
}

function moduleLines(title: string, view: GraphView, look: Look): string[] {
  const functions = view.imports.filter(({ reachable }) => reachable !== null);
  const reached = functions.filter(({ reachable }) => reachable === true);
  const others = functions.filter(({ reachable }) => reachable === false);
  return [
    look.paint('bold', harmlessName(title, 200)),
    ...hang('  ', summary(view), look.width),
    ...section(`Reached imports (${reached.length})`, reached, look, (one) => reachedLines(one, view, look)),
    ...section(`Imports that nothing reaches (${others.length})`, others, look, (one) => [`    ${look.paint('dim', nameOf(one))}`]),
  ];
}

function summary({ graph, roots, reach }: GraphView): string {
  const reached = reach.reached.reduce((sum, one) => sum + one, 0);
  const known = graph.closed ? 'No table or reference is shared with the host' : 'The host or the program can change a table, so that calls through it may go to any function of a fitting type';
  return `${reached} of ${graph.functions} functions are reached from ${roots.length} entry ${roots.length === 1 ? 'point' : 'points'}. ${known}.`;
}

function section(title: string, imports: readonly ImportView[], { paint }: Look, lines: (one: ImportView) => readonly string[]): string[] {
  if (imports.length === 0) return [];
  const more = imports.length - SHOWN;
  return ['', `  ${paint('bold', title)}`, ...imports.slice(0, SHOWN).flatMap(lines), ...(more > 0 ? [`    ${paint('dim', `and ${more} more`)}`] : [])];
}

function reachedLines(one: ImportView, view: GraphView, { width, paint }: Look): string[] {
  const from = one.entryPoints === null ? '' : fromWords(one.entryPoints, view);
  const chain = one.path === null ? 'the chain of calls is too long to list' : chainOf(one.path).map((index) => (index < 0 ? '...' : harmlessName(view.nameOf(index), 80))).join(' > ');
  return [`    ${paint('name', nameOf(one))}${from === '' ? '' : ` ${paint('dim', from)}`}`, ...hang('      ', chain, width)];
}

function fromWords(entries: readonly number[], { roots, nameOf: name }: GraphView): string {
  if (entries.length === roots.length && roots.length > 1) return 'from every entry point';
  if (entries.length > NAMED) return `from ${entries.length} entry points`;
  return `from ${entries.map((index) => harmlessName(name(index), 60)).join(', ')}`;
}

function chainOf(path: readonly number[]): readonly number[] {
  return path.length <= CHAIN ? path : [...path.slice(0, CHAIN / 2), -1, ...path.slice(-CHAIN / 2)];
}

function nameOf({ module, name }: ImportView): string {
  return harmlessName(`${module}.${name}`, 120);
}
