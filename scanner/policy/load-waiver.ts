import type { Fault } from './fault.ts';
import { WAIVER_KEYS } from './keys.generated.ts';
import { withoutEchoes } from './load.ts';
import { schemaFault, type SchemaError } from './schema-faults.ts';
import { documentFaults } from './semantics.ts';
import type { Vocabulary } from './vocabulary.ts';
import type { WaiverDocument } from './waiver-document.generated.ts';
import { validate } from './waiver-validator.generated.ts';

/** What is wrong with a waiver that is parsed already, as one from a cluster is; empty: it is a WaiverDocument. Never throws. */
export function waiverFaults(value: unknown, vocabulary: Vocabulary): readonly Fault[] {
  const check = validate as ((document: unknown) => boolean) & { errors?: readonly SchemaError[] | null };
  if (!check(value)) return withoutEchoes(check.errors ?? []).map((error) => schemaFault(error, value, WAIVER_KEYS));
  // What it says means what the same words in the list of a policy mean.
  const { apiVersion, metadata, spec } = value as WaiverDocument;
  const faults = documentFaults({ apiVersion, kind: 'WasmPolicy', metadata, spec: { waivers: [spec] } }, vocabulary);
  return faults.map((fault) => ({ ...fault, pointer: fault.pointer.replace('/spec/waivers/0', '/spec') }));
}
