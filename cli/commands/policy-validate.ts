import { formatFault, loadPolicies } from '../../scanner/policy/load.ts';
import { harmless } from '../../scanner/report/harmless.ts';
import { count } from '../../scanner/report/summary.ts';
import { switchOption, type Input } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { VOCABULARY } from '../../engine/policies.ts';
import { readTextFile } from '../targets.ts';

/** `wasmgate policy validate FILE...`: every mistake with its place, on standard error. Exit 2 when there is one. */
export async function runPolicyValidate(input: Input, io: Io): Promise<number> {
  let wrong = 0;
  for (const file of input.args) {
    const { documents, errors } = loadPolicies(await readTextFile(file, io), file === '-' ? 'stdin' : file, VOCABULARY);
    wrong += errors.length;
    for (const error of errors) io.stderr.write(`${formatFault(error).split('\n').map((line) => harmless(line)).join('\n')}\n`);
    if (errors.length === 0 && !switchOption(input, 'quiet')) io.stdout.write(`${harmless(file)}: ${count(documents.length, 'policy').replace('policys', 'policies')}, no mistakes\n`);
  }
  if (wrong > 0 && !switchOption(input, 'quiet')) io.stderr.write(`${count(wrong, 'mistake')}\n`);
  return wrong > 0 ? EXIT.usage : EXIT.ok;
}
