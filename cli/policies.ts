import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { compilePolicies, type Policies, type PolicySource } from '../engine/policies.ts';
import { UsageError } from '../engine/usage-error.ts';
import { LEVELS } from '../policies/index.ts';
import type { Waiver } from '../scanner/policy/policy.ts';
import { didYouMean } from '../scanner/policy/suggest.ts';
import { findLevel, levelName, parseLevelName } from '../scanner/policy/vocabulary.ts';
import type { Io } from './io.ts';
import { readTextFile } from './targets.ts';

/** Reads and compiles the policies that `--policy` names. Throws UsageError with every mistake and its place. */
export async function readPolicies(named: readonly string[], io: Io, accepted: readonly Waiver[] = []): Promise<Policies> {
  const sources: PolicySource[] = [];
  for (const name of named) sources.push(await readSource(name, io));
  return compilePolicies(sources, accepted);
}

/** Reads one policy as the user named it: a built-in level, a file, or `-`. Throws UsageError where it is neither. */
export async function readSource(name: string, io: Io): Promise<PolicySource> {
  if (findLevel(name, LEVELS)) return { kind: 'level', name };
  const levels = LEVELS.map(({ name }) => name);
  if (parseLevelName(name) && name !== '-' && !existsSync(resolve(io.cwd, name))) {
    throw new UsageError(`No built-in level and no policy file is called ${name}${didYouMean(name, levels)}`, `Levels: ${LEVELS.map(levelName).join(', ')}`);
  }
  return { kind: 'file', name, text: await readTextFile(name, io) };
}
