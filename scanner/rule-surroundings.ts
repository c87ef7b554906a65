import type { CarrierFact } from './carrier.ts';
import type { Facts } from './facts/facts.ts';
import type { Setting, SettingId, SourcePlace } from './grant.ts';
import type { Location } from './location.ts';
import type { RuleFinding } from './rule.ts';

/** Characters of a text out of a manifest that one message shows. */
const SHOWN = 160;

/**
 * Whether rules about packing and deploying have a say: the artifact holds Wasm, or the place it was named in is made for Wasm or for
 * native code beside it. An image that nobody could look into and that shows no sign of Wasm is an ordinary image until it is seen.
 */
export function holdsWasm({ size, carrier }: Facts): boolean {
  return size > 0 || carrier === null || carrier.certain || carrier.signals.length > 0 || carrier.role === 'native';
}

/** A line of a manifest, for findings about how an artifact is deployed: `WasmPlugin/auth /spec/url`. Without a place, that of the reference. */
export function carrierLocation(carrier: CarrierFact, place: SourcePlace = carrier): Location {
  const { file, document, pointer, line, column } = place;
  return { path: `${carrier.kind}/${carrier.name} ${pointer}`, offset: 0, length: 0, source: { file, document, pointer, line, column } };
}

/** A part of the package that has no bytes in the artifact: `config`, `platform`; with the line that named the package, where one did. */
export function packageLocation({ size, carrier }: Facts, path: string): Location {
  const whole = { path, offset: 0, length: size };
  return carrier === null ? whole : { ...whole, source: carrierLocation(carrier).source! };
}

/** Where a grant or setting stands, or where the package that brings it was named. */
export function placedLocation(facts: Facts, { place, path }: { readonly place: SourcePlace | null; readonly path: string }): Location {
  if (place === null) return packageLocation(facts, path);
  if (facts.carrier !== null) return carrierLocation(facts.carrier, place);
  const { file, document, pointer, line, column } = place;
  return { path: `${path} ${pointer}`, offset: 0, length: 0, source: { file, document, pointer, line, column } };
}

/** Every setting of the artifact's surroundings, those of the object that carries it first. */
export function settingsOf({ carrier, packaging }: Facts): readonly Setting[] {
  return [...(carrier?.settings ?? []), ...(packaging?.settings ?? [])];
}

/** One finding for each setting of these kinds. */
export function* settingFindings(facts: Facts, ids: readonly SettingId[]): Generator<RuleFinding> {
  if (!holdsWasm(facts)) return;
  for (const { id, text, meaning, confidence, place } of settingsOf(facts)) {
    if (!ids.includes(id)) continue;
    yield { message: `${capital(meaning)} (${cut(text)})`, subject: cut(text), confidence, location: placedLocation(facts, { place, path: 'package' }) };
  }
}

/** A text of a manifest, short enough for one line. */
export function cut(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}...`;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
