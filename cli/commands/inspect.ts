import type { Opened } from '../../scanner/artifact.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import { leavesUnread } from '../../scanner/problem.ts';
import { harmless, harmlessJson } from '../../scanner/report/harmless.ts';
import { inspectObject } from '../../scanner/report/inspect.ts';
import { manifestsObject, type ManifestsObject } from '../../scanner/report/inspect-manifests.ts';
import { SCHEMA_VERSION } from '../../scanner/report/json.ts';
import { readOutline } from '../../scanner/artifact/read-outline.ts';
import { openAll, type Found, type FoundManifests } from '../../scanner/artifact/target.ts';
import { listOption, switchOption, textOption, type Input } from '../command.ts';
import { chooseFormats, openDestination, type Destination } from '../destination.ts';
import { combine, EXIT, exitOfFailure } from '../exit-codes.ts';
import { factsOf } from '../facts.ts';
import type { Io } from '../io.ts';
import { lookOf } from '../paint.ts';
import { runtimeOption } from '../runtime-option.ts';
import { findArtifacts } from '../targets.ts';

const FORMATS = ['text', 'json', 'jsonl'] as const;

/** Writes what was found out about one artifact after another. */
interface Writer {
  add(facts: Facts): string;
  end(): string;
}

/** `wasmgate inspect`: carriers of manifests, and facts about every artifact; no judgement. Exit 0 when all were decoded without a problem, else 3. */
export async function runInspect(input: Input, io: Io): Promise<number> {
  runtimeOption(input);
  const formats = chooseFormats(listOption(input, 'format'), textOption(input, 'output'), FORMATS);
  const { found, targets, manifests } = await findArtifacts(input, io, switchOption(input, 'imports') ? readOutline : undefined);
  const reports: Report[] = [];
  for (const { format, file } of formats) {
    const setting = { input, io, many: targets > 1 || found.length > 1 || manifests !== null, toFile: file !== null, manifests };
    reports.push({ destination: openDestination(file, io), writer: await writerFor(format, setting) });
  }
  const nothing = found.length === 0 && manifests === null;
  const faulty = manifests !== null && manifests.faults.length > 0;
  // With --no-fetch the carriers are the answer; what they refer to elsewhere is left alone, and is no failure.
  const here = switchOption(input, 'no-fetch') ? found.filter(({ elsewhere }) => elsewhere !== true) : found;
  const exit = combine(nothing || faulty ? EXIT.notAnalysed : EXIT.ok, await inspectAll(here, reports, { input, io }));
  for (const { destination, writer } of reports) {
    destination.write(writer.end());
    destination.close();
  }
  return exit;
}

interface Report {
  readonly destination: Destination;
  readonly writer: Writer;
}

async function inspectAll(found: readonly Found[], reports: readonly Report[], about: { readonly input: Input; readonly io: Io }): Promise<number> {
  let exit: number = EXIT.ok;
  for (const one of found) for await (const opened of openAll(one)) exit = combine(exit, inspected(opened, reports, about));
  return exit;
}

/** Reports one artifact, and gives its exit code. */
function inspected(opened: Opened, reports: readonly Report[], { input, io }: { readonly input: Input; readonly io: Io }): number {
  if ('failure' in opened) {
    io.stderr.write(`wasmgate: ${harmless(opened.failure.message)}\n`);
    return exitOfFailure(opened.failure);
  }
  if ('withoutWasm' in opened) {
    if (!switchOption(input, 'quiet')) io.stderr.write(`wasmgate: ${harmless(`No Wasm in ${opened.name} (${opened.withoutWasm.title})`)}\n`);
    return EXIT.ok;
  }
  const runtime = runtimeOption(input);
  const facts = factsOf(opened, switchOption(input, 'imports') ? 'imports' : 'full', { now: io.now.toISOString(), ...(runtime && { runtime }) });
  for (const { destination, writer } of reports) destination.write(writer.add(facts));
  return facts.problems.some(leavesUnread) ? EXIT.notAnalysed : EXIT.ok;
}

interface Setting {
  readonly input: Input;
  readonly io: Io;
  readonly many: boolean;
  readonly toFile: boolean;
  readonly manifests: FoundManifests | null;
}

async function writerFor(format: (typeof FORMATS)[number], setting: Setting): Promise<Writer> {
  const manifests = setting.manifests === null ? null : manifestsObject(setting.manifests);
  if (format === 'json') return jsonWriter(setting.many, manifests);
  if (format === 'jsonl') return jsonlWriter(manifests);
  const { inspectText } = await import('../../scanner/report/inspect-text.ts');
  const { manifestsText } = await import('../../scanner/report/inspect-manifests.ts');
  const look = lookOf(setting);
  let lead = setting.manifests === null ? '' : manifestsText(setting.manifests, look);
  return {
    add(facts) {
      const text = lead + inspectText(facts, look);
      lead = '\n';
      return text;
    },
    end: () => (lead === '\n' ? '' : lead),
  };
}

function jsonlWriter(manifests: ManifestsObject | null): Writer {
  let lead = manifests === null ? '' : `${harmlessJson({ schemaVersion: SCHEMA_VERSION, ...manifests })}\n`;
  return {
    add(facts) {
      const line = `${lead}${harmlessJson(inspectObject(facts))}\n`;
      lead = '';
      return line;
    },
    end: () => lead,
  };
}

/**
 * One artifact is one object; several stand in a list, after the carriers that brought them. A package tells only when it is open how
 * many it holds, so the first object waits for a second one.
 */
function jsonWriter(many: boolean, manifests: ManifestsObject | null): Writer {
  const carried = manifests === null ? '' : `${harmlessJson(manifests, 2).slice(2, -2)},\n`;
  const head = `{\n  "schemaVersion": ${SCHEMA_VERSION},\n${carried}  "results": [`;
  let started = false;
  let held: string | null = null;
  const listed = (text: string): string => {
    const lead = started ? ',\n    ' : `${head}\n    `;
    started = true;
    return lead + text.replaceAll('\n', '\n    ');
  };
  return {
    add(facts) {
      const text = harmlessJson(inspectObject(facts), 2);
      if (!many && !started && held === null) {
        held = text;
        return '';
      }
      const before = held === null ? '' : listed(held);
      held = null;
      return before + listed(text);
    },
    end() {
      if (held !== null) return `${held}\n`;
      if (started) return '\n  ]\n}\n';
      return many ? `${head}]\n}\n` : '';
    },
  };
}
