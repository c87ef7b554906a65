import type { CompositionFact, SharedThing } from '../facts/composition/model.ts';
import type { Facts } from '../facts/facts.ts';
import { harmlessName } from './harmless.ts';

const SHOWN = 6;

/** Rows about how the parts of a component are put together: what they ask for, what is left of it, and what they share. Empty for anything else. */
export function compositionRows({ composition }: Pick<Facts, 'composition'>): [string, string][] {
  if (composition === null) return [];
  const { declared, effective, virtualised, handles, shared } = composition;
  const differ = declared.join() !== effective.join();
  return [
    ['Asks inside', differ ? listed(declared) : ''],
    ['Effective', differ ? (effective.length > 0 ? listed(effective) : 'nothing of the host') : ''],
    ['Played', virtualised.length > 0 ? `${virtualised.length} host function${virtualised.length === 1 ? '' : 's'} played by code inside: ${some(virtualised.map(({ asked }) => telling(asked)))}` : ''],
    ['Repeated', some(repeated(composition))],
    ['Shares', some(shared.filter(({ shim }) => !shim).map(sharedText))],
    ['Hands on', some(handles.map(({ function: name, resource, handle }) => `${handle} ${resource} through ${name}`))],
  ];
}

/** Of the imports that one function serves the one that names an interface; fix-ups have names that mean nothing. */
function telling(asked: readonly string[]): string {
  return asked.find((name) => name.includes(':')) ?? asked[0]!;
}

function repeated({ modules }: CompositionFact): string[] {
  return modules.filter(({ instances }) => instances > 1).map(({ path, instances }) => `${path} ${instances} times`);
}

function sharedText({ kind, owner, modules }: SharedThing): string {
  return `${kind} of ${owner} with ${modules.filter((path) => path !== owner).join(', ')}`;
}

function listed(names: readonly string[]): string {
  return names.map((name) => harmlessName(name, 40)).join(', ');
}

function some(texts: readonly string[]): string {
  const shown = texts.slice(0, SHOWN).map((text) => harmlessName(text, 200)).join('; ');
  return texts.length > SHOWN ? `${shown} and ${texts.length - SHOWN} more` : shown;
}
