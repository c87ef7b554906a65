import type { Opened } from '../../scanner/artifact.ts';
import { openAll } from '../../scanner/artifact/target.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import { leavesUnread } from '../../scanner/problem.ts';
import { didYouMean } from '../../scanner/policy/suggest.ts';
import { graphDot, graphMermaid } from '../../scanner/report/graph-drawing.ts';
import { graphText } from '../../scanner/report/graph-text.ts';
import { exportedFunctions, graphView } from '../../scanner/report/graph-view.ts';
import { graphObject, type GraphReport } from '../../scanner/report/graph.ts';
import { harmless, harmlessJson } from '../../scanner/report/harmless.ts';
import { UsageError } from '../../engine/usage-error.ts';
import { listOption, textOption, type Input } from '../command.ts';
import { chooseFormats, openDestination } from '../destination.ts';
import { combine, EXIT, exitOfFailure } from '../exit-codes.ts';
import { factsOf } from '../facts.ts';
import type { Io } from '../io.ts';
import { lookOf } from '../paint.ts';
import { findArtifacts } from '../targets.ts';

const FORMATS = ['text', 'json', 'dot', 'mermaid'] as const;

/** `wasmgate graph`: which functions and imports the entry points reach, and how. Exit 0 when every target was decoded to its end, else 3. */
export async function runGraph(input: Input, io: Io): Promise<number> {
  const destinations = chooseFormats(listOption(input, 'format'), textOption(input, 'output'), FORMATS).map(({ format, file }) => ({ format, file, destination: openDestination(file, io) }));
  const { reports, exit, exports } = await readAll(input, io);
  const from = textOption(input, 'from');
  if (from !== undefined && exit === EXIT.ok && reports.every(({ views }) => views.length === 0)) {
    throw new UsageError(`No function is exported as ${JSON.stringify(from)}${didYouMean(from, exports)}`, exports.length === 0 ? 'The target exports no function' : `Exported functions: ${exports.slice(0, HINTED).join(', ')}${exports.length > HINTED ? ', ...' : ''}`);
  }
  for (const { format, file, destination } of destinations) {
    destination.write(written(format, reports, () => lookOf({ input, io, toFile: file !== null })));
    destination.close();
  }
  return exit;
}

/** Exports named in a hint. */
const HINTED = 10;

interface Read {
  readonly reports: readonly GraphReport[];
  readonly exit: number;
  /** Names of the functions that the modules export. */
  readonly exports: readonly string[];
}

async function readAll(input: Input, io: Io): Promise<Read> {
  const { found } = await findArtifacts(input, io);
  const reports: GraphReport[] = [];
  const exports: string[] = [];
  let exit: number = found.length === 0 ? EXIT.notAnalysed : EXIT.ok;
  for (const one of found) {
    for await (const opened of openAll(one)) {
      const facts = readable(opened, io);
      exit = combine(exit, typeof facts === 'number' ? facts : EXIT.ok);
      if (typeof facts === 'number') continue;
      reports.push({ artifact: facts, views: facts.modules.flatMap((fact) => graphView(facts, fact, textOption(input, 'from')) ?? []) });
      if (textOption(input, 'from') !== undefined) exports.push(...facts.modules.flatMap(exportedFunctions));
    }
  }
  return { reports, exit, exports };
}

/** The facts of an artifact, or the exit code where there is nothing to draw, which is said on stderr. */
function readable(opened: Opened, io: Io): Facts | number {
  if ('failure' in opened) return said(io, opened.failure.message, exitOfFailure(opened.failure));
  if ('withoutWasm' in opened) return said(io, `No Wasm in ${opened.name} (${opened.withoutWasm.title})`, EXIT.ok);
  const facts = factsOf(opened, 'full');
  const problem = facts.problems.find(leavesUnread);
  return problem === undefined ? facts : said(io, `${opened.name}: no call graph: ${problem.message}`, EXIT.notAnalysed);
}

function said(io: Io, message: string, exit: number): number {
  io.stderr.write(`wasmgate: ${harmless(message)}\n`);
  return exit;
}

function written(format: (typeof FORMATS)[number], reports: readonly GraphReport[], look: () => ReturnType<typeof lookOf>): string {
  if (format === 'json') return `${harmlessJson(graphObject(reports), 2)}\n`;
  if (format === 'dot') return graphDot(reports);
  return format === 'mermaid' ? graphMermaid(reports) : graphText(reports, look());
}
