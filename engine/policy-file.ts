import type { CompileOptions } from '../scanner/policy/build.ts';
import { compilePolicy } from '../scanner/policy/compile.ts';
import { formatFault, loadPolicies } from '../scanner/policy/load.ts';
import type { Policy } from '../scanner/policy/policy.ts';
import { UsageError } from './usage-error.ts';

/** Compiles every policy of a file's text. Throws UsageError that lists all mistakes with their places. */
export function compileFile(file: { readonly name: string; readonly text: string }, options: CompileOptions): Policy[] {
  const { documents, errors } = loadPolicies(file.text, file.name, options.vocabulary);
  if (errors.length > 0) throw new UsageError(`Policy ${file.name} cannot be used:\n${errors.map(formatFault).join('\n')}`, 'Nothing was judged');
  return documents.map((document) => compilePolicy(document, options));
}
