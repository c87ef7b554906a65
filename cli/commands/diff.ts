import { normalize } from 'node:path';
import type { Artifact, Failure, Opened } from '../../scanner/artifact.ts';
import { openAll } from '../../scanner/artifact/target.ts';
import { pairUp, type Sided } from '../../scanner/diff/pair.ts';
import { shapeOf } from '../../scanner/diff/shape.ts';
import { leavesUnread } from '../../scanner/problem.ts';
import { leastTrusted } from '../../scanner/provenance.ts';
import { diffObject, hasChange, hasIncrease, type DiffReport } from '../../scanner/report/diff.ts';
import { harmlessJson } from '../../scanner/report/harmless.ts';
import type { Provenances } from '../../engine/scanner.ts';
import { sha256 } from '../../engine/hash.ts';
import { UsageError } from '../../engine/usage-error.ts';
import { engineVersion } from '../../engine/version.ts';
import { listOption, textOption, type Input } from '../command.ts';
import { chooseFormats, openDestination } from '../destination.ts';
import { combine, EXIT, exitOfFailure } from '../exit-codes.ts';
import { factsOf } from '../facts.ts';
import type { Io } from '../io.ts';
import { lookOf } from '../paint.ts';
import { readPolicies } from '../policies.ts';
import { provenanceSource } from '../provenance.ts';
import { registryOf } from '../remote-options.ts';
import { findArtifacts } from '../targets.ts';

const FORMATS = ['text', 'json', 'markdown', 'html'] as const;
type Format = (typeof FORMATS)[number];

/** `wasmgate diff <old> <new>`: what the new version can do that the old one could not, and what else differs. Exit 1 only where --fail-on says so. */
export async function runDiff(input: Input, io: Io): Promise<number> {
  const [before, after] = input.args as [string, string];
  if (before === '-' && after === '-') throw new UsageError('Standard input can be read only once', 'Use - for one side');
  const destinations = chooseFormats(listOption(input, 'format'), textOption(input, 'output'), FORMATS).map(({ format, file }) => ({ format, file, destination: openDestination(file, io) }));
  const provenances = await asker(input, io);
  const old = await sideOf(before, { input, io, provenances });
  const now = await sideOf(after, { input, io, provenances });
  const report: DiffReport = { before, after, pairs: pairUp(old.sided, now.sided), engineVersion: engineVersion() };
  for (const { format, file, destination } of destinations) {
    destination.write(await written(format, report, { input, io, toFile: file !== null }));
    destination.close();
  }
  return combine(combine(old.exit, now.exit), judged(report, textOption(input, 'fail-on')));
}

function judged(report: DiffReport, failOn: string | undefined): number {
  const failed = (failOn === 'increase' && hasIncrease(report)) || (failOn === 'change' && hasChange(report));
  return failed ? EXIT.denied : EXIT.ok;
}

type Asker = ((opened: Opened) => Promise<Provenances>) | null;

/** Asks the authorities of the policies that are named; null: nobody is to be asked. */
async function asker(input: Input, io: Io): Promise<Asker> {
  const named = listOption(input, 'policy');
  if (named.length === 0) return null;
  return provenanceSource(await readPolicies(named, io), { registry: registryOf(input, io), cwd: io.cwd, now: io.now });
}

interface Side {
  readonly sided: readonly Sided[];
  readonly exit: number;
}

/** Everything one target holds; of each artifact only its shape is kept, so memory holds one artifact at a time. */
async function sideOf(target: string, { input, io, provenances }: { readonly input: Input; readonly io: Io; readonly provenances: Asker }): Promise<Side> {
  const { found } = await findArtifacts({ ...input, args: [target] }, io);
  const sided: Sided[] = [];
  let exit: number = EXIT.ok;
  for (const one of found) {
    for await (const opened of openAll(one)) {
      if ('withoutWasm' in opened) continue;
      const key = keyOf(opened, target);
      if ('failure' in opened) {
        sided.push(failed(opened.name, key, opened.failure));
        exit = combine(exit, exitOfFailure(opened.failure));
        continue;
      }
      const facts = factsOf(opened, 'full');
      const unread = facts.problems.find(leavesUnread)?.message ?? null;
      const asked = provenances === null ? [] : await provenances(opened);
      sided.push({ key, name: opened.name, shape: shapeOf(facts, asked.length === 0 ? null : leastTrusted(asked)), failure: unread });
      if (unread !== null) exit = combine(exit, EXIT.notAnalysed);
    }
  }
  return { sided, exit: sided.length === 0 ? EXIT.notAnalysed : exit };
}

function failed(name: string, key: string, { message }: Failure): Sided {
  return { key, name, shape: null, failure: message };
}

/** Path within the target, so that two folders or two tags of one image hold the same keys; of manifests the object and its field, whatever it refers to. */
function keyOf({ name, carrier }: Pick<Artifact, 'name' | 'carrier'>, target: string): string {
  const inner = name.includes('!/') ? name.slice(name.indexOf('!/')) : '';
  if (carrier !== undefined) return `${carrier.kind} ${carrier.namespace === null ? '' : `${carrier.namespace}/`}${carrier.name} ${carrier.pointer}${inner}`;
  const prefixes = [target, normalize(target)].map((text) => text.replace(/\/+$/, ''));
  const prefix = prefixes.find((text) => name === text || name.startsWith(`${text}/`) || name.startsWith(`${text}!/`));
  return prefix === undefined ? name : name.slice(prefix.length).replace(/^!?\//, '');
}

async function written(format: Format, report: DiffReport, look: { readonly input: Input; readonly io: Io; readonly toFile: boolean }): Promise<string> {
  if (format === 'json') return `${harmlessJson(diffObject(report), 2)}\n`;
  if (format === 'markdown') return (await import('../../scanner/report/diff-markdown.ts')).diffMarkdown(report);
  if (format === 'html') return (await import('../../scanner/report/html/diff-page.ts')).diffHtml(report, sha256);
  return (await import('../../scanner/report/diff-text.ts')).diffText(report, lookOf(look));
}
