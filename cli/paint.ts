import { styleText } from 'node:util';
import type { Paint, Tone } from '../scanner/report/format.ts';
import { textOption, type Input } from './command.ts';
import type { Io, Stream } from './io.ts';

/** Columns of a report that goes to a file, and of a terminal that does not tell. */
const DEFAULT_WIDTH = 100;

const STYLES: Record<Tone, Parameters<typeof styleText>[0]> = {
  bold: 'bold', dim: 'dim', good: ['bold', 'green'], caution: ['bold', 'yellow'], bad: ['bold', 'red'], unknown: ['bold', 'magenta'], name: 'cyan',
};

/** Leaves text as it is. */
export const plain: Paint = (_, text) => text;

/** Width and colours of a report: those of standard output, or plain text of a fixed width for a file. */
export function lookOf({ input, io, toFile }: { readonly input: Input; readonly io: Io; readonly toFile: boolean }): { readonly width: number; readonly paint: Paint } {
  if (toFile) return { width: DEFAULT_WIDTH, paint: plain };
  return { width: io.stdout.columns ?? DEFAULT_WIDTH, paint: paintFor(io.stdout, textOption(input, 'color') ?? 'auto', io) };
}

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
