import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { analysedFully, grantsOf } from '../../scanner/facts/grants.ts';
import { InterfaceNames } from '../../scanner/facts/grants-interfaces.ts';
import type { Grant, GrantKind } from '../../scanner/grant.ts';
import { hostGrants, profileData } from '../../scanner/facts/target-profiles.ts';
import { importText, listing } from '../../scanner/rule-support.ts';
import { cut, packageLocation } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'grant-missing',
  title: 'The module imports what its manifest does not give',
  description: 'Finds imports that the known host serves only when the manifest says so, and a manifest that does not, and names of stores and variables in the code that its lists leave out: the call fails when it runs.',
  family: 'grant',
  securitySeverity: 1.0,
  confidence: 'medium',
  cwe: [],
  since: '0.1.0',
  remedy: 'Add the grant if the module is meant to do it; else build the module without the import',
  references: [
    'https://spinframework.dev/v3/http-outbound#configuration',
    'https://wasmcloud.com/docs/',
  ],
  check,
});

/** Kinds of grant that make a capability work. Files, variables and sockets are left out: ordinary toolchains import them unasked. */
const SERVED_BY: Readonly<Record<string, readonly GrantKind[]>> = {
  'http-client': ['hosts'],
  'keyvalue-read': ['key-value', 'interfaces', 'hosts'],
  'keyvalue-write': ['key-value', 'interfaces', 'hosts'],
  'blobstore-read': ['interfaces'],
  'blobstore-write': ['interfaces'],
  sql: ['sql', 'interfaces', 'hosts'],
  'ai-inference': ['ai', 'interfaces'],
  'messaging-publish': ['interfaces', 'hosts'],
  'secrets-read': ['secrets', 'interfaces', 'environment'],
};

function* check(facts: Facts): Generator<RuleFinding> {
  const { host } = facts;
  if (host === null || !manifestRead(facts) || !analysedFully(facts)) return;
  const given = grantsOf(facts).filter(({ values, everything }) => everything || values.length > 0);
  const kindsGiven = new Set(given.filter(({ kind, everything }) => kind !== 'interfaces' || everything).map(({ kind }) => kind));
  const interfaces = new InterfaceNames(given.filter(({ kind }) => kind === 'interfaces').flatMap(({ values }) => values));
  for (const [capability, kinds] of Object.entries(SERVED_BY)) {
    if (hostGrants(host.profile, capability) !== 'asked' || kinds.some((kind) => kindsGiven.has(kind))) continue;
    const lacking = facts.imports.filter((found) => found.capability === capability && !(kinds.includes('interfaces') && interfaces.covers(found.interface)));
    if (lacking.length === 0) continue;
    const message = `${sentence(profileData(host.profile).title)} gives this only when the manifest says so, and it does not: ${listing(lacking.map((found) => importText(facts, found)))}`;
    yield { message, subject: capability, location: { ...lacking[0]!.location, ...source(facts) }, atMost: 'warning' };
  }
  yield* unlistedNames(facts, given);
}

/** Interfaces of Spin whose functions take a name that a list of the manifest must have. */
const LISTED_NAMES: readonly { readonly interface: RegExp; readonly kinds: readonly GrantKind[]; readonly what: string }[] = [
  { interface: /^(?:fermyon:spin\/key-value|wasi:keyvalue\/store)@?[^#]*#(?:\[static\]store\.)?open$/, kinds: ['key-value'], what: 'the store' },
  { interface: /^fermyon:spin\/sqlite@?[^#]*#(?:\[static\]connection\.)?open$/, kinds: ['sql'], what: 'the database' },
  { interface: /^fermyon:spin\/llm@?[^#]*#infer$/, kinds: ['ai'], what: 'the model' },
  { interface: /^fermyon:spin\/(?:variables|config)@?[^#]*#get/, kinds: ['environment', 'secrets'], what: 'the variable' },
];

/** What the code asks for by a constant name, where the manifest has a list of such names without it. */
function* unlistedNames(facts: Facts, given: readonly Grant[]): Generator<RuleFinding> {
  if (facts.host?.profile !== 'spin') return;
  for (const { import: name, text, location, confidence } of facts.constants) {
    const row = confidence === 'high' ? LISTED_NAMES.find(({ interface: pattern }) => pattern.test(name)) : undefined;
    // The environment of a process is another list than the variables of the application.
    const lists = given.filter(({ kind, field }) => row?.kinds.includes(kind) && field !== 'environment');
    // Where there is no list at all, the import as a whole has been reported.
    if (row === undefined || lists.length === 0 || lists.some(({ everything, values }) => everything || values.includes(text))) continue;
    yield { message: `The code asks for ${row.what} ${cut(text)}, which ${listing(lists.map(({ field }) => cut(field)))} does not list`, subject: `${row.kinds[0]} ${text}`, location, atMost: 'warning' };
  }
}

/** Whether the manifest of this host lies before us, so that its silence means something. */
function manifestRead({ host, carrier, packaging }: Facts): boolean {
  if (host?.profile === 'spin') return packaging?.form === 'spin-application' || packaging?.form === 'spin-image';
  if (host?.profile === 'wasmcloud') return carrier !== null && carrier.kind.startsWith('Workload');
  if (host?.profile === 'extism') return packaging?.form === 'extism-manifest' || packaging?.form === 'helm-plug-in';
  return false;
}

function source(facts: Facts): Pick<RuleFinding['location'], 'source'> {
  const { source: place } = packageLocation(facts, '');
  return place === undefined ? {} : { source: place };
}

function sentence(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
