import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { RULES } from '../../rules/index.ts';
import type { Found } from '../../scanner/artifact/target.ts';
import type { TargetProfile } from '../../scanner/carrier.ts';
import type { NamedRuntime } from '../../scanner/facts/runtimes/runtime.ts';
import type { AdvisorySource } from '../../scanner/scan-context.ts';
import type { ReportContext, ReportWriter } from '../../scanner/report/format.ts';
import { REPORT_FORMATS, type ReportFormatName } from '../../scanner/report/formats.ts';
import { addToSummary, emptySummary } from '../../scanner/report/summary.ts';
import { watchAccepted, type AcceptedWatch } from '../accepted.ts';
import { sayBugs } from '../bugs.ts';
import { listOption, switchOption, textOption, type Input } from '../command.ts';
import { chooseFormats, openDestination, type Destination, type FormatChoice } from '../destination.ts';
import { localScanner } from '../../engine/local-scanner.ts';
import { combine, EXIT, exitOfEntry, type FailOn } from '../exit-codes.ts';
import { sha256 } from '../../engine/hash.ts';
import { UsageError } from '../../engine/usage-error.ts';
import type { Io } from '../io.ts';
import { lookOf } from '../paint.ts';
import type { Policies } from '../../engine/policies.ts';
import { readPolicies } from '../policies.ts';
import { progressOn } from '../progress.ts';
import { provenanceSource } from '../provenance.ts';
import { cacheOf, registryOf } from '../remote-options.ts';
import { runtimeOption } from '../runtime-option.ts';
import { sarifOptions } from '../sarif-options.ts';
import { say } from '../say.ts';
import { scanAll, type ScanRun } from '../scan-all.ts';
import { referenceOf, type Scanner } from '../../engine/scanner.ts';
import { findArtifacts } from '../targets.ts';
import { engineVersion } from '../../engine/version.ts';

/** From here on threads repay their start: bytes of all artifacts together. */
const BYTES_WORTH_THREADS = 8 << 20;
const MOST_LANES = 16;
/** Targets fetched at a time, unless --jobs says otherwise. */
const FETCHES = 8;

interface Options {
  readonly failOn: FailOn;
  readonly exitZero: boolean;
  readonly jobs: number | null;
  readonly targetProfile: TargetProfile | null;
  readonly runtime: NamedRuntime | null;
  readonly formats: readonly FormatChoice<ReportFormatName>[];
}

/** `wasmgate scan`: judges every artifact of the targets and reports. */
export async function runScan(input: Input, io: Io): Promise<number> {
  const options = readOptions(input);
  const lists = listOption(input, 'accept');
  // Loaded when there is a list, since most runs have none.
  const accepted = lists.length === 0 ? [] : await (await import('../accepted-list.ts')).readAccepted(lists, io);
  const policies = await readPolicies(listOption(input, 'policy'), io, accepted);
  const { found } = await findArtifacts(input, io);
  if (found.length > 0) demandMatches(policies, found);
  const provenances = await provenanceSource(policies, { registry: registryOf(input, io), cwd: io.cwd, now: io.now });
  const reports = await openReports(options, { input, io, policies, expected: found.length });
  const watch = watchAccepted(accepted);
  const exit = await report(found, { reports, options, policies, provenances, watch, input, io });
  for (const line of watch.stale()) say(io, input, line);
  return exit === EXIT.denied && options.exitZero ? EXIT.ok : exit;
}

function readOptions(input: Input): Options {
  const jobs = textOption(input, 'jobs');
  if (jobs !== undefined && !/^[1-9]\d{0,2}$/.test(jobs)) throw new UsageError(`Not a number of threads: --jobs ${jobs}`, 'Give a number from 1 to 999');
  return {
    failOn: (textOption(input, 'fail-on') ?? 'error') as FailOn,
    exitZero: switchOption(input, 'exit-zero'),
    jobs: jobs === undefined ? null : Number(jobs),
    targetProfile: (textOption(input, 'target-profile') ?? null) as TargetProfile | null,
    runtime: runtimeOption(input),
    formats: chooseFormats(listOption(input, 'format'), textOption(input, 'output'), Object.keys(REPORT_FORMATS) as ReportFormatName[]),
  };
}

/** A policy that applies to nothing is a mistake in its `match`; silence would look like approval. */
function demandMatches(policies: Policies, found: readonly Found[]): void {
  const idle = policies.given.find((policy) => !found.some((one) => policy.matches(referenceOf(one))));
  if (idle) throw new UsageError(`Policy ${idle.name} matches no target`, `Its match.references fit none of: ${found.slice(0, 3).map(referenceOf).join(', ')}${found.length > 3 ? ', ...' : ''}; leave match out to judge everything`);
}

interface Report {
  readonly destination: Destination;
  readonly writer: ReportWriter;
}

interface Setting {
  readonly input: Input;
  readonly io: Io;
  readonly policies: Policies;
  readonly expected: number;
}

async function openReports({ formats }: Options, { input, io, policies, expected }: Setting): Promise<Report[]> {
  const reports: Report[] = [];
  for (const { format, file } of formats) {
    const context: ReportContext = {
      engineVersion: engineVersion(), policies: policies.shown, rules: RULES, expected,
      ...lookOf({ input, io, toFile: file !== null }),
      hash: sha256,
      sarif: await sarifOptions(format, input, io),
    };
    const create = await REPORT_FORMATS[format]();
    reports.push({ destination: openDestination(file, io), writer: create(context) });
  }
  return reports;
}

interface Run {
  readonly reports: readonly Report[];
  readonly options: Options;
  readonly policies: Policies;
  readonly provenances: ScanRun['provenances'];
  readonly watch: AcceptedWatch;
  readonly input: Input;
  readonly io: Io;
}

async function report(found: readonly Found[], { reports, options, policies, provenances, watch, input, io }: Run): Promise<number> {
  const summary = emptySummary();
  const progress = progressOn(io, !switchOption(input, 'quiet') && !switchOption(input, 'no-progress'));
  let exit: number = found.length === 0 ? EXIT.notAnalysed : EXIT.ok;
  const now = io.now.toISOString();
  const scanner = await scannerFor(found, { options, now, policies, input, io });
  try {
    for await (const entry of scanAll(found, { scanner, policies, cwd: io.cwd, provenances, parallel: placesFor(found, options, scanner) })) {
      addToSummary(summary, entry);
      watch.add(entry);
      exit = combine(exit, exitOfEntry(entry, options.failOn));
      progress.clear();
      for (const { destination, writer } of reports) destination.write(writer.add(entry));
      progress.step(summary.artifacts, found.length, entry.artifact.name);
    }
  } finally {
    progress.clear();
    await scanner.close();
  }
  for (const { destination, writer } of reports) {
    destination.write(writer.end(summary));
    destination.close();
  }
  return exit;
}

/** In this thread for little work, where starting threads would cost more than it brings. */
async function scannerFor(found: readonly Found[], { options, now, policies, input, io }: Pick<Run, 'options' | 'policies' | 'input' | 'io'> & { readonly now: string }): Promise<Scanner> {
  const lanes = Math.min(options.jobs ?? defaultLanes(found), found.length);
  const detail = switchOption(input, 'debug') ? 'stack' : 'message';
  const { targetProfile, runtime } = options;
  const detailed = options.formats.some(({ format }) => format === 'html');
  const { advisoryData, advisories } = await advisoriesOf(input, io);
  const cache = found.some((one) => one.remote === true) ? cacheOf(input, io) : null;
  if (lanes > 1) return (await import('../pool.ts')).openPool(lanes, { advisoryData, policies: policies.sources, accepted: policies.accepted, now, targetProfile, runtime, cache, detailed, detail }, { policies, stderr: io.stderr });
  return localScanner(policies, { advisories, now, targetProfile, runtime, cache, detailed, onBug: sayBugs(io.stderr, detail) });
}

/** The data is opened here also where threads will read it, so that a folder without any is a usage error. */
async function advisoriesOf(input: Input, io: Io): Promise<{ readonly advisoryData: string | null; readonly advisories: AdvisorySource | null }> {
  const folder = textOption(input, 'advisories');
  if (folder === undefined) return { advisoryData: null, advisories: null };
  const { openAdvisories } = await import('../../engine/advisories.ts');
  const advisoryData = resolve(io.cwd, folder);
  return { advisoryData, advisories: openAdvisories(advisoryData, folder) };
}

function defaultLanes(found: readonly Found[]): number {
  const bytes = found.reduce((sum, { size }) => sum + (size ?? 0), 0);
  return found.length > 1 && bytes >= BYTES_WORTH_THREADS ? Math.min(availableParallelism(), MOST_LANES) : 1;
}

/** What comes over the network is waited for, so more of it is under way than there are threads. */
function placesFor(found: readonly Found[], { jobs }: Options, { lanes }: Scanner): number {
  const remote = found.some((one) => one.remote === true);
  return remote ? Math.max(lanes, jobs ?? FETCHES) : lanes;
}
