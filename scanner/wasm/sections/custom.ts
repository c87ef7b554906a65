import type { Feature } from '../features.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';

/** Custom sections that by their name alone say that a feature is used. */
const SECTION_FEATURES: Readonly<Record<string, Feature>> = {
  'metadata.code.branch_hint': 'branch-hinting',
  'metadata.code.compilation_priority': 'compilation-hints',
  'metadata.code.compilation_order': 'compilation-hints',
  'metadata.code.instr_freq': 'compilation-hints',
  'metadata.code.call_targets': 'compilation-hints',
};

/** Ordinary toolchains write these once; a second one can show a reader other names than an engine uses. */
const ONCE = new Set(['name', 'producers']);

/** A custom section: its name is part of the format, its content is not judged here. Core specification 5.5.3. */
export function readCustomSection(reader: ByteReader, draft: ModuleDraft): void {
  const start = reader.position;
  const name = reader.name();
  const offset = reader.position;
  const length = reader.left;
  if (draft.customsOnce.has(name)) draft.addAnomaly({ kind: 'repeated-custom-section', message: `Custom section "${name}" occurs again`, offset: start, length: reader.end - start });
  if (ONCE.has(name)) draft.customsOnce.add(name);
  const feature = SECTION_FEATURES[name];
  if (feature) draft.features.add(feature, start);
  draft.customs.push({ name, offset, length, payload: reader.take(length) });
}
