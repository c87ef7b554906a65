import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Found } from '../../scanner/artifact/target.ts';
import { acceptedText, type AcceptedFinding } from '../../scanner/policy/accepted.ts';
import { isDay } from '../../scanner/policy/day.ts';
import { didYouMean } from '../../scanner/policy/suggest.ts';
import { currentRule } from '../../scanner/policy/vocabulary.ts';
import { NEVER_WAIVED } from '../../scanner/policy/waive.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { harmlessName } from '../../scanner/report/harmless.ts';
import { count } from '../../scanner/report/summary.ts';
import { atLeast, type Severity } from '../../scanner/severity.ts';
import { localScanner } from '../../engine/local-scanner.ts';
import { VOCABULARY } from '../../engine/policies.ts';
import { UsageError } from '../../engine/usage-error.ts';
import { keyInList, readList } from '../accepted-list.ts';
import { sayBugs } from '../bugs.ts';
import { listOption, textOption, type Input } from '../command.ts';
import { openDestination } from '../destination.ts';
import { combine, EXIT, exitOfFailure } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readPolicies } from '../policies.ts';
import { provenanceSource } from '../provenance.ts';
import { cacheOf, registryOf } from '../remote-options.ts';
import { say } from '../say.ts';
import { scanAll } from '../scan-all.ts';
import { findArtifacts } from '../targets.ts';

const DEFAULT_FILE = 'wasmgate-accepted.yaml';

/** What the command line says of every finding that it accepts. */
interface Decision extends Pick<AcceptedFinding, 'reason' | 'owner' | 'expires'> {
  readonly file: string;
  readonly severity: Severity;
  /** null: all rules. */
  readonly rules: readonly string[] | null;
}

/**
 * `wasmgate accept`: judges the targets and writes their findings to a list for `scan --accept`. What is accepted already keeps its reason,
 * what is no longer there is taken out, other artifacts are left alone. Exit 1 where something cannot be accepted, 3 where something was not analysed.
 */
export async function runAccept(input: Input, io: Io): Promise<number> {
  const decision = decisionOf(input, io);
  const before = existsSync(resolve(io.cwd, decision.file)) ? await readList(decision.file, io) : [];
  const { found } = await findArtifacts(input, io);
  const list = new List(before, decision, io);
  let exit: number = found.length === 0 ? EXIT.notAnalysed : EXIT.ok;
  for await (const entry of entriesOf(found, input, io)) exit = combine(exit, list.add(entry));
  const { findings, messages, added, gone } = list.result();
  const destination = openDestination(decision.file, io);
  destination.write(acceptedText(findings, messages));
  destination.close();
  say(io, input, `Wrote ${decision.file}: ${count(findings.length, 'accepted finding')}, ${added} new, ${gone} taken out`, `Next: wasmgate scan TARGET --accept ${decision.file}`);
  return exit;
}

function decisionOf(input: Input, io: Io): Decision {
  const [reason, owner, expires] = ['reason', 'owner', 'expires'].map((name) => textOption(input, name)?.trim() ?? '') as [string, string, string];
  if (reason === '' || owner === '' || expires === '') throw new UsageError('A finding is accepted for a reason, by an owner, until a day', 'Give --reason, --owner and --expires');
  if (!isDay(expires)) throw new UsageError(`Not a day of the calendar: --expires ${expires}`, 'Write it as 2030-01-31');
  if (expires < io.now.toISOString().slice(0, 10)) throw new UsageError(`That day is over: --expires ${expires}`, 'Give the last day on which the findings are to be accepted');
  const rules = listOption(input, 'rule').map((rule) => currentRule(rule, VOCABULARY));
  const unknown = rules.find((rule) => !VOCABULARY.rules.includes(rule));
  if (unknown !== undefined) throw new UsageError(`Unknown rule: --rule ${unknown}${didYouMean(unknown, VOCABULARY.rules)}`);
  return { reason, owner, expires, file: textOption(input, 'output') ?? DEFAULT_FILE, severity: (textOption(input, 'severity') ?? 'error') as Severity, rules: rules.length === 0 ? null : rules };
}

async function* entriesOf(found: readonly Found[], input: Input, io: Io): AsyncGenerator<ScanEntry> {
  const policies = await readPolicies(listOption(input, 'policy'), io);
  const provenances = await provenanceSource(policies, { registry: registryOf(input, io), cwd: io.cwd, now: io.now });
  const cache = found.some(({ remote }) => remote === true) ? cacheOf(input, io) : null;
  const scanner = localScanner(policies, { now: io.now.toISOString(), targetProfile: null, runtime: null, cache, detailed: false, onBug: sayBugs(io.stderr, 'message') });
  yield* scanAll(found, { scanner, policies, cwd: io.cwd, provenances, parallel: 1 });
  await scanner.close();
}

/** The list as it comes about. */
class List {
  readonly #before: ReadonlyMap<string, AcceptedFinding>;
  readonly #now = new Map<string, AcceptedFinding>();
  readonly #messages = new Map<string, string>();
  readonly #seen = new Set<string>();
  readonly #decision: Decision;
  readonly #io: Io;

  constructor(before: readonly AcceptedFinding[], decision: Decision, io: Io) {
    this.#before = new Map(before.map((one) => [identity(one), one]));
    this.#decision = decision;
    this.#io = io;
  }

  /** Takes up the findings of one artifact, and gives the exit code for it. */
  add(entry: ScanEntry): number {
    const artifact = keyInList(entry.artifact.name, this.#decision.file, this.#io);
    if (entry.verdict === 'error') {
      this.#tell(`${entry.artifact.name}: not analysed, so nothing is accepted: ${entry.reasons[0] ?? ''}`);
      return entry.failure === null ? EXIT.notAnalysed : exitOfFailure(entry.failure);
    }
    this.#seen.add(artifact);
    const met = new Map<string, ScanEntry['findings'][number][]>();
    for (const finding of entry.findings) {
      if (finding.waived !== undefined) continue;
      const key = identity({ artifact, ...finding });
      if (!this.#before.has(key) && !this.#isMeant(finding)) continue;
      met.set(key, [...(met.get(key) ?? []), finding]);
    }
    let exit: number = EXIT.ok;
    for (const [key, findings] of met) exit = combine(exit, this.#accept(key, artifact, findings));
    return exit;
  }

  /** Whether the command line accepts such a finding now; one that is accepted already stays as it is where it does not. */
  #isMeant({ rule, severity: found }: Pick<ScanEntry['findings'][number], 'rule' | 'severity'>): boolean {
    const { severity, rules } = this.#decision;
    return atLeast(found, severity) && (rules === null || rules.includes(rule));
  }

  #accept(key: string, artifact: string, findings: readonly ScanEntry['findings'][number][]): number {
    const { rule, subject, message } = findings[0]!;
    if (NEVER_WAIVED.has(rule)) {
      this.#tell(`${artifact}: a finding of ${rule} cannot be accepted: ${message}`);
      return EXIT.denied;
    }
    const { reason, owner, expires } = this.#decision;
    const old = this.#before.get(key);
    const number = Math.max(findings.length, this.#now.get(key)?.count ?? 0);
    const holds = old !== undefined && old.count >= number && old.expires >= this.#io.now.toISOString().slice(0, 10);
    const kept = old !== undefined && (holds || !this.#isMeant(findings[0]!));
    this.#now.set(key, kept ? { ...old, count: Math.min(old.count, number) } : { rule, artifact, subject, count: number, reason, owner, expires });
    // Only what was found: the way to it has indices, which every build changes.
    this.#messages.set(key, harmlessName(message.split('; ')[0]!, 200));
    return EXIT.ok;
  }

  #tell(text: string): void {
    this.#io.stderr.write(`wasmgate: ${harmlessName(text, 400)}\n`);
  }

  result(): { readonly findings: readonly AcceptedFinding[]; readonly messages: ReadonlyMap<AcceptedFinding, string>; readonly added: number; readonly gone: number } {
    const elsewhere = [...this.#before].filter(([key, { artifact }]) => !this.#now.has(key) && !this.#seen.has(artifact));
    const findings = [...this.#now.values(), ...elsewhere.map(([, one]) => one)];
    const messages = new Map([...this.#now].map(([key, one]) => [one, this.#messages.get(key) ?? '']));
    return { findings, messages, added: [...this.#now.keys()].filter((key) => !this.#before.has(key)).length, gone: this.#before.size - elsewhere.length - [...this.#now.keys()].filter((key) => this.#before.has(key)).length };
  }
}

/** What makes two findings the same one. */
function identity({ rule, artifact, subject }: Pick<AcceptedFinding, 'rule' | 'artifact' | 'subject'>): string {
  return JSON.stringify([artifact, rule, subject]);
}
