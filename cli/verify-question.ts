import type { AuthorityDemand, AttestationDemand, IdentityDemand, SignatureDemand } from '../scanner/signature-demand.ts';
import { PUBLIC_GOOD } from '../scanner/signature-demand.ts';
import { compilePattern } from '../scanner/policy/re2.ts';
import { switchOption, textOption, type Input } from './command.ts';
import type { Question } from '../engine/establish.ts';
import { UsageError } from '../engine/usage-error.ts';

/** Predicate types by the names that cosign gives them. */
const PREDICATES: Readonly<Record<string, string>> = {
  slsaprovenance: 'https://slsa.dev/provenance/v0.2', slsaprovenance02: 'https://slsa.dev/provenance/v0.2', slsaprovenance1: 'https://slsa.dev/provenance/v1',
  spdx: 'https://spdx.dev/Document', spdxjson: 'https://spdx.dev/Document', cyclonedx: 'https://cyclonedx.org/bom', link: 'https://in-toto.io/Link/v1',
  vuln: 'https://cosign.sigstore.dev/attestation/vuln/v1', openvex: 'https://openvex.dev/ns', custom: 'https://cosign.sigstore.dev/attestation/v1',
};
/** Name of the question that flags put. */
export const FLAGS = 'the flags';
const GIVEN_ROOT = 'trusted-root';

/** What the flags of `verify` ask; null: they ask nothing. Throws UsageError for flags that do not go together. */
export function questionOfFlags(input: Input): Question | null {
  const identity = identityOf(input);
  const authorities = [...keyAuthority(input), ...(identity === null ? [] : certificateAuthority(input, identity))];
  if (authorities.length === 0) return null;
  const names = authorities.map(({ name }) => name);
  const root = textOption(input, 'trusted-root');
  const demand: SignatureDemand = {
    require: { form: 'anyOf', names, count: 1 }, authorities, certificates: [],
    trustRoots: root === undefined ? [] : [{ name: GIVEN_ROOT, source: { from: 'file', path: root } }],
  };
  return { name: FLAGS, demand, attestations: attestationsOf(input, names), folder: '.' };
}

function attestationsOf(input: Input, authorities: readonly string[]): readonly AttestationDemand[] {
  const type = textOption(input, 'type');
  if (type === undefined) return [];
  const uri = PREDICATES[type] ?? type;
  if (!/^[a-z][a-z0-9+.-]*:/i.test(uri)) throw new UsageError(`Not a predicate type: --type ${type}`, `Write a URI, or one of ${Object.keys(PREDICATES).join(', ')}`);
  return [{ type: uri, authorities }];
}

function rootOf(input: Input): string {
  return textOption(input, 'trusted-root') === undefined ? PUBLIC_GOOD : GIVEN_ROOT;
}

function keyAuthority(input: Input): readonly AuthorityDemand[] {
  const file = textOption(input, 'key');
  if (file === undefined) return [];
  const log = switchOption(input, 'insecure-ignore-tlog') ? ({ transparencyLog: 'ignore', trustRoot: null } as const) : ({ transparencyLog: 'required', trustRoot: rootOf(input) } as const);
  return [{ name: `key ${file}`, kind: 'key', keys: [{ source: { from: 'file', path: file }, hash: null }], ...log }];
}

function certificateAuthority(input: Input, identity: IdentityDemand): readonly AuthorityDemand[] {
  const chain = textOption(input, 'certificate-chain');
  const ignore = switchOption(input, 'insecure-ignore-tlog');
  if (chain !== undefined) return [{ name: identity.text, kind: 'certificate', roots: [{ from: 'file', path: chain }], identities: [identity], timestamps: { atLeast: ignore ? 0 : 1 }, trustRoot: rootOf(input) }];
  return [{ name: identity.text, kind: 'keyless', trustRoot: rootOf(input), identities: [identity], transparencyLog: ignore ? 'ignore' : 'required', sct: ignore ? 'ifPresent' : 'required', timestamps: { atLeast: 1, accept: ['log', 'tsa'] } }];
}

/** Both halves must be asked: an issuer without a subject trusts everybody it knows. */
function identityOf(input: Input): IdentityDemand | null {
  const subject = condition(input, 'certificate-identity');
  const issuer = condition(input, 'certificate-oidc-issuer');
  if (subject === null && issuer === null) return null;
  if (subject === null || issuer === null) throw new UsageError('A certificate is asked for with half an identity', 'Give --certificate-identity and --certificate-oidc-issuer, each as it is or as -regexp');
  return { subject: subject.holds, issuer: issuer.holds, extensions: {}, text: `${subject.text} by ${issuer.text}` };
}

function condition(input: Input, name: string): { readonly holds: (text: string) => boolean; readonly text: string } | null {
  const exact = textOption(input, name);
  const pattern = textOption(input, `${name}-regexp`);
  if (exact !== undefined && pattern !== undefined) throw new UsageError(`--${name} and --${name}-regexp exclude each other`);
  if (exact === '' || pattern === '') throw new UsageError(`--${name} is empty`, 'An empty identity would fit everybody');
  if (exact !== undefined) return { holds: (text) => text === exact, text: exact };
  if (pattern === undefined) return null;
  try {
    return { holds: compilePattern(pattern).describes, text: `/${pattern}/` };
  } catch (error) {
    throw new UsageError(`Not a pattern: --${name}-regexp ${pattern}: ${error instanceof Error ? error.message : String(error)}`, 'Patterns are RE2 and hold for the whole text');
  }
}
