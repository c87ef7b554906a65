import type { AttestationDemand, AuthorityDemand, IdentityDemand, KeyDemand, NamedSource, Requirement, SignatureDemand, SourceDemand } from '../signature-demand.ts';
import { PUBLIC_GOOD } from '../signature-demand.ts';
import { compileCondition } from './cel.ts';
import type { PolicyDocument } from './document.generated.ts';
import { compilePattern } from './re2.ts';
import { segmentPrefix } from './segment-prefix.ts';

type Spec = PolicyDocument['spec'];
type Signatures = NonNullable<Spec['signatures']>;
type Authority = NonNullable<Signatures['authorities']>[number];
type Identity = NonNullable<Authority['keyless']>['identities'][number];
type WrittenSource = NonNullable<Authority['certificate']>['roots'][number];

/** The document's `signatures` as a demand; null where it has none. Throws where `signatureFaults` finds something. */
export function signatureDemand({ signatures }: Spec): SignatureDemand | null {
  if (signatures === undefined) return null;
  const authorities = (signatures.authorities ?? []).map(authorityDemand);
  return {
    require: requirement(signatures.require, authorities.map(({ name }) => name)),
    authorities,
    trustRoots: (signatures.trustRoots ?? []).map(namedSource),
    certificates: (signatures.certificates ?? []).map(namedSource),
  };
}

/** The document's `attestations`, conditions compiled. Throws an ExpressionError. */
export function attestationDemands({ attestations = [] }: Spec): readonly AttestationDemand[] {
  return attestations.map(({ type, authorities, cel }) => ({ type, authorities, ...(cel === undefined ? {} : { evaluate: compileCondition(cel).evaluate }) }));
}

function requirement(written: Signatures['require'], all: readonly string[]): Requirement {
  if (written?.allOf !== undefined) return { form: 'allOf', names: [...new Set(written.allOf)], count: new Set(written.allOf).size };
  if (written?.of !== undefined) return { form: 'atLeast', names: [...new Set(written.of)], count: written.atLeast ?? written.of.length };
  return { form: 'anyOf', names: [...new Set(written?.anyOf ?? all)], count: 1 };
}

function authorityDemand({ name, keyless, key, certificate, wasmSignature, wasmcloud, notation }: Authority): AuthorityDemand {
  if (keyless !== undefined) return { name, kind: 'keyless', ...keylessDemand(keyless) };
  if (key !== undefined) {
    const transparencyLog = key.transparencyLog ?? 'ifPresent';
    return { name, kind: 'key', keys: [keyDemand(key)], transparencyLog, trustRoot: transparencyLog === 'ignore' ? null : (key.trustRootRef ?? PUBLIC_GOOD) };
  }
  if (certificate !== undefined) return { name, kind: 'certificate', ...certificateDemand(certificate) };
  if (wasmSignature !== undefined) return { name, kind: 'wasmSignature', keys: wasmSignature.keys.map(keyDemand), scope: wasmSignature.scope ?? 'wholeModule', sections: wasmSignature.sections ?? [] };
  if (wasmcloud !== undefined) return { name, kind: 'wasmcloud', issuers: wasmcloud.issuers };
  if (notation !== undefined) return { name, kind: 'notation', certificates: notation.caRef, timestampCertificates: notation.tsaRef ?? null, identities: notation.identities, level: notation.level ?? 'strict' };
  throw new TypeError(`Authority ${name} says nothing of how it signs`);
}

function keylessDemand({ trustRootRef, identities, transparencyLog, sct, timestamps }: NonNullable<Authority['keyless']>): Omit<Extract<AuthorityDemand, { kind: 'keyless' }>, 'name' | 'kind'> {
  return {
    trustRoot: trustRootRef ?? PUBLIC_GOOD,
    identities: identities.map(identityDemand),
    transparencyLog: transparencyLog ?? 'required',
    sct: sct ?? 'required',
    timestamps: { atLeast: timestamps?.atLeast ?? 1, accept: timestamps?.accept ?? ['log', 'tsa'] },
  };
}

function certificateDemand({ roots, identities, timestamps, trustRootRef }: NonNullable<Authority['certificate']>): Omit<Extract<AuthorityDemand, { kind: 'certificate' }>, 'name' | 'kind'> {
  const atLeast = timestamps?.atLeast ?? 0;
  return { roots: roots.map(sourceDemand), identities: identities.map(identityDemand), timestamps: { atLeast }, trustRoot: trustRootRef ?? (atLeast > 0 ? PUBLIC_GOOD : null) };
}

function identityDemand({ issuer, issuerPattern, subject, subjectPrefix, subjectPattern, extensions = {} }: Identity): IdentityDemand {
  const holder = subject ?? (subjectPrefix === undefined ? `/${subjectPattern ?? ''}/` : `${subjectPrefix} ...`);
  const from = issuer ?? (issuerPattern === undefined ? null : `/${issuerPattern}/`);
  return {
    issuer: issuer === undefined && issuerPattern === undefined ? () => true : textMatcher(issuer, issuerPattern),
    subject: subjectPrefix === undefined ? textMatcher(subject, subjectPattern) : segmentPrefix(subjectPrefix),
    extensions,
    text: from === null ? holder : `${holder} of ${from}`,
  };
}

function textMatcher(exact: string | undefined, pattern: string | undefined): (text: string) => boolean {
  if (exact !== undefined) return (text) => text === exact;
  if (pattern === undefined) return () => false;
  return compilePattern(pattern).describes;
}

function keyDemand({ hash, ...source }: NonNullable<Authority['key']>): KeyDemand {
  return { source: sourceDemand(source), hash: hash ?? null };
}

function namedSource({ name, ...source }: NonNullable<Signatures['trustRoots']>[number]): NamedSource {
  return { name, source: sourceDemand(source) };
}

function sourceDemand({ data, file, configMapRef, secretRef }: WrittenSource): SourceDemand {
  if (data !== undefined) return { from: 'data', text: data };
  if (file !== undefined) return { from: 'file', path: file };
  const ref = secretRef ?? configMapRef;
  if (ref === undefined) throw new TypeError('Neither data nor a reference is given');
  return { from: secretRef === undefined ? 'configMap' : 'secret', name: ref.name, namespace: ref.namespace ?? null, key: ref.key ?? null };
}
