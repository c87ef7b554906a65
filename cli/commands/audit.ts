import { sha256 } from '../../engine/hash.ts';
import { engineVersion } from '../../engine/version.ts';
import { RULES } from '../../rules/index.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { harmless } from '../../scanner/report/harmless.ts';
import type { ReportContext, ReportWriter } from '../../scanner/report/format.ts';
import { REPORT_FORMATS } from '../../scanner/report/formats.ts';
import { addToSummary, count, emptySummary } from '../../scanner/report/summary.ts';
import { type AuditedResult, concernsWasm } from '../../webhook/audit/judge-cluster.ts';
import type { AuditSummary } from '../../webhook/audit/run-audit.ts';
import { KubeError } from '../../webhook/kube/api.ts';
import type { Log } from '../../webhook/log.ts';
import type { AuditSettings, OpenAudit } from '../../webhook/open-audit.ts';
import { clusterReading, defaultLevel, examinerSettings, fileOption, policyFiles } from '../cluster-options.ts';
import { listOption, switchOption, textOption, type Input } from '../command.ts';
import { chooseFormats, openDestination, type Destination, type FormatChoice } from '../destination.ts';
import { combine, EXIT, exitOfEntry } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { lookOf } from '../paint.ts';
import { sarifOptions } from '../sarif-options.ts';
import { say } from '../say.ts';

const FORMATS = ['text', 'json', 'jsonl'] as const;
type FormatName = (typeof FORMATS)[number];

/** `wasmgate audit`: judges what runs in a cluster, once, and reports like `scan`. */
export async function runAuditCommand(input: Input, io: Io): Promise<number> {
  const formats = chooseFormats(listOption(input, 'format'), textOption(input, 'output'), FORMATS);
  const settings = await settingsOf(input, io);
  const { openAudit } = await import('../../webhook/open-audit.ts');
  try {
    const audit = await openAudit(settings);
    try {
      const exit = await report(audit, { formats, input, io });
      return exit === EXIT.denied && switchOption(input, 'exit-zero') ? EXIT.ok : exit;
    } finally {
      await audit.close();
    }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    io.stderr.write(`wasmgate: ${harmless(error.message)}\nNothing was judged: see that the API server answers and that the account may read what is to be judged\n`);
    return EXIT.outside;
  }
}

async function settingsOf(input: Input, io: Io): Promise<AuditSettings> {
  return {
    kubeconfig: fileOption(input, io, 'kubeconfig'),
    policies: await policyFiles(input, io),
    waiverNamespace: textOption(input, 'waiver-namespace') ?? textOption(input, 'namespace') ?? null,
    defaultLevel: defaultLevel(input),
    // Whoever only wants to look changes nothing.
    reports: (textOption(input, 'reports') ?? 'none') as AuditSettings['reports'],
    events: switchOption(input, 'events'),
    only: listOption(input, 'only-namespace').length === 0 ? null : listOption(input, 'only-namespace'),
    log: logOn(input, io),
    ...clusterReading(input),
    ...examinerSettings(input, io),
  };
}

/** What happens on the way, for people: faults always, the rest with --debug. */
function logOn(input: Input, io: Io): Log {
  const line = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    io.stderr.write(`wasmgate: ${harmless(`${message} ${JSON.stringify(fields)}`)}\n`);
  };
  const info = switchOption(input, 'debug') ? line : () => {};
  return { info, warn: switchOption(input, 'quiet') ? () => {} : line, error: line };
}

interface Report {
  readonly format: FormatName;
  readonly destination: Destination;
  readonly writer: ReportWriter;
}

interface Setting {
  readonly formats: readonly FormatChoice<FormatName>[];
  readonly input: Input;
  readonly io: Io;
}

async function report(audit: OpenAudit, setting: Setting): Promise<number> {
  const reports = await openReports(audit, setting);
  const summary = emptySummary();
  const isRepeat = repeatsOfWorkload();
  let exit: number = EXIT.ok;
  let repeated = 0;
  const outcome = await audit.run((result) => {
    for (const { enforce } of result.judged.judged.filter(concernsWasm)) {
      addToSummary(summary, enforce);
      exit = combine(exit, exitOfEntry(enforce, 'error'));
      const again = isRepeat(result, enforce);
      if (again) repeated++;
      for (const { format, destination, writer } of reports) if (format !== 'text' || (enforce.verdict !== 'allow' && !again)) destination.write(writer.add(enforce));
    }
  });
  for (const { destination, writer } of reports) {
    destination.write(writer.end(summary));
    destination.close();
  }
  sayOutcome(outcome, repeated, setting);
  if (outcome.broken > 0) exit = combine(exit, EXIT.notAnalysed);
  return outcome.notLookedAt.length > 0 ? combine(exit, EXIT.outside) : exit;
}

async function openReports({ policies }: OpenAudit, { formats, input, io }: Setting): Promise<readonly Report[]> {
  const reports: Report[] = [];
  for (const { format, file } of formats) {
    const context: ReportContext = {
      engineVersion: engineVersion(), policies, rules: RULES, expected: 0, ...lookOf({ input, io, toFile: file !== null }), hash: sha256,
      sarif: await sarifOptions(format, input, io),
    };
    const create = await REPORT_FORMATS[format]();
    reports.push({ format, destination: openDestination(file, io), writer: create(context) });
  }
  return reports;
}

/** Tells whether the same of the same workload has been seen: a hundred replicas are one thing to read. */
function repeatsOfWorkload(): (result: AuditedResult, entry: ScanEntry) => boolean {
  const seen = new Set<string>();
  return ({ object: { metadata } }, entry) => {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? metadata.uid ?? metadata.name;
    const rules = entry.findings.map(({ rule, message }) => `${rule} ${message}`);
    const key = sha256(JSON.stringify([owner, entry.artifact.name, entry.artifact.digest, entry.carrier?.pointer, entry.verdict, entry.reasons, rules]));
    return seen.has(key) || !seen.add(key);
  };
}

function sayOutcome({ objects, notLookedAt, broken, unresolved, reports }: AuditSummary, repeated: number, { input, io }: Setting): void {
  say(io, input, `Looked at ${count(objects, 'object')}${repeated > 0 ? `; ${count(repeated, 'result')} of further replicas say the same` : ''}${reports === null ? '' : `; ${count(reports.written, 'report')} written, ${reports.removed} removed`}`);
  if (unresolved > 0) say(io, input, `${count(unresolved, 'image')} could not be fetched`);
  for (const { kind, error } of notLookedAt) io.stderr.write(`wasmgate: ${harmless(`${kind} was not looked at: ${error.message}`)}\n`);
  if (broken > 0) io.stderr.write(`wasmgate: ${count(broken, 'object')} could not be judged for a fault of wasmgate; see above\n`);
}
