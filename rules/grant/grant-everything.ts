import type { ConstantRole } from '../../scanner/facts/constants/model.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import type { GrantKind } from '../../scanner/grant.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { grantsOf } from '../../scanner/facts/grants.ts';
import { listing } from '../../scanner/rule-support.ts';
import { cut, holdsWasm, placedLocation, settingsOf } from '../../scanner/rule-surroundings.ts';

/** Levels between a list and what in an entry of it is too broad: `/allowedHosts/0`, `/contextAwareResources/0/kind`. */
const ENTRY_DEPTH = 2;

export default defineRule({
  id: 'grant-everything',
  title: 'A manifest that gives a module everything',
  description: 'Finds grants without a bound: every host, every folder, every interface.',
  family: 'grant',
  securitySeverity: 6.5,
  confidence: 'high',
  cwe: [1220, 250, 918],
  since: '0.1.0',
  remedy: 'Name what the module needs, one entry each',
  references: [
    'https://spinframework.dev/v3/http-outbound#configuration',
    'https://extism.org/docs/concepts/manifest/',
  ],
  about: 'surroundings',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  if (!holdsWasm(facts)) return;
  const told = broadlyScoped(facts);
  for (const { kind, field, values, everything, place } of grantsOf(facts)) {
    if (!everything || told.has(place === null ? field : `${place.document} ${place.pointer}`)) continue;
    const about = { subject: cut(field), ...fixOf(facts, kind), location: placedLocation(facts, { place, path: cut(field) }) };
    // Where nothing is written, everything is only what the host does by default.
    if (values.length === 0) yield { ...about, message: `Everything is given, because nothing is listed in ${cut(field)}`, confidence: 'low' };
    else yield { ...about, message: `Everything is given by ${cut(field)} (${cut(values.join(', '))})` };
  }
}

/** What of the kind the code names, as a start for the list to write. */
function fixOf({ constants }: Facts, kind: GrantKind): Pick<RuleFinding, 'fix'> {
  const role = NAMED_BY[kind];
  const texts = role === undefined ? [] : constants.flatMap((one) => (one.role === role && one.confidence !== 'low' ? [cut(one.text)] : []));
  return texts.length === 0 ? {} : { fix: `Name what the module needs, one entry each; its code names ${listing(texts)}`.replace(/[.\s]+$/, '') };
}

/** Roles of constants that a list of a kind is made of. */
const NAMED_BY: Partial<Record<GrantKind, ConstantRole>> = { hosts: 'host', files: 'path' };

/** Lists of which an entry has been called too broad by the rule about scopes: by place, or by name in a manifest that is bytes itself. */
function broadlyScoped(facts: Facts): ReadonlySet<string> {
  const told = new Set<string>();
  for (const { id, place, text } of settingsOf(facts)) {
    if (id !== 'broad-scope') continue;
    const parts = place?.pointer.split('/') ?? [];
    if (place === null) told.add(text.split(': ', 1)[0]!);
    else for (let above = 0; above <= ENTRY_DEPTH && above < parts.length; above++) told.add(`${place.document} ${parts.slice(0, parts.length - above).join('/')}`);
  }
  return told;
}
