import type { SourceDemand } from '../scanner/signature-demand.ts';

/**
 * Names where a key, a certificate or a trust root comes from, within one policy: what `PolicyMaterial.sources` is kept by. Text that
 * stands in the policy itself needs no source, and has a key all the same.
 */
export function sourceKey(source: SourceDemand): string {
  if (source.from === 'data') return JSON.stringify(['data', source.text]);
  if (source.from === 'file') return JSON.stringify(['file', source.path]);
  return JSON.stringify([source.from, source.namespace, source.name, source.key]);
}
