import { SCAN_BASE } from '../../engine/local-scanner.ts';
import type { Opened } from '../../scanner/artifact.ts';
import { scanEntry, unopenedEntry, withoutWasmEntry, type ScanEntry } from '../../scanner/report/entry.ts';
import { judgeRecord, type BareRecord } from '../../scanner/judge-record.ts';
import type { Policy } from '../../scanner/policy/policy.ts';
import { UNKNOWN_PROVENANCE, type Provenance } from '../../scanner/provenance.ts';
import { scanUnopened, scanWithoutWasm } from '../../scanner/scan-surroundings.ts';
import type { ScanContext } from '../../scanner/scan-context.ts';
import type { Examined, JudgingPolicy } from '../judging.ts';
import { NAME, placedFailure, placedFinding, placedName, placedPackaging, type Placed } from './places.ts';
import type { Known } from './searches.ts';
import type { Find } from './task.ts';

/** What judging needs of its surroundings. */
export interface JudgeTools {
  readonly onBug: ScanContext['onBug'];
}

/** Whom a find is judged for. */
export interface Whom {
  readonly placed: Placed;
  /** What policies match; null: the name. */
  readonly reference: string | null;
  readonly rootDigest: string | null;
}

/** Everything that is known of a source, to be judged by whatever policies are asked. */
export function examinedOf({ finds, proofs }: Known, whom: Whom, tools: JudgeTools): readonly Examined[] {
  return finds.map((find, index) => {
    const provenance = (policy: Policy): Provenance => placedProvenance(provenanceOf(policy as JudgingPolicy, (id) => proofs[id]?.[index] ?? null), whom.placed);
    const place = once(() => placedFind(find, whom));
    return {
      reference: whom.reference ?? placedName(find.name, whom.placed),
      rootDigest: whom.rootDigest,
      judge: (policies, now) => entryOf(place(), { ...SCAN_BASE, policies, now, provenance, onBug: tools.onBug }),
    };
  });
}

/** Something that was not searched, judged by what its carrier says. */
export function examinedOpened(opened: Exclude<Opened, { readonly bytes: Uint8Array }>, rootDigest: string | null, { onBug }: JudgeTools): Examined {
  return {
    reference: opened.reference ?? opened.name,
    rootDigest,
    judge: (policies, now) => openedEntry(opened, { ...SCAN_BASE, policies, now, provenance: () => UNKNOWN_PROVENANCE, onBug }),
  };
}

/** A policy that nobody established provenance for must not be told that nobody signed: it breaks, and the verdict is error. */
function provenanceOf({ name, material }: JudgingPolicy, proofOf: (id: string) => Provenance | null): Provenance {
  if (material === null) return UNKNOWN_PROVENANCE;
  const proof = proofOf(material.id);
  if (proof === null) throw new Error(`Nobody has established provenance for policy ${name}`);
  return proof;
}

/** Signatures inside the bytes were found where only a placeholder stood. */
function placedProvenance(provenance: Provenance, placed: Placed): Provenance {
  if (!provenance.signatures.some(({ where }) => where.startsWith(NAME))) return provenance;
  return { ...provenance, signatures: provenance.signatures.map((one) => ({ ...one, where: placedName(one.where, placed) })) };
}

type PlacedFind = { readonly kind: 'artifact'; readonly name: string; readonly record: BareRecord; readonly surroundings: Pick<Opened, 'reference' | 'carrier' | 'packaging'> } | { readonly kind: 'other'; readonly opened: Exclude<Opened, { readonly bytes: Uint8Array }> };

function placedFind(find: Find, { placed, reference }: Whom): PlacedFind {
  const name = placedName(find.name, placed);
  const packaging = find.packaging === null ? null : placedPackaging(find.packaging, placed);
  const surroundings = { carrier: placed.carrier, ...(reference !== null && { reference }), ...(packaging && { packaging }) };
  if (find.kind === 'unopened') return { kind: 'other', opened: { name, ...surroundings, failure: placedFailure(find.failure, placed) } };
  if (find.kind === 'withoutWasm') return { kind: 'other', opened: { name, ...surroundings, withoutWasm: find.withoutWasm } };
  const runs = Object.entries(find.record.runs).map(([key, { found, crashed }]) => [key, { crashed, found: found.map(({ rule, finding }) => ({ rule, finding: placedFinding(finding, placed) })) }] as const);
  return { kind: 'artifact', name, surroundings, record: { ...find.record, runs: Object.fromEntries(runs) } };
}

function entryOf(placed: PlacedFind, context: ScanContext): ScanEntry {
  if (placed.kind === 'other') return openedEntry(placed.opened, context);
  const { name, record, surroundings } = placed;
  return scanEntry(judgeRecord({ name, record, ...surroundings }, context), surroundings);
}

function openedEntry(opened: Exclude<Opened, { readonly bytes: Uint8Array }>, context: ScanContext): ScanEntry {
  return 'failure' in opened ? unopenedEntry(scanUnopened(opened, context), opened) : withoutWasmEntry(scanWithoutWasm(opened, context), opened);
}

function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | null = null;
  return () => (made ??= make());
}
