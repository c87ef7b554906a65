import { Argument, Command, CommanderError, Option } from 'commander';
import type { CommandSpec, Input } from './command.ts';
import type { Io } from './io.ts';
import type { Parsed } from './parse.ts';

interface Table {
  readonly commands: readonly CommandSpec[];
  readonly groups: Readonly<Record<string, string>>;
  readonly version: string;
}

const GUIDE = `
Exit codes: 0 allowed, 1 denied, 2 usage or policy error, 3 not analysed, 4 something outside failed.`;

/**
 * Reads any command line: prints help, the version, or what is wrong with a suggestion, and gives the exit code; or, for
 * a line the fast reader was not sure of, gives what it means.
 */
export async function parseOrExplain(argv: readonly string[], table: Table, io: Io): Promise<Parsed | number> {
  let parsed: Parsed | null = null;
  const program = programOf(table, io, (found) => (parsed = found));
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return 2;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return parsed ?? 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

function programOf(table: Table, io: Io, found: (parsed: Parsed) => void): Command {
  const program = new Command('wasmgate');
  prepare(program, io);
  program.description('May this WebAssembly binary run here? Finds out what it can do and judges it by a policy.');
  program.version(table.version, '-V, --version', 'Print the version').helpOption('-h, --help', 'Print this help').helpCommand('help [command]', 'Explain a command');
  program.addHelpText('after', `\nExamples:\n${table.commands.slice(0, 2).flatMap(({ examples }) => examples).map((line) => `  ${line}\n`).join('')}${GUIDE}`);
  const parents = new Map<string, Command>();
  for (const spec of table.commands) addCommand(spec, parentOf(spec, { program, parents, table, io }), (command) => {
    prepare(command, io);
    command.action(() => found({ command: spec, input: inputOf(spec, command) }));
  });
  return program;
}

function parentOf(spec: CommandSpec, { program, parents, table, io }: { program: Command; parents: Map<string, Command>; table: Table; io: Io }): Command {
  const [group, name] = spec.name.split(' ');
  if (group === undefined || name === undefined) return program;
  const known = parents.get(group);
  if (known) return known;
  const parent = program.command(group).description(table.groups[group] ?? '').helpOption('-h, --help', 'Print this help');
  prepare(parent, io);
  parents.set(group, parent);
  return parent;
}

function addCommand(spec: CommandSpec, parent: Command, finish: (command: Command) => void): void {
  const command = parent.command(spec.name.split(' ').at(-1) ?? spec.name).description(spec.summary).helpOption('-h, --help', 'Print this help');
  for (const { name, kind, help } of spec.arguments) command.addArgument(new Argument(ARGUMENT_FORMS[kind](name), help));
  for (const option of spec.options) {
    const flags = `${option.short === undefined ? '' : `-${option.short}, `}--${option.name}${option.value === undefined ? '' : ` <${option.value}>`}`;
    const made = new Option(flags, option.help);
    if (option.choices) made.choices(option.choices);
    if (option.repeatable) made.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
    command.addOption(made);
  }
  command.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join('\n')}`);
  finish(command);
}

const ARGUMENT_FORMS: Record<CommandSpec['arguments'][number]['kind'], (name: string) => string> = {
  one: (name) => `<${name}>`,
  optional: (name) => `[${name}]`,
  many: (name) => `<${name}...>`,
  any: (name) => `[${name}...]`,
};

function prepare(command: Command, io: Io): void {
  command.exitOverride().showSuggestionAfterError(true).configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    outputError: (text, write) => write(`${text.replace(/^error: (.)/, (_, letter: string) => `wasmgate: ${letter.toUpperCase()}`).trimEnd()}\nSee wasmgate ${command.name() === 'wasmgate' ? '' : `${command.name()} `}--help\n`),
    getOutHelpWidth: () => io.stdout.columns ?? 100,
    getErrHelpWidth: () => io.stderr.columns ?? 100,
  });
}

/** Commander's camel-case values back under the names of the table; `--no-x` is a switch of its own there. */
function inputOf(spec: CommandSpec, command: Command): Input {
  const values = command.opts();
  const options = spec.options.map(({ name }) => {
    const negated = name.startsWith('no-');
    const value: unknown = values[camel(negated ? name.slice(3) : name)];
    return [name, negated ? value === false || undefined : value];
  });
  return { args: command.args, options: Object.fromEntries(options) };
}

function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
