import type { ExportFact, ImportFact } from './facts.ts';

/** What a guest exports only says what it offers to be called for; of these, that it runs or evaluates something inside its own sandbox. */
export const WITHIN_SANDBOX: ReadonlySet<string> = new Set(['dynamic-code', 'threads', 'runtime-support']);

/** Capabilities of what is imported and exported, sorted, each once. Glue without authority is left out. */
export function collectCapabilities(imports: Iterable<ImportFact>, exports: Iterable<ExportFact>): string[] {
  const found = new Set<string>();
  for (const { capability } of imports) found.add(capability);
  for (const { capability } of exports) if (capability !== null) found.add(capability);
  found.delete('runtime-support');
  return [...found].sort();
}

/** ABIs of what is imported and exported, and those recognised otherwise; sorted, each once. */
export function collectAbis(recognised: Iterable<string>, imports: Iterable<ImportFact>, exports: Iterable<ExportFact>): string[] {
  const found = new Set(recognised);
  for (const { abi } of imports) if (abi !== null) found.add(abi);
  for (const { abi } of exports) if (abi !== null) found.add(abi);
  return [...found].sort();
}
