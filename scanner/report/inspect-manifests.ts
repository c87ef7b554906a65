import type { CarrierFact, Scheme } from '../carrier.ts';
import type { ManifestFault } from '../kubernetes/object.ts';
import { carrierEntry, type CarrierEntry } from './entry.ts';
import type { ReportContext } from './format.ts';
import { harmlessName } from './harmless.ts';
import { hang } from './layout.ts';

/** What manifests carry, and what of them could not be read. */
export interface Manifests {
  readonly carriers: readonly CarrierFact[];
  readonly faults: readonly ManifestFault[];
}

/** The `carriers` and `faults` of an inspection as plain data. */
export interface ManifestsObject {
  readonly carriers: readonly CarrierEntry[];
  readonly faults: readonly ManifestFault[];
}

/** For JSON. */
export function manifestsObject({ carriers, faults }: Manifests): ManifestsObject {
  return { carriers: carriers.map(carrierEntry), faults };
}

type Look = Pick<ReportContext, 'width' | 'paint'>;

/** For people: each carrier with its place, what it refers to, and why it may be Wasm. Ends with a line break; empty where there is nothing. */
export function manifestsText({ carriers, faults }: Manifests, look: Look): string {
  const lines = [...carriers.flatMap((carrier) => carrierLines(carrier, look)), ...faults.flatMap((fault) => faultLines(fault, look))];
  return lines.length === 0 ? `${look.paint('dim', 'The manifests carry no image and no module')}\n` : `${lines.join('\n')}\n`;
}

/** What only the bytes can tell, by the way they come. */
const UNCERTAIN: Readonly<Partial<Record<Scheme, string>>> = { oci: 'an image; its registry tells whether it holds Wasm' };

function carrierLines({ kind, namespace, name, reference, scheme, pinned, certain, signals, role, file, line, pointer }: CarrierFact, { width, paint }: Look): string[] {
  const owner = `${harmlessName(kind, 80)} ${harmlessName(namespace === null ? name : `${namespace}/${name}`, 120)}`;
  const traits = [role === 'module' ? (certain ? 'Wasm' : UNCERTAIN[scheme] ?? 'perhaps Wasm') : role, scheme, pinned ? 'pinned' : 'not pinned'];
  const why = signals.length === 0 ? [] : hang('  ', `Signs of Wasm: ${signals.map((signal) => harmlessName(signal, 120)).join(', ')}`, width);
  return [
    paint('bold', reference.trim() === '' ? '(names nothing)' : harmlessName(reference, 200)),
    ...hang('  ', `${owner}, ${harmlessName(file, 160)}:${line} ${harmlessName(pointer, 200)}`, width),
    ...hang('  ', traits.join(', '), width),
    ...why,
  ];
}

function faultLines({ file, line, column, message }: ManifestFault, { width, paint }: Look): string[] {
  return hang(`${paint('unknown', 'Not read')}  `, `${harmlessName(file, 160)}:${line}:${column}: ${harmlessName(message, 300)}`, width);
}
