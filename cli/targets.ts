import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findTargets } from '../scanner/artifact/open.ts';
import { failureOf, readFile } from '../scanner/artifact/read-file.ts';
import { readStream } from '../scanner/artifact/read-stream.ts';
import type { Found, FoundManifests, TargetOptions } from '../scanner/artifact/target.ts';
import { listOption, textOption, type Input } from './command.ts';
import { UsageError } from '../engine/usage-error.ts';
import type { Io } from './io.ts';
import { platformOf, registryOf } from './remote-options.ts';
import { say } from './say.ts';

/** What the targets of a command line stand for. */
export interface FoundArtifacts {
  readonly found: readonly Found[];
  /** Number of targets, those of other shards left out. */
  readonly targets: number;
  /** Carriers of all manifests among the targets; null: there are no manifests. */
  readonly manifests: FoundManifests | null;
}

/**
 * The artifacts that the targets of a command line stand for, in target order, not yet read. Says on stderr which targets
 * hold none. Throws UsageError when no target was given or the list of targets cannot be read.
 */
export async function findArtifacts(input: Input, io: Io, read?: TargetOptions['read']): Promise<FoundArtifacts> {
  const named = [...input.args, ...(await listedTargets(textOption(input, 'targets-from'), io))];
  const targets = shardOf(named, textOption(input, 'shard'), io);
  if (named.length === 0 && textOption(input, 'targets-from') === undefined) {
    throw new UsageError('No target given', 'Name a file, a folder, an oci:// reference, or - for standard input: wasmgate scan app.wasm');
  }
  const stdinUses = [...targets, textOption(input, 'targets-from')].filter((target) => target === '-').length;
  if (stdinUses > 1) throw new UsageError('Standard input can be read only once', 'Use - for one target or for --targets-from');
  const registry = registryOf(input, io);
  const results = await findTargets(targets, {
    cwd: io.cwd, exclude: listOption(input, 'exclude'), stdin: () => io.stdin, stdinName: textOption(input, 'stdin-filename') ?? 'stdin',
    registry, platform: platformOf(input),
    ...(read === undefined ? {} : { read }),
  });
  if (registry !== null && results.some(({ found }) => found.some(({ remote }) => remote === true))) await usable(registry);
  for (const { target, found } of results) {
    if (found.length === 0) say(io, input, `No Wasm found in ${target}`, 'Folders and globs are searched by content; name a file itself to have it judged whatever it holds');
  }
  if (named.length === 0) say(io, input, 'The list of targets is empty');
  const manifests = results.map((result) => result.manifests).filter((one) => one !== null);
  return { found: results.flatMap(({ found }) => found), targets: targets.length, manifests: manifests.length === 0 ? null : { carriers: manifests.flatMap(({ carriers }) => carriers), faults: manifests.flatMap(({ faults }) => faults) } };
}

/** Options that make no sense are told before anything is judged, not with every target. */
async function usable(registry: NonNullable<TargetOptions['registry']>): Promise<void> {
  try {
    await registry();
  } catch (error) {
    if (error instanceof Error && error.name === 'RangeError') throw new UsageError(error.message, 'Hosts are written as host or host:port, address ranges as 10.0.0.0/8');
    throw error;
  }
}

/** The share of one of several runs: `2/5` is every fifth target from the second on; `job/5` takes its number from the index of a Kubernetes Job. */
function shardOf(targets: readonly string[], shard: string | undefined, { env }: Io): readonly string[] {
  if (shard === undefined) return targets;
  const [, given, all] = /^(\d{1,6}|job)\/([1-9]\d{0,5})$/.exec(shard) ?? [];
  const index = given === 'job' ? env['JOB_COMPLETION_INDEX'] : given;
  if (all === undefined || index === undefined || !/^\d{1,6}$/.test(index)) {
    throw new UsageError(`Not a share: --shard ${shard}`, 'Write 2/5 for the second of five, or job/5 in a Job with completionMode Indexed');
  }
  const first = given === 'job' ? Number(index) : Number(index) - 1;
  if (first < 0 || first >= Number(all)) throw new UsageError(`There is no share ${first + 1} of ${all}: --shard ${shard}`, 'Shares count from 1, the indices of a Job from 0');
  return targets.filter((_, at) => at % Number(all) === first);
}

/** Lines of a file; empty ones and those that start with # are left out. */
async function listedTargets(file: string | undefined, io: Io): Promise<string[]> {
  if (file === undefined) return [];
  const text = file === '-' ? await readText(io) : readList(resolve(io.cwd, file), file);
  return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

function readList(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw new UsageError(`${failureOf(shown, error).message} (--targets-from)`);
  }
}

async function readText(io: Io): Promise<string> {
  const read = await readStream(io.stdin, 'stdin');
  if ('failure' in read) throw new UsageError(read.failure.message);
  return new TextDecoder().decode(read.bytes);
}

/** Text of a small file that the user named as an argument, or of standard input for `-`. Throws UsageError. */
export async function readTextFile(file: string, io: Io): Promise<string> {
  if (file === '-') return await readText(io);
  return new TextDecoder().decode(readNamedFile(file, io));
}

/** Bytes of a file that the user named, by `option` where it is the value of one. Throws UsageError. */
export function readNamedFile(file: string, { cwd }: Io, option?: string): Uint8Array {
  const read = readFile(resolve(cwd, file), file);
  if ('failure' in read) throw new UsageError(read.failure.message + (option === undefined ? '' : ` (${option})`));
  return read.bytes;
}
