import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Artifact } from '../../scanner/artifact.ts';
import { artifactOf, readFile } from '../../scanner/artifact/read-file.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import type { Paint } from '../../scanner/report/format.ts';
import { harmless } from '../../scanner/report/harmless.ts';
import { count } from '../../scanner/report/summary.ts';
import { sayBugs } from '../bugs.ts';
import { switchOption, textOption, type Input } from '../command.ts';
import { localScanner } from '../../engine/local-scanner.ts';
import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../../engine/usage-error.ts';
import type { Io } from '../io.ts';
import { paintFor } from '../paint.ts';
import { caseFiles, readCase, type ExpectedFinding, type PolicyCase } from '../policy-case.ts';
import { readPolicies } from '../policies.ts';

/** `wasmgate policy test DIR`: runs every case and shows what came out differently. Exit 0 when all are as expected, else 1. */
export async function runPolicyTest(input: Input, io: Io): Promise<number> {
  const files = caseFiles(input.args[0] ?? '', io.cwd);
  const cases = files.map((file) => readCase(file, readFileSync(resolve(io.cwd, file), 'utf8')));
  const paint = paintFor(io.stdout, textOption(input, 'color') ?? 'auto', io);
  let failed = 0;
  for (const one of cases) {
    const differences = differencesOf(one, await runCase(one, io));
    if (differences.length > 0) failed++;
    if (differences.length > 0 || !switchOption(input, 'quiet')) io.stdout.write(`${caseLines(one, differences, paint).join('\n')}\n`);
  }
  io.stdout.write(`${paint('bold', `${count(cases.length, 'case')}: ${cases.length - failed} as expected, ${failed} not`)}\n`);
  return failed === 0 ? EXIT.ok : EXIT.denied;
}

async function runCase(one: PolicyCase, io: Io): Promise<ScanEntry> {
  const policies = await readPolicies(one.policies, io);
  const artifact = await artifactOfCase(one, io);
  return await localScanner(policies, { now: io.now.toISOString(), targetProfile: null, cache: null, onBug: sayBugs(io.stderr, 'message') }).scan(artifact, []);
}

async function artifactOfCase({ file, module }: PolicyCase, io: Io): Promise<Artifact> {
  if ('wat' in module) return await assembled(file, module.wat, file);
  const read = readFile(resolve(io.cwd, module.path), module.path);
  if ('failure' in read) throw new UsageError(`${file}: ${read.failure.message}`);
  return /\.wat$/i.test(module.path) ? await assembled(module.path, new TextDecoder().decode(read.bytes), file) : read;
}

async function assembled(name: string, text: string, file: string): Promise<Artifact> {
  const { watToWasm } = await import('../wat.ts');
  try {
    return artifactOf(name, await watToWasm(text));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What came out differently, a line each; empty when nothing did. */
function differencesOf({ verdict, findings }: PolicyCase, entry: ScanEntry): string[] {
  const lines: string[] = [];
  if (entry.verdict !== verdict) {
    lines.push(`- verdict ${verdict}`, `+ verdict ${entry.verdict}${entry.reasons[0] === undefined ? '' : `: ${entry.reasons[0]}`}`);
  }
  return findings === null ? lines : [...lines, ...findingDifferences(findings, entry)];
}

/** Every expected finding must exist, and every warning and error must be expected; notes may come along. */
function findingDifferences(expected: readonly ExpectedFinding[], entry: ScanEntry): string[] {
  const actual = entry.findings.filter(({ waived }) => !waived);
  const fits = (want: ExpectedFinding, rule: string, severity: string): boolean => want.rule === rule && (want.severity === null || want.severity === severity);
  const missing = expected.filter((want) => !actual.some(({ rule, severity }) => fits(want, rule, severity)));
  const extra = actual.filter(({ rule, severity }) => severity !== 'note' && !expected.some((want) => fits(want, rule, severity)));
  return [
    ...missing.map(({ rule, severity }) => `- finding ${rule}${severity === null ? '' : ` (${severity})`}`),
    ...new Set(extra.map(({ rule, severity, message }) => `+ finding ${rule} (${severity}): ${message}`)),
  ];
}

function caseLines({ file, description }: PolicyCase, differences: readonly string[], paint: Paint): string[] {
  const head = `${harmless(file)}${description === '' ? '' : `  ${paint('dim', harmless(description))}`}`;
  if (differences.length === 0) return [`${paint('good', 'ok')}    ${head}`];
  const lines = differences.map((line) => `      ${paint(line.startsWith('-') ? 'good' : 'bad', harmless(line))}`);
  return [`${paint('bad', 'FAIL')}  ${head}`, `      ${paint('dim', '- expected, + what came out')}`, ...lines];
}
