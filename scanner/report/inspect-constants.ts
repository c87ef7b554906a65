import type { ConstantArgument, ConstantRole } from '../facts/constants/model.ts';
import type { Facts } from '../facts/facts.ts';
import { harmlessName } from './harmless.ts';

const SHOWN = 12;

const LABELS: Readonly<Record<ConstantRole, string>> = { path: 'Opens', host: 'Calls', environment: 'Reads', cluster: 'Upstreams', name: 'Names', amount: 'Amounts' };

/** Rows about the constants that code gives to imports, a row for each role; what only stands in the data is left to JSON. */
export function constantRows({ constants, amounts }: Pick<Facts, 'constants' | 'amounts'>): [string, string][] {
  const groups = Map.groupBy([...constants, ...amounts].filter(({ confidence }) => confidence !== 'low'), ({ role }) => role);
  return (Object.keys(LABELS) as ConstantRole[]).map((role) => [LABELS[role], listed(groups.get(role) ?? [])]);
}

/** What is not certain is marked. */
function listed(constants: readonly ConstantArgument[]): string {
  const sure = new Set(constants.filter(({ confidence }) => confidence === 'high').map(({ text }) => text));
  const texts = [...new Set(constants.map(({ text }) => text))];
  const shown = texts.slice(0, SHOWN).map((text) => `${harmlessName(text, 100)}${sure.has(text) ? '' : ' (likely)'}`).join(', ');
  return texts.length > SHOWN ? `${shown} and ${texts.length - SHOWN} more` : shown;
}
