import type { Facts } from '../../scanner/facts/facts.ts';
import { leavesUnread } from '../../scanner/problem.ts';
import { harmless, harmlessJson } from '../../scanner/report/harmless.ts';
import { inspectObject } from '../../scanner/report/inspect.ts';
import { readOutline } from '../../scanner/artifact/read-outline.ts';
import { listOption, switchOption, textOption, type Input } from '../command.ts';
import { chooseFormats, openDestination, type Destination } from '../destination.ts';
import { combine, EXIT, exitOfFailure } from '../exit-codes.ts';
import { factsOf } from '../facts.ts';
import type { Io } from '../io.ts';
import { lookOf } from '../paint.ts';
import { findArtifacts } from '../targets.ts';

const FORMATS = ['text', 'json', 'jsonl'] as const;

/** Writes what was found out about one artifact after another. */
interface Writer {
  add(facts: Facts): string;
  end(): string;
}

/** `wasmgate inspect`: facts about every artifact, no judgement. Exit 0 when all were decoded without a problem, else 3. */
export async function runInspect(input: Input, io: Io): Promise<number> {
  const formats = chooseFormats(listOption(input, 'format'), textOption(input, 'output'), FORMATS);
  const found = await findArtifacts(input, io, switchOption(input, 'imports') ? readOutline : undefined);
  const reports: { destination: Destination; writer: Writer }[] = [];
  for (const { format, file } of formats) {
    reports.push({ destination: openDestination(file, io), writer: await writerFor(format, { input, io, many: found.length > 1, toFile: file !== null }) });
  }
  let exit: number = found.length === 0 ? EXIT.notAnalysed : EXIT.ok;
  for (const one of found) {
    const opened = await one.open();
    if ('failure' in opened) {
      io.stderr.write(`wasmgate: ${harmless(opened.failure.message)}\n`);
      exit = combine(exit, exitOfFailure(opened.failure));
      continue;
    }
    const facts = factsOf(opened, switchOption(input, 'imports') ? 'imports' : 'full');
    if (facts.problems.some(leavesUnread)) exit = combine(exit, EXIT.notAnalysed);
    for (const { destination, writer } of reports) destination.write(writer.add(facts));
  }
  for (const { destination, writer } of reports) {
    destination.write(writer.end());
    destination.close();
  }
  return exit;
}

interface Setting {
  readonly input: Input;
  readonly io: Io;
  readonly many: boolean;
  readonly toFile: boolean;
}

async function writerFor(format: (typeof FORMATS)[number], setting: Setting): Promise<Writer> {
  if (format === 'json') return jsonWriter(setting.many);
  if (format === 'jsonl') return { add: (facts) => `${harmlessJson(inspectObject(facts))}\n`, end: () => '' };
  const { inspectText } = await import('../../scanner/report/inspect-text.ts');
  const look = lookOf(setting);
  let first = true;
  return {
    add(facts) {
      const lead = first ? '' : '\n';
      first = false;
      return lead + inspectText(facts, look);
    },
    end: () => '',
  };
}

/** One artifact is one object; several stand in a list. */
function jsonWriter(many: boolean): Writer {
  if (!many) return { add: (facts) => `${harmlessJson(inspectObject(facts), 2)}\n`, end: () => '' };
  let started = false;
  return {
    add(facts) {
      const lead = started ? ',\n    ' : '{\n  "schemaVersion": 1,\n  "results": [\n    ';
      started = true;
      return lead + harmlessJson(inspectObject(facts), 2).replaceAll('\n', '\n    ');
    },
    end: () => (started ? '\n  ]\n}\n' : '{\n  "schemaVersion": 1,\n  "results": []\n}\n'),
  };
}
