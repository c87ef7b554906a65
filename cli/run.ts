import { COMMANDS, GROUPS } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { isUsageError } from '../engine/usage-error.ts';
import type { Io } from './io.ts';
import { parsePlain, type Parsed } from './parse.ts';

/** Runs one command line and gives its exit code. Never throws: what goes wrong is said on stderr. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    const parsed = parsePlain(argv, COMMANDS) ?? (await explain(argv, io));
    if (typeof parsed === 'number') return parsed;
    const command = await parsed.command.load();
    return await command(parsed.input, io);
  } catch (error) {
    return await report(error, argv, io);
  }
}

async function explain(argv: readonly string[], io: Io): Promise<Parsed | number> {
  const { engineVersion } = await import('../engine/version.ts');
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    io.stdout.write(`${engineVersion()}\n`);
    return EXIT.ok;
  }
  const { parseOrExplain } = await import('./help.ts');
  return parseOrExplain(argv, { commands: COMMANDS, groups: GROUPS, version: engineVersion() }, io);
}

/** A usage error is the user's to mend; anything else that arrives here is a bug of ours, and nothing was judged clean. */
async function report(error: unknown, argv: readonly string[], io: Io): Promise<number> {
  const { harmless } = await import('../scanner/report/harmless.ts');
  if (isUsageError(error)) {
    const lines = error.message.split('\n').map((line) => harmless(line)).join('\n');
    io.stderr.write(`wasmgate: ${lines}\n${error.hint === null ? '' : `${harmless(error.hint)}\n`}`);
    return EXIT.usage;
  }
  const text = error instanceof Error ? error.message : String(error);
  const stack = argv.includes('--debug') && error instanceof Error ? `${error.stack ?? ''}\n` : 'Run again with --debug for the stack trace\n';
  io.stderr.write(`wasmgate: Internal error: ${harmless(text)}\n${stack.split('\n').map((line) => harmless(line)).join('\n')}`);
  return EXIT.notAnalysed;
}
