import type { AttestationResult, Provenance, SignatureEvidence, UsedTrustRoot } from '../provenance.ts';
import type { AttestationDemand, Requirement, SignatureDemand } from '../signature-demand.ts';
import { compareText } from '../compare-text.ts';
import { unmetReason } from './decide-attestation.ts';
import { distinctSigners } from './distinct-signers.ts';
import { SIGNATURE_PREDICATE } from './sigstore/statement.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';

/** Everything that an answer rests on. */
export interface Decidable {
  /** Of every signature and attestation that was found, in any order; what was found twice counts once. */
  readonly evidence: readonly EvidenceWithStatement[];
  /** What one policy asks; null: it names nobody. */
  readonly demand: SignatureDemand | null;
  readonly attestations: readonly AttestationDemand[];
  readonly roots: readonly UsedTrustRoot[];
}

/**
 * The answer of one policy: trusted where as many authorities signed as it requires; else invalid where nothing good by an authority was
 * found and something fails against known material; else error where something could not be fetched; else untrusted, unsupported, absent.
 * An attestation never counts as a signature. Evidence that is not trusted never takes trust away and never adds any. Never throws.
 */
export function decide({ evidence, demand, attestations, roots }: Decidable): Provenance {
  const sorted = ordered(evidence.map((one) => ({ ...one, status: heldTo(one, demand) })));
  const signatures = sorted.filter((one) => !isAttestation(one));
  const good = signatures.filter(({ status }) => status === 'trusted');
  return {
    status: demand !== null && satisfied(demand.require, good) ? 'trusted' : statusOf(signatures, sorted),
    authorities: [...new Set(good.map(({ authority }) => authority!))].toSorted(compareText),
    signatures: withoutRepetition(sorted.map(shown)),
    attestations: attestations.map((asked) => attestationResult(asked, sorted.filter(isAttestation))),
    trustRoots: roots.toSorted((a, b) => compareText(a.name, b.name)),
  };
}

/** The status of evidence, held against the demand once more: trust needs an authority of the policy, and partial coverage one that accepts it. */
function heldTo({ status, authority, covers }: EvidenceWithStatement, demand: SignatureDemand | null): SignatureEvidence['status'] {
  if (status !== 'trusted') return status;
  const known = demand?.authorities.find(({ name }) => name === authority);
  if (known === undefined) return 'untrusted';
  return covers === 'whole' || (known.kind === 'wasmSignature' && known.scope === 'partial') ? 'trusted' : 'untrusted';
}

function isAttestation({ predicateType }: SignatureEvidence): boolean {
  return predicateType !== null && predicateType !== SIGNATURE_PREDICATE;
}

function satisfied({ form, names, count }: Requirement, good: readonly EvidenceWithStatement[]): boolean {
  const counting = good.filter(({ authority }) => names.includes(authority!));
  // A requirement of nobody is no requirement: nothing satisfies it.
  if (names.length === 0 || count < 1) return false;
  if (form === 'anyOf') return counting.length > 0;
  if (form === 'allOf') return names.every((name) => counting.some(({ authority }) => authority === name));
  return distinctSigners(counting) >= count;
}

function statusOf(signatures: readonly SignatureEvidence[], all: readonly SignatureEvidence[]): Exclude<Provenance['status'], 'trusted' | 'unknown'> {
  const has = (status: SignatureEvidence['status']): boolean => signatures.some((one) => one.status === status);
  if (!has('trusted') && has('invalid')) return 'invalid';
  // What could not be fetched might have been a signature, whatever it looked like.
  if (all.some(({ status }) => status === 'error')) return 'error';
  if (has('trusted') || has('untrusted')) return 'untrusted';
  return has('unsupported') ? 'unsupported' : 'absent';
}

function attestationResult({ type, authorities, evaluate }: AttestationDemand, all: readonly EvidenceWithStatement[]): AttestationResult {
  const able = all.filter((one) => one.status === 'trusted' && one.predicateType === type && authorities.includes(one.authority!));
  const refused: string[] = [];
  for (const one of able) {
    const refusal = evaluate === undefined ? null : refusalOf(one, evaluate);
    if (refusal === null) return { type, status: 'satisfied', message: `Made by ${one.identity ?? 'a key'} for ${one.authority!}` };
    refused.push(refusal);
  }
  return { type, status: 'unmet', message: unmetReason(type, authorities, { refused, all }) };
}

/** Why a statement is not acceptable; null: it is. A condition that cannot be evaluated is never satisfied. */
function refusalOf({ statement, predicateType }: EvidenceWithStatement, evaluate: NonNullable<AttestationDemand['evaluate']>): string | null {
  if (statement === undefined || statement.predicateType !== predicateType) return 'What it says could not be read';
  try {
    const whole = statement.statement ?? { predicateType: statement.predicateType, predicate: statement.predicate };
    return evaluate(statement.predicate, whole) ? null : 'The condition of the policy is false for what it says';
  } catch (error) {
    return `The condition of the policy cannot be evaluated for what it says: ${error instanceof Error ? error.message.split('\n')[0]! : 'unknown reason'}`;
  }
}

/** As reports show it: without what decides and is never shown. */
function shown({ statement: _statement, signer: _signer, ...evidence }: EvidenceWithStatement): SignatureEvidence {
  return evidence;
}

const RANKS: readonly SignatureEvidence['status'][] = ['trusted', 'invalid', 'error', 'untrusted', 'unsupported'];

/** The best first, and what a report shows in an order that does not depend on that of discovery. */
function ordered(evidence: readonly EvidenceWithStatement[]): readonly EvidenceWithStatement[] {
  const keyed = evidence.map((one) => ({ one, rank: RANKS.indexOf(one.status), key: sortKey(one) }));
  return keyed.toSorted((a, b) => a.rank - b.rank || compareText(a.key, b.key)).map(({ one }) => one);
}

/** What was found twice is shown once. */
function withoutRepetition(evidence: readonly SignatureEvidence[]): readonly SignatureEvidence[] {
  return [...new Map(evidence.map((one) => [sortKey(one), one])).values()];
}

/** Without statements, which are hostile JSON of any depth. */
function sortKey({ authority, form, where, code, identity, issuer, predicateType, message, covers, uncovered, signedAt, status }: SignatureEvidence): string {
  return JSON.stringify([authority, form, where, code, identity, issuer, predicateType, message, covers, uncovered, signedAt, status]);
}
