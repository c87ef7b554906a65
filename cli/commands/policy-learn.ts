import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LEVELS } from '../../policies/index.ts';
import { openAll, type Found } from '../../scanner/artifact/target.ts';
import { learnerFor, type Learned } from '../../scanner/policy/learn.ts';
import { findLevel, levelName } from '../../scanner/policy/vocabulary.ts';
import { leavesUnread } from '../../scanner/problem.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { harmless, harmlessName } from '../../scanner/report/harmless.ts';
import { learnedPolicyText } from '../../scanner/report/learned-policy.ts';
import { count } from '../../scanner/report/summary.ts';
import { localScanner } from '../../engine/local-scanner.ts';
import { compilePolicies } from '../../engine/policies.ts';
import { UsageError } from '../../engine/usage-error.ts';
import { sayBugs } from '../bugs.ts';
import { switchOption, textOption, type Input } from '../command.ts';
import { openDestination } from '../destination.ts';
import { combine, EXIT, exitOfEntry, exitOfFailure } from '../exit-codes.ts';
import { factsOf } from '../facts.ts';
import type { Io } from '../io.ts';
import { learnedSigners } from '../learned-signers.ts';
import { provenanceSource } from '../provenance.ts';
import { cacheOf, registryOf } from '../remote-options.ts';
import { say } from '../say.ts';
import { scanAll } from '../scan-all.ts';
import { findArtifacts } from '../targets.ts';

/** Digests that one expression of a policy can hold. */
const MOST_PINNED = 48;
/** Findings that are named where the policy cannot admit what it was learned from. */
const SHOWN = 10;

/**
 * `wasmgate policy learn`: the least policy that admits exactly the targets. It is judged with before it is written: where it would not admit
 * one of them, nothing is written and the exit code is that of the scan.
 */
export async function runPolicyLearn(input: Input, io: Io): Promise<number> {
  const level = levelOf(input);
  const file = textOption(input, 'output') ?? '-';
  if (file !== '-' && existsSync(resolve(io.cwd, file)) && !switchOption(input, 'force')) throw new UsageError(`${file} exists already`, 'Name another file, or overwrite it with --force');
  const kind = (textOption(input, 'kind') ?? 'WasmPolicy') as 'WasmPolicy' | 'ClusterWasmPolicy';
  const name = textOption(input, 'name') ?? 'learned';
  const signatures = learnedSigners(input, io);
  const { found } = await findArtifacts(input, io);
  const { learned, exit } = await learn(found, level, io);
  if (exit !== EXIT.ok || learned.artifacts === 0) return combine(exit, learned.artifacts === 0 ? EXIT.notAnalysed : EXIT.ok);
  const pin = switchOption(input, 'pin');
  if (pin && learned.digests.length > MOST_PINNED) throw new UsageError(`${learned.digests.length} artifacts are too many for --pin`, `A policy can name ${MOST_PINNED} digests; learn one policy for each team`);
  const text = learnedPolicyText(learned, { name, kind, level, pin, signatures });
  const judged = await judgedWith(text, found, { input, io });
  if (judged !== EXIT.ok) return judged;
  const destination = openDestination(file === '-' ? null : file, io);
  destination.write(text);
  destination.close();
  if (file !== '-') say(io, input, `Wrote ${file}: it admits ${count(learned.artifacts, 'artifact')} and nothing that can do more`, `Next: wasmgate scan TARGET --policy ${file}`);
  return EXIT.ok;
}

function levelOf(input: Input): (typeof LEVELS)[number] {
  const wanted = textOption(input, 'level') ?? 'baseline';
  const level = findLevel(wanted, LEVELS);
  if (!level) throw new UsageError(`No built-in level is called ${wanted}`, `Levels: ${LEVELS.map(levelName).join(', ')}`);
  return level;
}

/** What cannot be read to its end may need more than is seen, so nothing is learned from it. */
async function learn(found: readonly Found[], level: (typeof LEVELS)[number], io: Io): Promise<{ readonly learned: Learned; readonly exit: number }> {
  const learner = learnerFor(level);
  let exit: number = EXIT.ok;
  const refuse = (message: string, code: number): void => {
    io.stderr.write(`wasmgate: ${harmless(message)}\n`);
    exit = combine(exit, code);
  };
  for (const one of found) {
    for await (const opened of openAll(one)) {
      if ('withoutWasm' in opened) continue;
      if ('failure' in opened) {
        refuse(opened.failure.message, exitOfFailure(opened.failure));
        continue;
      }
      const facts = factsOf(opened, 'full');
      const unread = facts.problems.find(leavesUnread);
      if (unread === undefined) learner.add(facts);
      else refuse(`${opened.name}: not analysed, so nothing is learned: ${unread.message}`, EXIT.notAnalysed);
    }
  }
  const learned = learner.learned();
  for (const text of learned.notNameable) io.stderr.write(`wasmgate: ${harmlessName(`Import ${text} cannot be allowed alone: its name is empty or a pattern`, 300)}\n`);
  return { learned, exit };
}

/** Judges the targets with the policy; says what it does not admit and gives the exit code. */
async function judgedWith(text: string, found: readonly Found[], { input, io }: { readonly input: Input; readonly io: Io }): Promise<number> {
  const policies = await compilePolicies([{ kind: 'file', name: 'learned policy', text }]);
  const provenances = await provenanceSource(policies, { registry: registryOf(input, io), cwd: io.cwd, now: io.now });
  const cache = found.some(({ remote }) => remote === true) ? cacheOf(input, io) : null;
  const scanner = localScanner(policies, { now: io.now.toISOString(), targetProfile: null, runtime: null, cache, detailed: false, onBug: sayBugs(io.stderr, 'message') });
  let exit: number = EXIT.ok;
  for await (const entry of scanAll(found, { scanner, policies, cwd: io.cwd, provenances, parallel: 1 })) {
    const code = exitOfEntry(entry, 'error');
    if (code !== EXIT.ok) io.stderr.write(refusal(entry));
    exit = combine(exit, code);
  }
  await scanner.close();
  if (exit === EXIT.denied) io.stderr.write('No policy written: it would have to overlook these findings. Mend them, or accept each with a reason: wasmgate accept --help\n');
  return exit;
}

function refusal({ artifact, findings, reasons }: ScanEntry): string {
  const errors = findings.filter(({ severity, waived }) => severity === 'error' && waived === undefined);
  const lines = errors.length > 0 ? errors.slice(0, SHOWN).map(({ rule, message }) => `${rule}: ${message}`) : reasons.slice(0, SHOWN);
  const more = errors.length > SHOWN ? [`and ${errors.length - SHOWN} more`] : [];
  return [`wasmgate: No line of a policy admits ${harmlessName(artifact.name, 200)}:`, ...[...lines, ...more].map((line) => `  ${harmlessName(line, 300)}`), ''].join('\n');
}
