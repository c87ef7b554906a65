import type { Facts } from '../../scanner/facts/facts.ts';
import { findLookalike } from '../../scanner/facts/lookalike.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'deceptive-name',
  title: 'A name that is made to be misread',
  description: 'Finds import modules that only look like a known one, and import or export names with invisible or direction-changing characters.',
  family: 'capability',
  securitySeverity: 7.0,
  confidence: 'medium',
  cwe: [1007, 451],
  since: '0.1.0',
  remedy: 'Rename it to what it is; do not run a program whose names you cannot read',
  references: ['https://www.unicode.org/reports/tr39/', 'https://trojansource.codes/'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  yield* lookalikes(facts);
  yield* hiddenCharacters('import', importNames(facts));
  yield* hiddenCharacters('export', facts.exports);
}

/** One finding for each module name. */
function* lookalikes(facts: Facts): Generator<RuleFinding> {
  const seen = new Set<string>();
  for (const { interface: module, location } of facts.imports) {
    if (seen.has(module)) continue;
    seen.add(module);
    const found = findLookalike(module);
    if (found === null) continue;
    const [how, confidence] = found.kind === 'alike' ? ['looks the same as', 'high'] as const : ['is one letter away from', 'medium'] as const;
    yield { message: `Import module ${visible(module)} ${how} ${found.known} and is another`, subject: `import:${visible(module)}`, location, confidence };
  }
}

function* importNames(facts: Facts): Generator<{ name: string; location: Location }> {
  for (const { module, name, location } of facts.imports) yield { name: `${module}.${name}`, location };
}

/** They change how a whole line reads, or cannot be seen at all: nobody writes them into a name by accident. */
const TREACHEROUS = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u{e0000}-\u{e007f}]/u;
/** Invisible too, and yet met in honest names: joiners, fillers, soft hyphens, control characters. */
// oxlint-disable-next-line no-control-regex
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u115f\u1160\u180e\u2028\u2029\u3164\ufeff\uffa0]|\u200c|\u200d/u;

/** One finding for all imports and one for all exports. */
function* hiddenCharacters(kind: 'import' | 'export', names: Iterable<{ readonly name: string; readonly location: Location }>): Generator<RuleFinding> {
  const found: string[] = [];
  let first: Location | null = null;
  let treacherous = false;
  for (const { name, location } of names) {
    const worse = TREACHEROUS.test(name);
    if (!worse && !INVISIBLE.test(name)) continue;
    first ??= location;
    treacherous ||= worse;
    if (found.length < 100) found.push(visible(name));
  }
  if (first === null) return;
  const message = `Characters that cannot be seen stand in ${kind} names: ${listing(found)}`;
  yield { message, subject: `hidden-characters:${kind}`, location: first, confidence: treacherous ? 'high' : 'medium' };
}

/** Everything but printable ASCII as `\u{...}`, cut to 120 characters. */
function visible(name: string): string {
  const text = Array.from(name.slice(0, 120), (letter) => (/^[ -~]$/.test(letter) ? letter : `\\u{${letter.codePointAt(0)!.toString(16)}}`)).join('');
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
}
