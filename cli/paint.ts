import { styleText } from 'node:util';
import type { Paint, Tone } from '../scanner/report/format.ts';
import type { Io, Stream } from './io.ts';

const STYLES: Record<Tone, Parameters<typeof styleText>[0]> = {
  bold: 'bold', dim: 'dim', good: ['bold', 'green'], caution: ['bold', 'yellow'], bad: ['bold', 'red'], unknown: ['bold', 'magenta'], name: 'cyan',
};

/** Leaves text as it is. */
export const plain: Paint = (_, text) => text;

/** Colours for a stream: `when` is the value of --color; auto follows NO_COLOR, FORCE_COLOR, TERM and whether it is a terminal. */
export function paintFor(stream: Stream, when: string, io: Io): Paint {
  const on = when === 'always' || (when !== 'never' && wantsColour(stream, io.env));
  return on ? (tone, text) => styleText(STYLES[tone], text, { validateStream: false }) : plain;
}

/** Whether the environment and the stream ask for colours. Both words set: NO_COLOR wins, since it is about a person's eyes. */
function wantsColour(stream: Stream, env: Io['env']): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
