/** Keys of an object that stay a list; a set costs more than comparing that few numbers. */
const LISTED = 24;
const UNDERSCORE = 0x5f;

/** An object with many keys: their names, folded unless case may tell them apart. */
interface LargeObject {
  readonly names: Set<string>;
  readonly open: boolean;
}

/** Why a key may not stand where it stands. */
export type KeyFault = 'repeated' | 'prototype';

/**
 * The keys of all open objects of one JSON text. Keys are kept as places in the text and a number folded from their letters, so that an
 * ordinary key costs no allocation; texts are compared only where the numbers agree, and a large object gets a set of its own.
 */
export class JsonKeys {
  readonly #text: string;
  readonly #openMaps: ReadonlySet<string>;
  /** Of all open objects, one behind the other; what lies beyond the count is of objects that are closed. */
  readonly #places: number[] = [];
  readonly #numbers: number[] = [];
  #count = 0;
  /** Of each open object: where its keys begin above, the place of the key it hangs on (-1: none), and its set once it is large. */
  readonly #begins: number[] = [];
  readonly #owners: number[] = [];
  readonly #sets: (LargeObject | null)[] = [];

  /** @param openMaps names of objects whose keys are data and not fields: there, and only there, keys may differ in case alone. */
  constructor(text: string, openMaps: ReadonlySet<string>) {
    this.#text = text;
    this.#openMaps = openMaps;
  }

  /** @param owner place of the key that the object is the value of; -1: it is an element, or the whole. */
  open(owner: number): void {
    this.#begins.push(this.#count);
    this.#owners.push(owner);
    this.#sets.push(null);
  }

  close(): void {
    this.#count = this.#begins.pop() ?? 0;
    this.#owners.pop();
    this.#sets.pop();
  }

  /** Adds a key of the innermost object. @param place of its opening quote; @param number folded from its letters, or null where it is not plain ASCII. */
  add(place: number, number: number | null): KeyFault | null {
    if (this.#isPrototype(place, number)) return 'prototype';
    const set = this.#sets[this.#sets.length - 1];
    if (set) return this.#addToSet(set, place);
    const folded = number ?? numberOf(fold(nameAt(this.#text, place)));
    const begin = this.#begins[this.#begins.length - 1] ?? 0;
    for (let index = begin; index < this.#count; index += 1) {
      if (this.#numbers[index] === folded && this.#same(this.#places[index]!, place)) return 'repeated';
    }
    this.#places[this.#count] = place;
    this.#numbers[this.#count] = folded;
    this.#count += 1;
    if (this.#count - begin > LISTED) this.#enlarge(begin);
    return null;
  }

  #isPrototype(place: number, number: number | null): boolean {
    if (number === null) return nameAt(this.#text, place) === '__proto__';
    return this.#text.charCodeAt(place + 1) === UNDERSCORE && this.#text.startsWith('"__proto__"', place);
  }

  #same(one: number, other: number): boolean {
    const [first, second] = [nameAt(this.#text, one), nameAt(this.#text, other)];
    return first === second || (fold(first) === fold(second) && !this.#isOpenMap());
  }

  /** Managed fields mirror the keys of the object, each with `f:` before it. */
  #isOpenMap(): boolean {
    const owner = this.#owners.at(-1) ?? -1;
    if (owner < 0 || this.#openMaps.size === 0) return false;
    const name = nameAt(this.#text, owner);
    return this.#openMaps.has(name.startsWith('f:') ? name.slice(2) : name);
  }

  #enlarge(begin: number): void {
    const set: LargeObject = { names: new Set(), open: this.#isOpenMap() };
    for (const place of this.#places.slice(begin, this.#count)) this.#addToSet(set, place);
    this.#sets[this.#sets.length - 1] = set;
  }

  #addToSet({ names, open }: LargeObject, place: number): KeyFault | null {
    const name = nameAt(this.#text, place);
    const known = open ? name : fold(name);
    if (names.has(known)) return 'repeated';
    names.add(known);
    return null;
  }
}

/** One step of the number that keys are told apart by; both sides of a comparison take it over their folded letters. */
export function nextNumber(number: number, code: number): number {
  return (Math.imul(number, 31) + (code >= 0x41 && code <= 0x5a ? code + 0x20 : code)) | 0;
}

function numberOf(name: string): number {
  let number = 0;
  for (let at = 0; at < name.length; at += 1) number = nextNumber(number, name.charCodeAt(at));
  return number;
}

/** The string that begins at a quote. */
function nameAt(text: string, place: number): string {
  let end = place + 1;
  let plain = true;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code === 0x22 || Number.isNaN(code)) break;
    plain &&= code !== 0x5c;
    end += code === 0x5c ? 2 : 1;
  }
  const raw = text.slice(place + 1, end);
  return plain ? raw : unescaped(raw);
}

/** What is no string at all is refused later, as text: here it only must not throw. */
function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

/** Upper case first: it is what joins the long s and the Kelvin sign with the letters that Go takes them for. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
