import { harmless } from '../scanner/report/harmless.ts';
import { switchOption, type Input } from './command.ts';
import type { Io } from './io.ts';

/** One message on stderr, unless --quiet. */
export function say(io: Io, input: Input, message: string, hint = ''): void {
  if (switchOption(input, 'quiet')) return;
  io.stderr.write(`wasmgate: ${harmless(message)}\n${hint === '' ? '' : `${harmless(hint)}\n`}`);
}
