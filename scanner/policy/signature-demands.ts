import type { PolicyDocument } from './document.generated.ts';
import { compilePattern } from './re2.ts';
import type { Fault } from './fault.ts';
import { didYouMean } from './suggest.ts';

type Spec = PolicyDocument['spec'];
type Signatures = NonNullable<Spec['signatures']>;
type Authority = NonNullable<Signatures['authorities']>[number];

const FORMS = ['keyless', 'key', 'wasmSignature', 'notation'] as const;
const ROOT = '/spec/signatures';

/** What the schema cannot say of `signatures` and of the authorities that `attestations` name. */
export function signatureFaults({ signatures, attestations = [] }: Spec): readonly Fault[] {
  const authorities = signatures?.authorities ?? [];
  const names = authorities.map(({ name }) => name);
  const demanded = attestations.flatMap(({ authorities: asked }, index) => unknownNames(asked, `/spec/attestations/${index}/authorities`, names));
  if (signatures === undefined) return demanded;
  const none: Fault[] = names.length === 0 ? [{ pointer: ROOT, on: 'key', message: 'signatures needs authorities: without any, nobody could satisfy it' }] : [];
  return [...none, ...requireFaults(signatures.require, names), ...authorities.flatMap((authority, index) => authorityFaults(authority, `${ROOT}/authorities/${index}`, names.indexOf(authority.name) < index)), ...demanded];
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

function authorityFaults(authority: Authority, pointer: string, repeated: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  if (repeated === true) faults.push({ pointer: `${pointer}/name`, on: 'value', message: `There are two authorities ${authority.name}` });
  if (FORMS.filter((form) => authority[form] !== undefined).length !== 1) faults.push({ pointer, on: 'value', message: `An authority has exactly one of ${FORMS.join(', ')}` });
  for (const [index, identity] of (authority.keyless?.identities ?? []).entries()) faults.push(...identityFaults(identity, `${pointer}/keyless/identities/${index}`));
  if (authority.key !== undefined) faults.push(...keyFaults(authority.key, `${pointer}/key`));
  for (const [index, key] of (authority.wasmSignature?.keys ?? []).entries()) faults.push(...keyFaults(key, `${pointer}/wasmSignature/keys/${index}`));
  return faults;
}

type Identity = NonNullable<Authority['keyless']>['identities'][number];
type Key = NonNullable<Authority['key']>;

function identityFaults(identity: Identity, pointer: string): readonly Fault[] {
  const faults: Fault[] = [];
  if (count([identity.issuer, identity.issuerPattern]) !== 1) faults.push({ pointer, on: 'value', message: 'An identity has exactly one of issuer, issuerPattern' });
  if (count([identity.subject, identity.subjectPrefix, identity.subjectPattern]) !== 1) faults.push({ pointer, on: 'value', message: 'An identity has exactly one of subject, subjectPrefix, subjectPattern' });
  for (const name of ['issuerPattern', 'subjectPattern'] as const) faults.push(...patternFaults(identity[name], `${pointer}/${name}`));
  return faults;
}

function keyFaults(key: Key, pointer: string): readonly Fault[] {
  return count([key.data, key.file, key.secretRef]) === 1 ? [] : [{ pointer, on: 'value', message: 'A key has exactly one of data, file, secretRef' }];
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
