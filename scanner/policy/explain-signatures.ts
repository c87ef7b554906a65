import type { AttestationDemand, AuthorityDemand, KeyDemand, SignatureDemand, SourceDemand } from '../signature-demand.ts';

/** What a policy asks of signatures, in words. */
export interface ExplainedSignatures {
  /** `any of release, legacy`, `2 of ada, grace, linus`. */
  readonly require: string;
  readonly authorities: readonly { readonly name: string; readonly kind: AuthorityDemand['kind']; readonly who: string }[];
}

/** Who must have signed, and who the authorities are. */
export function explainSignatures({ require: { form, names, count }, authorities }: SignatureDemand): ExplainedSignatures {
  const how = form === 'anyOf' ? 'any of' : form === 'allOf' ? 'all of' : `${count} of`;
  return { require: `${how} ${names.join(', ')}`, authorities: authorities.map((authority) => ({ name: authority.name, kind: authority.kind, who: whoIs(authority) })) };
}

/** An attestation in one line: its type, who may have made it, and whether a condition is put. */
export function explainAttestation({ type, authorities, evaluate }: AttestationDemand): string {
  return `${type} by ${authorities.join(', ')}${evaluate === undefined ? '' : ', with a condition'}`;
}

function whoIs(authority: AuthorityDemand): string {
  switch (authority.kind) {
    case 'keyless': return `${identities(authority.identities)}, trust root ${authority.trustRoot}, log ${authority.transparencyLog}`;
    case 'key': return `${keys(authority.keys)}, log ${authority.transparencyLog}`;
    case 'certificate': return `${identities(authority.identities)}, under ${authority.roots.map(sourceText).join(', ')}`;
    case 'wasmSignature': return `${keys(authority.keys)}, ${authority.scope === 'wholeModule' ? 'the whole module' : `all but ${authority.sections.join(', ')}`}`;
    case 'wasmcloud': return authority.issuers.join(', ');
    default: return `${authority.identities.join('; ')}, under ${authority.certificates}, ${authority.level}`;
  }
}

function identities(all: readonly { readonly text: string }[]): string {
  return all.map(({ text }) => text).join('; ');
}

function keys(all: readonly KeyDemand[]): string {
  return all.map(({ source }) => sourceText(source)).join(', ');
}

function sourceText(source: SourceDemand): string {
  if (source.from === 'data') return 'a key in the policy';
  return source.from === 'file' ? source.path : `${source.from} ${source.name}`;
}
