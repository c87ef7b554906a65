import type { Opened } from '../../scanner/artifact.ts';
import { openAll, type Found } from '../../scanner/artifact/target.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import { leavesUnread } from '../../scanner/problem.ts';
import { harmless } from '../../scanner/report/harmless.ts';
import { billOf } from '../../scanner/report/sbom/bill.ts';
import { sha256Bytes } from '../../engine/hash.ts';
import { UsageError } from '../../engine/usage-error.ts';
import { engineVersion } from '../../engine/version.ts';
import { textOption, type Input } from '../command.ts';
import { openDestination } from '../destination.ts';
import { combine, EXIT, exitOfFailure } from '../exit-codes.ts';
import { factsOf } from '../facts.ts';
import type { Io } from '../io.ts';
import { say } from '../say.ts';
import { findArtifacts } from '../targets.ts';

/** `wasmgate sbom`: one bill of materials for all artifacts of the targets. Exit 0 when all were decoded without a problem, else 3 (4 for a registry); what could be read is written all the same. */
export async function runSbom(input: Input, io: Io): Promise<number> {
  const timestamp = timestampOf(io);
  const { found } = await findArtifacts(input, io);
  const { artifacts, exit } = await readAll(found, { input, io });
  if (artifacts.length === 0) return combine(exit, EXIT.notAnalysed);
  const bill = billOf(artifacts, { hash: sha256Bytes, timestamp, version: engineVersion() });
  const text = textOption(input, 'format') === 'spdx' ? (await import('../../scanner/report/sbom/spdx.ts')).spdxText(bill) : (await import('../../scanner/report/sbom/cyclonedx.ts')).cycloneDxText(bill);
  const output = textOption(input, 'output');
  const destination = openDestination(output === '-' ? null : (output ?? null), io);
  destination.write(text);
  destination.close();
  return exit;
}

interface Setting { readonly input: Input; readonly io: Io }

async function readAll(found: readonly Found[], setting: Setting): Promise<{ readonly artifacts: readonly Facts[]; readonly exit: number }> {
  const artifacts: Facts[] = [];
  let exit: number = found.length === 0 ? EXIT.notAnalysed : EXIT.ok;
  for (const one of found) {
    for await (const opened of openAll(one)) {
      const { facts, code } = readOne(opened, setting);
      exit = combine(exit, code);
      if (facts !== null) artifacts.push(facts);
    }
  }
  return { artifacts, exit };
}

function readOne(opened: Opened, { input, io }: Setting): { readonly facts: Facts | null; readonly code: number } {
  if ('failure' in opened) {
    io.stderr.write(`wasmgate: ${harmless(opened.failure.message)}\n`);
    return { facts: null, code: exitOfFailure(opened.failure) };
  }
  if ('withoutWasm' in opened) {
    say(io, input, `No Wasm in ${opened.name}`);
    return { facts: null, code: EXIT.ok };
  }
  const facts = factsOf(opened, 'full');
  const unread = new Set(facts.problems.filter(leavesUnread).map(({ message }) => message));
  for (const message of unread) io.stderr.write(`wasmgate: ${harmless(`${opened.name}: ${message}`)}\n`);
  return { facts, code: unread.size > 0 ? EXIT.notAnalysed : EXIT.ok };
}

/** Reproducible builds say when: seconds since 1970. Without it the document names no time. */
function timestampOf({ env }: Io): string | null {
  const seconds = env['SOURCE_DATE_EPOCH'];
  if (seconds === undefined || seconds === '') return null;
  if (!/^\d{1,12}$/.test(seconds) || Number(seconds) > 253_402_300_799) throw new UsageError(`Not a time: SOURCE_DATE_EPOCH=${seconds}`, 'Give seconds since 1970, or leave it unset');
  return new Date(Number(seconds) * 1000).toISOString();
}
