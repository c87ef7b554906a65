import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { CommandSpec, Input } from './command.ts';

/** A command line that is plain and right. */
export interface Parsed {
  readonly command: CommandSpec;
  readonly input: Input;
}

/**
 * Reads a command line that has nothing wrong with it, without loading more than Node brings. Everything else (help,
 * version, mistakes) gives null and is left to help.ts, which reads the same table with the library that explains well.
 */
export function parsePlain(argv: readonly string[], commands: readonly CommandSpec[]): Parsed | null {
  const command = commands.find(({ name }) => name.split(' ').every((word, index) => argv[index] === word));
  if (!command) return null;
  try {
    const args = argv.slice(command.name.split(' ').length);
    const { positionals, values } = parseArgs({ args, options: configOf(command), allowPositionals: true, strict: true });
    const input: Input = { args: positionals, options: values as Input['options'] };
    return isComplete(command, input) ? { command, input } : null;
  } catch {
    return null;
  }
}

function configOf(command: CommandSpec): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(command.options.map((option) => [option.name, {
    type: option.value === undefined ? 'boolean' as const : 'string' as const,
    multiple: option.repeatable === true,
    ...(option.short === undefined ? {} : { short: option.short }),
  }]));
}

function isComplete(command: CommandSpec, { args, options }: Input): boolean {
  const last = command.arguments.at(-1);
  const least = command.arguments.filter(({ kind }) => kind === 'one' || kind === 'many').length;
  const most = last?.kind === 'many' || last?.kind === 'any' ? Number.POSITIVE_INFINITY : command.arguments.length;
  if (args.length < least || args.length > most) return false;
  return command.options.every(({ name, choices }) => {
    const value = options[name];
    return !choices || typeof value !== 'string' || choices.includes(value);
  });
}
