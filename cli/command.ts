import type { Io } from './io.ts';

export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** What it takes, for the help (`file`); absent for a switch. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
  readonly help: string;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly kind: 'one' | 'optional' | 'many' | 'any';
  readonly help: string;
}

/** What a command gets: arguments and options by name, values checked against the table. */
export interface Input {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** A command of the table. Its code loads when it runs, so that help and version stay fast. */
export interface CommandSpec {
  /** Words after `wasmgate`: `scan`, `policy init`. */
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  readonly load: () => Promise<(input: Input, io: Io) => Promise<number>>;
}

/** The value of an option that takes one. */
export function textOption(input: Input, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a repeatable option. */
export function listOption(input: Input, name: string): readonly string[] {
  const value = input.options[name];
  return Array.isArray(value) ? value : [];
}

/** Whether a switch is on. */
export function switchOption(input: Input, name: string): boolean {
  return input.options[name] === true;
}
