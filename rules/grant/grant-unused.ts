import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { analysedFully, grantsOf, USED_BY } from '../../scanner/facts/grants.ts';
import { InterfaceNames } from '../../scanner/facts/grants-interfaces.ts';
import type { Grant } from '../../scanner/grant.ts';
import { listing } from '../../scanner/rule-support.ts';
import { cut, placedLocation } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'grant-unused',
  title: 'A grant that the module cannot use',
  description: 'Finds what a manifest gives a module although nothing in the binary asks for it: hosts, stores, interfaces, cluster resources.',
  family: 'grant',
  securitySeverity: 3.0,
  confidence: 'medium',
  cwe: [272],
  since: '0.1.0',
  remedy: 'Take the entry out: what is not needed today is what a changed module uses tomorrow',
  references: [
    'https://spinframework.dev/v3/http-outbound#configuration',
    'https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/wasm/v3/wasm.proto',
  ],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const grants = grantsOf(facts);
  if (grants.length === 0 || !analysedFully(facts)) return;
  for (const grant of grants) {
    const unused = grant.values.length === 0 ? [] : unusedOf(facts, grant);
    if (unused.length === 0) continue;
    const location = placedLocation(facts, { place: grant.place, path: cut(grant.field) });
    yield { message: `Nothing in the binary uses what ${cut(grant.field)} gives: ${listing(unused.map(cut))}`.replace(/[.\s]+$/, ''), subject: cut(grant.field), confidence: LESS_SURE.has(grant.kind) ? 'medium' : 'high', location };
  }
}

/** Variables and secrets reach a program by ways that imports do not show so well; a list of interfaces may serve all components of a workload. */
const LESS_SURE: ReadonlySet<Grant['kind']> = new Set(['environment', 'secrets', 'capabilities', 'imports', 'interfaces']);

/** The entries of a grant without use; all of them where no import could use any. */
function unusedOf(facts: Facts, { kind, values }: Grant): readonly string[] {
  if (kind === 'interfaces') return facts.component === null ? [] : unmatched(values, new InterfaceNames(interfacesOf(facts)));
  if (kind === 'imports') return without(values, new Set(facts.imports.flatMap(({ module, name }) => [name, module, `${module}.${name}`])));
  if (kind === 'capabilities' && facts.host?.profile === 'proxy-wasm') return without(values, new Set([...facts.imports.map(({ name }) => name), ...exportNames(facts)]));
  // What other hosts list are no names of imports, and only of one it is known which calls use it.
  if (kind === 'capabilities' && facts.host?.profile !== 'kubewarden') return [];
  // An import that nobody knows, or one call for everything, may be the one that uses it.
  const open = facts.imports.some(({ capability }) => capability === 'unknown' || capability === 'host-call' || capability === 'component-call');
  return open || facts.imports.some(({ capability }) => USED_BY[kind].includes(capability)) ? [] : values;
}

/** A list of interfaces names those that the component takes and those that it offers. */
function interfacesOf(facts: Facts): readonly string[] {
  return [...facts.imports.flatMap(({ interface: judged, module }) => [judged, module]), ...exportNames(facts)];
}

function exportNames({ exports }: Facts): readonly string[] {
  return [...exports].map(({ name }) => name);
}

function unmatched(values: readonly string[], there: InterfaceNames): readonly string[] {
  return values.filter((value) => !there.hasWithin(value));
}

function without(values: readonly string[], there: ReadonlySet<string>): readonly string[] {
  return values.filter((value) => !value.includes('*') && !there.has(value));
}
