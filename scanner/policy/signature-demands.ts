import { PUBLIC_GOOD } from '../signature-demand.ts';
import type { PolicyDocument } from './document.generated.ts';
import { compilePattern } from './re2.ts';
import type { Fault } from './fault.ts';
import { prefixProblem } from './segment-prefix.ts';
import { didYouMean, suggest } from './suggest.ts';

type Spec = PolicyDocument['spec'];
type Signatures = NonNullable<Spec['signatures']>;
type Authority = NonNullable<Signatures['authorities']>[number];
type Identity = NonNullable<Authority['keyless']>['identities'][number];
type Key = NonNullable<Authority['key']>;

const FORMS = ['keyless', 'key', 'certificate', 'wasmSignature', 'wasmcloud', 'notation'] as const;
const SOURCES = ['data', 'file', 'configMapRef', 'secretRef'] as const;
const ROOT = '/spec/signatures';

/** What the schema cannot say of `signatures` and of the authorities that `attestations` name. */
export function signatureFaults({ signatures, attestations = [] }: Spec): readonly Fault[] {
  const authorities = signatures?.authorities ?? [];
  const names = authorities.map(({ name }) => name);
  const demanded = attestations.flatMap(({ authorities: asked }, index) => unknownNames(asked ?? [], `/spec/attestations/${index}/authorities`, names));
  if (signatures === undefined) return demanded;
  const none: Fault[] = names.length === 0 ? [{ pointer: ROOT, on: 'key', message: 'signatures needs authorities: without any, nobody could satisfy it' }] : [];
  return [
    ...none, ...requireFaults(signatures.require, names),
    ...namedFaults(signatures, 'trustRoots', 'trust roots'), ...namedFaults(signatures, 'certificates', 'sets of certificates'),
    ...authorities.flatMap((authority, index) => authorityFaults(authority, { pointer: `${ROOT}/authorities/${index}`, repeated: names.indexOf(authority.name) < index, signatures })),
    ...demanded,
  ];
}

function requireFaults(require: Signatures['require'], names: readonly string[]): readonly Fault[] {
  if (require === undefined) return [];
  const pointer = `${ROOT}/require`;
  const forms = [require.anyOf, require.allOf, require.of ?? require.atLeast].filter((form) => form !== undefined);
  const faults: Fault[] = [];
  if (forms.length !== 1) faults.push({ pointer, on: 'value', message: 'signatures.require takes one form: anyOf, allOf, or atLeast with of' });
  if ((require.atLeast === undefined) !== (require.of === undefined)) faults.push({ pointer, on: 'value', message: 'atLeast and of stand together' });
  if (require.atLeast !== undefined && new Set(require.of).size < require.atLeast) faults.push({ pointer: `${pointer}/atLeast`, on: 'value', message: 'atLeast is more than of lists, so nothing could satisfy it' });
  for (const form of ['anyOf', 'allOf', 'of'] as const) faults.push(...unknownNames(require[form] ?? [], `${pointer}/${form}`, names));
  return faults;
}

function unknownNames(asked: readonly string[], pointer: string, names: readonly string[]): readonly Fault[] {
  return asked.flatMap((name, index): Fault[] => (names.includes(name) ? [] : [{ pointer: `${pointer}/${index}`, on: 'value', message: `Unknown authority ${name}${didYouMean(name, names)}` }]));
}

function namedFaults(signatures: Signatures, list: 'trustRoots' | 'certificates', words: string): readonly Fault[] {
  const entries = signatures[list] ?? [];
  return entries.flatMap((entry, index): Fault[] => {
    const pointer = `${ROOT}/${list}/${index}`;
    const faults = sourceFaults(entry, pointer, 'An entry');
    if (entries.findIndex(({ name }) => name === entry.name) < index) faults.push({ pointer: `${pointer}/name`, on: 'value', message: `There are two ${words} ${entry.name}` });
    if (list === 'trustRoots' && entry.name === PUBLIC_GOOD) faults.push({ pointer: `${pointer}/name`, on: 'value', message: `${PUBLIC_GOOD} is the name of the public Sigstore instance: take another one` });
    return faults;
  });
}

interface Place {
  readonly pointer: string;
  readonly repeated: boolean;
  readonly signatures: Signatures;
}

function authorityFaults(authority: Authority, { pointer, repeated, signatures }: Place): readonly Fault[] {
  const { name, keyless, key, certificate, wasmSignature } = authority;
  const faults: Fault[] = [];
  if (repeated) faults.push({ pointer: `${pointer}/name`, on: 'value', message: `There are two authorities ${name}` });
  if (FORMS.filter((form) => authority[form] !== undefined).length !== 1) faults.push({ pointer, on: 'value', message: `An authority has exactly one of ${FORMS.join(', ')}` });
  for (const [index, identity] of (keyless?.identities ?? []).entries()) faults.push(...identityFaults(identity, `${pointer}/keyless/identities/${index}`, 'needed'));
  for (const [index, identity] of (certificate?.identities ?? []).entries()) faults.push(...identityFaults(identity, `${pointer}/certificate/identities/${index}`, 'optional'));
  for (const [index, source] of (certificate?.roots ?? []).entries()) faults.push(...sourceFaults(source, `${pointer}/certificate/roots/${index}`, 'An entry'));
  if (key !== undefined) faults.push(...keyFaults(key, `${pointer}/key`));
  for (const [index, one] of (wasmSignature?.keys ?? []).entries()) faults.push(...keyFaults(one, `${pointer}/wasmSignature/keys/${index}`));
  return [...faults, ...scopeFaults(authority, pointer), ...timeFaults(authority, pointer), ...referenceFaults(authority, pointer, signatures)];
}

function scopeFaults({ wasmSignature }: Authority, pointer: string): readonly Fault[] {
  if (wasmSignature?.sections === undefined || wasmSignature.scope === 'partial') return [];
  return [{ pointer: `${pointer}/wasmSignature/sections`, on: 'key', message: 'sections are those that may stay uncovered, which scope: partial alone allows' }];
}

/** What `timestamps` and `transparencyLog` of one authority say together. */
function timeFaults({ keyless }: Authority, pointer: string): readonly Fault[] {
  if (keyless === undefined) return [];
  const { timestamps: { atLeast = 1, accept = ['log', 'tsa'] } = {}, transparencyLog } = keyless;
  const place = `${pointer}/keyless/timestamps`;
  if (atLeast === 0) return [{ pointer: `${place}/atLeast`, on: 'value', message: 'A short-lived certificate needs a trusted time: atLeast is 1 or more' }];
  if (transparencyLog === 'ignore' && !accept.includes('tsa')) return [{ pointer: `${place}/accept`, on: 'value', message: 'The log is ignored and nothing else is accepted as a time, so nothing could satisfy it: accept tsa' }];
  return [];
}

/** Names that nothing carries. Where the document lists none, the shell may know them. */
function referenceFaults({ keyless, key, certificate, wasmSignature, notation }: Authority, pointer: string, { trustRoots, certificates }: Signatures): readonly Fault[] {
  const roots = [PUBLIC_GOOD, ...(trustRoots ?? []).map(({ name }) => name)];
  const sets = (certificates ?? []).map(({ name }) => name);
  const rooted = { keyless: keyless?.trustRootRef, key: key?.trustRootRef, certificate: certificate?.trustRootRef };
  const faults = Object.entries(rooted).flatMap(([form, name]) => unknownReference(name, `${pointer}/${form}/trustRootRef`, { known: roots, listed: trustRoots !== undefined, word: 'trust root' }));
  for (const ref of ['caRef', 'tsaRef'] as const) faults.push(...unknownReference(notation?.[ref], `${pointer}/notation/${ref}`, { known: sets, listed: certificates !== undefined, word: 'certificates' }));
  for (const [index, one] of (wasmSignature?.keys ?? []).entries()) {
    if (one.trustRootRef !== undefined) faults.push({ pointer: `${pointer}/wasmSignature/keys/${index}/trustRootRef`, on: 'key', message: 'A signature inside a module has no entry in a log, so a trust root says nothing' });
  }
  return faults;
}

function unknownReference(name: string | undefined, pointer: string, { known, listed, word }: { readonly known: readonly string[]; readonly listed: boolean; readonly word: string }): Fault[] {
  if (name === undefined || known.includes(name) || (!listed && suggest(name, known) === null)) return [];
  return [{ pointer, on: 'value', message: `Unknown ${word} ${name}${didYouMean(name, known)}` }];
}

function identityFaults(identity: Identity, pointer: string, issuer: 'needed' | 'optional'): readonly Fault[] {
  const issuers = count([identity.issuer, identity.issuerPattern]);
  const faults: Fault[] = [];
  if (issuers > 1 || (issuers === 0 && issuer === 'needed')) faults.push({ pointer, on: 'value', message: 'An identity has exactly one of issuer, issuerPattern' });
  if (count([identity.subject, identity.subjectPrefix, identity.subjectPattern]) !== 1) faults.push({ pointer, on: 'value', message: 'An identity has exactly one of subject, subjectPrefix, subjectPattern' });
  for (const name of ['issuerPattern', 'subjectPattern'] as const) faults.push(...patternFaults(identity[name], `${pointer}/${name}`));
  for (const name of ['issuer', 'subject'] as const) if (identity[name]?.trim() === '') faults.push({ pointer: `${pointer}/${name}`, on: 'value', message: `The ${name} is empty` });
  const problem = identity.subjectPrefix === undefined ? null : prefixProblem(identity.subjectPrefix);
  if (problem !== null) faults.push({ pointer: `${pointer}/subjectPrefix`, on: 'value', message: problem });
  return faults.length === 0 && acceptsAnybody(identity) ? [{ pointer, on: 'value', message: 'The patterns of this identity hold even for empty text, so anybody would be accepted' }] : faults;
}

function acceptsAnybody({ issuer, issuerPattern, subjectPattern }: Identity): boolean {
  return issuer === undefined && subjectPattern !== undefined && holdsForNothing(subjectPattern) && (issuerPattern === undefined || holdsForNothing(issuerPattern));
}

function holdsForNothing(pattern: string): boolean {
  return compilePattern(pattern).describes('');
}

function keyFaults(key: Key, pointer: string): readonly Fault[] {
  return count([key.data, key.file, key.secretRef]) === 1 ? [] : [{ pointer, on: 'value', message: 'A key has exactly one of data, file, secretRef' }];
}

function sourceFaults(source: Partial<Record<(typeof SOURCES)[number], unknown>>, pointer: string, what: string): Fault[] {
  return count(SOURCES.map((name) => source[name])) === 1 ? [] : [{ pointer, on: 'value', message: `${what} has exactly one of ${SOURCES.join(', ')}` }];
}

function patternFaults(pattern: string | undefined, pointer: string): readonly Fault[] {
  if (pattern === undefined) return [];
  try {
    compilePattern(pattern);
    return [];
  } catch (error) {
    return [{ pointer, on: 'value', message: (error as Error).message }];
  }
}

function count(values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length;
}
