import type { X509Certificate } from 'node:crypto';
import type { UsedTrustRoot } from '../provenance.ts';
import { PUBLIC_GOOD, type AuthorityDemand, type SignatureDemand } from '../signature-demand.ts';
import type { Authority } from './authority.ts';
import { attempt, MaterialError, placeOf, readCertificates, readKey, readSource, readWasmKey, type MaterialSources } from './material.ts';
import { parseNkey } from './nkey.ts';
import { identityProblem } from './notation/identity.ts';
import { unsatisfiable } from './satisfiable.ts';
import { FULCIO_EXTENSIONS } from './sigstore/extensions.ts';
import type { TrustRoot } from './trust-root.ts';

/** Everything that authorities are made of, as the shell lends it. */
export interface AuthoritySources extends MaterialSources {
  readonly roots: {
    /** The trust root of the public Sigstore instance. */
    readonly publicGood: () => TrustRoot;
    /** Reads a trust root; throws with what is wrong with it. */
    readonly read: (content: Uint8Array, name: string) => TrustRoot;
    /** Roots and sets of certificates that the shell knows beside those of the policy. */
    readonly known?: ReadonlyMap<string, TrustRoot>;
    readonly certificates?: ReadonlyMap<string, readonly X509Certificate[]>;
  };
}

/** Why an authority cannot be used: a mistake of configuration, and nothing is judged with it. */
export interface AuthorityFault {
  readonly authority: string;
  /** Where, what and how to mend it. */
  readonly message: string;
}

/** The authorities of a demand, ready to verify with. */
export interface ResolvedAuthorities {
  /** Those without a fault, in the order of the policy. A shell must not judge with them while there are faults. */
  readonly authorities: readonly Authority[];
  readonly faults: readonly AuthorityFault[];
}

/** Reads every key, certificate and trust root that a demand names, each once, and holds what is asked against what the roots can show. Never throws. */
export function resolveAuthorities(demand: SignatureDemand, sources: AuthoritySources): ResolvedAuthorities {
  const authorities: Authority[] = [];
  const faults: AuthorityFault[] = [];
  const named = namedMaterial(demand, sources);
  for (const asked of demand.authorities) {
    try {
      const authority = resolved(asked, named, sources);
      authorities.push(authority);
      faults.push(...unsatisfiable(authority).map((message) => ({ authority: asked.name, message })));
    } catch (error) {
      faults.push({ authority: asked.name, message: error instanceof MaterialError ? error.message : `It cannot be used: ${error instanceof Error ? error.message : 'unknown reason'}` });
    }
  }
  const broken = new Set(faults.map(({ authority }) => authority));
  return { authorities: authorities.filter(({ name }) => !broken.has(name)), faults };
}

/** `Policy payments, authority release: file cosign.pub: ...`, as people read it. */
export function faultText(policy: string, { authority, message }: AuthorityFault): string {
  return `Policy ${policy}, authority ${authority}: ${message}`;
}

/** Days after which a trust root may lack keys that are in use. */
const STALE_DAYS = 180;

/** The trust roots of authorities, each once, with whether they are old at `now`. */
export function usedTrustRoots(authorities: readonly Authority[], now: Date): readonly UsedTrustRoot[] {
  const roots = new Map<string, TrustRoot>();
  for (const authority of authorities) if ('root' in authority && authority.root !== null) roots.set(authority.root.name, authority.root);
  const oldest = now.getTime() - STALE_DAYS * 86_400_000;
  // A day that cannot be read counts as old.
  return [...roots.values()].map(({ name, date }) => ({ name, date, stale: !(Date.parse(`${date}T00:00:00Z`) >= oldest) }));
}

/** Trust roots and sets of certificates by name, read when they are asked for. */
interface Named {
  readonly root: (name: string) => TrustRoot;
  readonly certificates: (name: string) => readonly X509Certificate[];
}

function namedMaterial({ trustRoots, certificates }: SignatureDemand, sources: AuthoritySources): Named {
  const { roots } = sources;
  const read = <Value>(name: string, list: SignatureDemand['trustRoots'], make: (source: SignatureDemand['trustRoots'][number]['source']) => Value): Value | null => {
    const entry = list.find((one) => one.name === name);
    return entry === undefined ? null : make(entry.source);
  };
  return {
    root: once((name) => {
      const found = read(name, trustRoots, (source) => attempt(`trust root ${name}, ${placeOf(source)}`, () => roots.read(readSource(source, sources), name))) ?? roots.known?.get(name);
      if (found !== undefined) return found;
      if (name === PUBLIC_GOOD) return attempt(`trust root ${name}`, roots.publicGood);
      throw new MaterialError(`There is no trust root ${name}: list it in signatures.trustRoots`);
    }),
    certificates: once((name) => {
      const found = read(name, certificates, (source) => readCertificates(source, sources)) ?? roots.certificates?.get(name);
      if (found !== undefined) return found;
      throw new MaterialError(`There are no certificates ${name}: list them in signatures.certificates`);
    }),
  };
}

function once<Value>(make: (name: string) => Value): (name: string) => Value {
  const made = new Map<string, Value>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const value = make(name);
    made.set(name, value);
    return value;
  };
}

function resolved(asked: AuthorityDemand, named: Named, sources: MaterialSources): Authority {
  switch (asked.kind) {
    case 'keyless': return keylessAuthority(asked, named);
    case 'key': return keyAuthority(asked, named, sources);
    case 'certificate': return certificateAuthority(asked, named, sources);
    case 'notation': return notationAuthority(asked, named);
    case 'wasmSignature': return { ...asked, keys: some(asked.keys, 'keys').map((key) => readWasmKey(key, sources)) };
    default: return { ...asked, issuers: some(asked.issuers, 'issuers').map(accountKey) };
  }
}

type Asked<Kind extends AuthorityDemand['kind']> = Extract<AuthorityDemand, { readonly kind: Kind }>;

function keylessAuthority({ trustRoot, ...asked }: Asked<'keyless'>, named: Named): Authority {
  return { ...asked, identities: knownIdentities(asked.identities), root: named.root(trustRoot) };
}

function keyAuthority({ trustRoot, ...asked }: Asked<'key'>, named: Named, sources: MaterialSources): Authority {
  return { ...asked, keys: some(asked.keys, 'keys').map((key) => readKey(key, sources)), root: rootOrNone(trustRoot, named) };
}

function certificateAuthority({ trustRoot, ...asked }: Asked<'certificate'>, named: Named, sources: MaterialSources): Authority {
  const roots = some(asked.roots, 'roots').flatMap((source) => authorityCertificates(source, sources));
  return { ...asked, roots, identities: knownIdentities(asked.identities), root: rootOrNone(trustRoot, named) };
}

/** An extension that nobody writes would never hold, and a slip in its name is not seen otherwise. */
function knownIdentities(identities: Asked<'keyless'>['identities']): Asked<'keyless'>['identities'] {
  const unknown = some(identities, 'identities').flatMap(({ extensions }) => Object.keys(extensions)).find((name) => !Object.hasOwn(FULCIO_EXTENSIONS, name));
  if (unknown !== undefined) throw new MaterialError(`Unknown certificate extension ${unknown}: known are ${Object.keys(FULCIO_EXTENSIONS).join(', ')}`);
  return identities;
}

function accountKey(text: string): string {
  if (parseNkey(text, 'account') === null) throw new MaterialError(`${text} is no key of an account: its checksum does not fit, so a character is wrong`);
  return text;
}

function rootOrNone(name: string | null, named: Named): TrustRoot | null {
  return name === null ? null : named.root(name);
}

function authorityCertificates(source: Parameters<typeof readCertificates>[0], sources: MaterialSources): readonly X509Certificate[] {
  const certificates = readCertificates(source, sources);
  const leaf = certificates.find(({ ca }) => !ca);
  if (leaf !== undefined) throw new MaterialError(`${placeOf(source)}: the certificate of ${leaf.subject.replaceAll('\n', ', ')} is no authority's: give the certificate that issued it`);
  return certificates;
}

function notationAuthority({ name, certificates, timestampCertificates, identities, level }: Asked<'notation'>, named: Named): Authority {
  const problem = identityProblem(identities);
  if (problem !== null) throw new MaterialError(problem);
  const timestampAuthorities = timestampCertificates === null ? [] : named.certificates(timestampCertificates);
  return { name, kind: 'notation', authorities: named.certificates(certificates), timestampAuthorities, identities, level };
}

/** An empty list would be satisfied by nobody, or by everybody where somebody misreads it. */
function some<Item>(items: readonly Item[], what: string): readonly Item[] {
  if (items.length === 0) throw new MaterialError(`It has no ${what}: without any, nobody could satisfy it`);
  return items;
}
