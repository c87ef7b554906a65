import type { Failure } from '../artifact.ts';
import type { Provenance, SignatureEvidence } from '../provenance.ts';
import type { ReportContext, Tone } from './format.ts';
import { harmlessName } from './harmless.ts';
import { hang } from './layout.ts';

/** One element of `results` of `verify`. */
export interface Verified {
  readonly artifact: { readonly name: string; readonly digest: string | null; readonly size: number | null };
  readonly provenance: Provenance;
  readonly failure: Failure | null;
}

/** For JSON: the contract is docs/schema/verify.schema.json. What nothing is known of is left out. */
export function verifyObject({ artifact, provenance, failure }: Verified): Readonly<Record<string, unknown>> {
  return { artifact, provenance: provenanceObject(provenance), failure };
}

/** Provenance as plain data of a report. */
export function provenanceObject({ status, authorities, signatures, attestations, trustRoots }: Provenance): Readonly<Record<string, unknown>> {
  return { status, authorities, signatures: signatures.map(withoutNulls), attestations, trustRoots };
}

function withoutNulls(evidence: SignatureEvidence): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(evidence).filter(([, value]) => value !== null));
}

const WORDS: Readonly<Record<Provenance['status'], { readonly word: string; readonly tone: Tone }>> = {
  trusted: { word: 'TRUSTED', tone: 'good' },
  untrusted: { word: 'UNTRUSTED', tone: 'bad' },
  invalid: { word: 'INVALID', tone: 'bad' },
  absent: { word: 'NOT SIGNED', tone: 'bad' },
  unsupported: { word: 'UNSUPPORTED', tone: 'bad' },
  error: { word: 'NOT VERIFIED', tone: 'unknown' },
  unknown: { word: 'NOT VERIFIED', tone: 'unknown' },
};

/** For people: the answer, who vouches, and what became of every signature. Ends with a line break. */
export function provenanceText({ artifact, provenance, failure }: Verified, { width, paint }: Pick<ReportContext, 'width' | 'paint'>): string {
  const { word, tone } = WORDS[provenance.status];
  const lines = [`${paint(tone, word)}  ${paint('bold', harmlessName(artifact.name, 200))}`];
  if (artifact.digest !== null) lines.push(...hang('  ', artifact.digest, width));
  if (failure !== null) lines.push(...hang('  ', harmlessName(failure.message, 600), width));
  if (provenance.authorities.length > 0) lines.push(...hang('  ', `Vouched for by ${provenance.authorities.map((name) => harmlessName(name, 120)).join(', ')}`, width));
  for (const { type, status, message } of provenance.attestations) lines.push(...hang('  ', `Attestation ${harmlessName(type, 160)}: ${status}: ${harmlessName(message, 300)}`, width));
  for (const evidence of provenance.signatures) lines.push(...evidenceLines(evidence, width));
  return `${lines.join('\n')}\n`;
}

function evidenceLines({ form, status, code, message, identity, issuer, where, signedAt, uncovered, predicateType }: SignatureEvidence, width: number): string[] {
  const who = identity === null ? '' : ` by ${harmlessName(identity, 200)}${issuer === null ? '' : ` (${harmlessName(issuer, 160)})`}`;
  const about = predicateType === null ? '' : ` of type ${harmlessName(predicateType, 160)}`;
  return [
    ...hang('  ', `${form}${about} in ${harmlessName(where, 200)}: ${status} (${code})${who}`, width),
    ...hang('    ', harmlessName(message, 400), width),
    ...(signedAt === null ? [] : hang('    ', `Signed at ${signedAt}`, width)),
    ...(uncovered.length === 0 ? [] : hang('    ', `Not covered: ${uncovered.map((one) => harmlessName(one, 80)).join(', ')}`, width)),
  ];
}
