/** One way in which a server says that it may be spoken to. */
export interface OfferedScheme {
  /** In lower case: `bearer`, `basic`, or one that we do not speak. */
  readonly scheme: string;
  /** By name in lower case, quotes and escapes undone. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longest header that is read; real ones have some hundred characters. */
const CHALLENGE_CHARACTERS = 8_192;
/** Schemes of one header; nobody offers more than a handful. */
const SCHEMES = 16;

const BETWEEN = /[ \t,]*/y;
const BLANKS = /[ \t]*/y;
/** A token, and what the token68 form adds to it, because until the equals sign the two look alike. */
const WORD = /[\w!#$%&'*+.^`|~/-]+/y;
const QUOTED = /"((?:[^"\\\p{Cc}]|\\\P{Cc})*)"/uy;
/** Unquoted values beyond a token are seen in the wild. */
const UNQUOTED = /[^\s,"=\p{Cc}][^\s,"\p{Cc}]*/uy;

/**
 * Reads a `WWW-Authenticate` header (RFC 9110 section 11.6.1) with any number of challenges, in time linear in its length.
 * What is too long gives none; reading ends at the first thing that is malformed, and a challenge that names a parameter twice
 * is left out, because readers differ about which one counts.
 */
export function parseChallenge(header: string): readonly OfferedScheme[] {
  return header.length > CHALLENGE_CHARACTERS ? [] : new Reader(header).schemes();
}

class Reader {
  readonly #text: string;
  readonly #found: { scheme: string; parameters: Map<string, string>; ambiguous: boolean }[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  schemes(): readonly OfferedScheme[] {
    while (this.#found.length <= SCHEMES && this.#next());
    return this.#found.filter(({ ambiguous }) => !ambiguous).slice(0, SCHEMES).map(({ scheme, parameters }) => ({ scheme, parameters }));
  }

  /** Reads a scheme or a parameter; false at the end and where nothing of the kind stands. */
  #next(): boolean {
    this.#take(BETWEEN);
    const word = this.#take(WORD)?.[0];
    if (word === undefined) return false;
    const blanks = this.#take(BLANKS)?.[0] ?? '';
    if (this.#text[this.#at] === '=') return this.#parameter(word.toLowerCase());
    this.#found.push({ scheme: word.toLowerCase(), parameters: new Map(), ambiguous: false });
    return blanks === '' || this.#skipToken68();
  }

  #parameter(name: string): boolean {
    this.#at++;
    this.#take(BLANKS);
    const quoted = this.#take(QUOTED);
    const value = quoted ? quoted[1]!.replace(/\\(.)/gsu, '$1') : this.#take(UNQUOTED)?.[0];
    const current = this.#found.at(-1);
    if (value === undefined || !current) return false;
    if (current.parameters.has(name)) current.ambiguous = true;
    current.parameters.set(name, value);
    return true;
  }

  /** `Negotiate abc==`: a value that belongs to the scheme and is no parameter. Where it is one, nothing is skipped. */
  #skipToken68(): boolean {
    const start = this.#at;
    const value = this.#take(WORD) && this.#take(/[ \t]*=*[ \t]*/y);
    const atEnd = this.#at === this.#text.length || this.#text[this.#at] === ',';
    if (!value || !atEnd) this.#at = start;
    return true;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }
}
