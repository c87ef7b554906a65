import { run } from '../../cli/run.ts';

/** What a command line that ran in this process left behind. */
export interface RunHere {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process: faster than a process of its own, where there are hundreds. */
export async function runHere(args: readonly string[], { cwd, now = new Date('2026-11-22T00:00:00Z'), env = {} }: { readonly cwd: string; readonly now?: Date; readonly env?: Record<string, string> }): Promise<RunHere> {
  let stdout = '';
  let stderr = '';
  const code = await run(args, {
    stdin: (async function* () { yield ''; })(),
    stdout: { write: (text) => { stdout += text; } },
    stderr: { write: (text) => { stderr += text; } },
    env, cwd, now,
  });
  return { code, stdout, stderr };
}
