import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LEVELS } from '../../policies/index.ts';
import { policyTemplate } from '../../scanner/policy/template.ts';
import { findLevel, levelName } from '../../scanner/policy/vocabulary.ts';
import { switchOption, textOption, type Input } from '../command.ts';
import { openDestination } from '../destination.ts';
import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../../engine/usage-error.ts';
import type { Io } from '../io.ts';
import { say } from '../say.ts';

/** `wasmgate policy init [file]`: writes a commented policy; `-` prints it. */
export async function runPolicyInit(input: Input, io: Io): Promise<number> {
  const file = input.args[0] ?? 'wasmgate.yaml';
  const wanted = textOption(input, 'level') ?? 'baseline';
  const level = findLevel(wanted, LEVELS);
  if (!level) throw new UsageError(`No built-in level is called ${wanted}`, `Levels: ${LEVELS.map(levelName).join(', ')}`);
  if (file !== '-' && existsSync(resolve(io.cwd, file)) && !switchOption(input, 'force')) {
    throw new UsageError(`${file} exists already`, 'Name another file, or overwrite it with --force');
  }
  const destination = openDestination(file === '-' ? null : file, io);
  destination.write(policyTemplate(level));
  destination.close();
  if (file !== '-') say(io, input, `Wrote ${file}`, `Next: wasmgate scan app.wasm --policy ${file}`);
  return EXIT.ok;
}
