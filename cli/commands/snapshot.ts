import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { readSnapshot } from '../../scanner/artifact/read-snapshot.ts';
import type { Opened } from '../../scanner/artifact.ts';
import { openAll } from '../../scanner/artifact/target.ts';
import { leavesUnread } from '../../scanner/problem.ts';
import { harmless } from '../../scanner/report/harmless.ts';
import { compareSnapshot, type Snapshot, SNAPSHOT_SUFFIX, snapshotText } from '../../scanner/snapshot.ts';
import { switchOption, type Input } from '../command.ts';
import { openDestination } from '../destination.ts';
import { combine, EXIT, exitOfFailure } from '../exit-codes.ts';
import { factsOf } from '../facts.ts';
import { UsageError } from '../../engine/usage-error.ts';
import type { Io } from '../io.ts';
import { findArtifacts } from '../targets.ts';

/** What became of one snapshot: a line for the user, and the exit code it stands for. */
interface Outcome { readonly line: string; readonly exit: number }

/** `wasmgate snapshot`: writes the capabilities of each artifact beside it, or with --check says what is new since. */
export async function runSnapshot(input: Input, io: Io): Promise<number> {
  if (input.args.includes('-')) throw new UsageError('Standard input has no place for a snapshot beside it', 'Give a file');
  const { found } = await findArtifacts(input, io);
  let exit: number = found.length === 0 ? EXIT.notAnalysed : EXIT.ok;
  for (const one of found) {
    for await (const opened of openAll(one)) {
      const outcome = outcomeOf(opened, switchOption(input, 'check') ? compared : written, io);
      io.stdout.write(`${harmless(outcome.line)}\n`);
      exit = combine(exit, outcome.exit);
    }
  }
  return exit;
}

/** Capabilities of an artifact that was not read to its end are not known, so nothing is written or compared for it. */
function outcomeOf(artifact: Opened, next: (name: string, capabilities: readonly string[], io: Io) => Outcome, io: Io): Outcome {
  if ('failure' in artifact) return { line: artifact.failure.message, exit: exitOfFailure(artifact.failure) };
  if ('withoutWasm' in artifact) return { line: `${artifact.name}: no Wasm in this ${artifact.withoutWasm.title}`, exit: EXIT.notAnalysed };
  if (artifact.packaging !== undefined || artifact.carrier !== undefined) return { line: `${artifact.name}: no file of its own, so no place for a snapshot`, exit: EXIT.notAnalysed };
  const facts = factsOf(artifact, 'full');
  const problem = facts.problems.find(leavesUnread);
  if (problem) return { line: `${artifact.name}: not analysed, so no snapshot: ${problem.message}`, exit: EXIT.notAnalysed };
  return next(artifact.name, facts.capabilities, io);
}

/** Never through a symbolic link: a checkout could point it at any file of whoever runs this. */
function written(name: string, capabilities: readonly string[], io: Io): Outcome {
  const link = lstatSync(resolve(io.cwd, name + SNAPSHOT_SUFFIX), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (link) throw new UsageError(`Cannot write ${name}${SNAPSHOT_SUFFIX}: it is a symbolic link`, 'Remove the link; a snapshot is a file of its own beside the binary');
  const destination = openDestination(name + SNAPSHOT_SUFFIX, io);
  destination.write(snapshotText(capabilities));
  destination.close();
  return { line: `${name}${SNAPSHOT_SUFFIX}: ${capabilities.length} ${capabilities.length === 1 ? 'capability' : 'capabilities'}`, exit: EXIT.ok };
}

/** A snapshot that cannot be read is an outcome of its own, so that the others are still compared. */
function compared(name: string, capabilities: readonly string[], io: Io): Outcome {
  try {
    const snapshot = readSnapshot(name, io.cwd);
    if (snapshot) return difference(snapshot, { name, capabilities });
    return { line: `${name}: no snapshot yet; write ${name}${SNAPSHOT_SUFFIX} with "wasmgate snapshot ${name}"`, exit: EXIT.denied };
  } catch (error) {
    return { line: error instanceof SyntaxError ? error.message : `Cannot read ${name}${SNAPSHOT_SUFFIX}: ${error instanceof Error ? error.message : String(error)}`, exit: EXIT.usage };
  }
}

function difference(snapshot: Snapshot, { name, capabilities }: { readonly name: string; readonly capabilities: readonly string[] }): Outcome {
  const { added, removed } = compareSnapshot(snapshot, capabilities);
  if (added.length + removed.length === 0) return { line: `${name}: as in the snapshot`, exit: EXIT.ok };
  const parts = [added.length > 0 ? `new: ${added.join(', ')}` : '', removed.length > 0 ? `gone: ${removed.join(', ')}` : ''].filter(Boolean);
  return { line: `${name}: ${parts.join('; ')}; accept with "wasmgate snapshot ${name}"`, exit: added.length > 0 ? EXIT.denied : EXIT.ok };
}
