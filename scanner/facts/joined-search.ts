import { prepareSearch } from './literal-search.ts';
import type { LiteralSearch } from './literal-search.ts';

/** The literals of one caller, and the place of the first of them among those of all. */
interface Member { readonly literals: () => readonly Uint8Array[]; first: number }

/** What one pass found: by member, literal and start by turns. Null: too many to keep. */
type Hits = readonly (readonly number[] | undefined)[] | null;

/** Searches that are made together: one pass over bytes finds the literals of all members, and is remembered as long as the bytes are. */
export class SearchGroup {
  readonly #members: Member[] = [];
  #joined: LiteralSearch | null = null;
  /** By number of a joined literal, the member it belongs to. */
  #owners: readonly number[] = [];
  #passes = new WeakMap<Uint8Array, Hits>();

  /**
   * A search with the same callbacks as that of `prepareSearch`. `literals` is asked once, when the first search of any
   * member begins; where their finds are too many to keep, every member goes through the bytes by itself.
   */
  join(literals: () => readonly Uint8Array[]): LiteralSearch {
    const place = this.#members.push({ literals, first: 0 }) - 1;
    this.#joined = null;
    this.#passes = new WeakMap();
    let own: LiteralSearch | null = null;
    return {
      search: (bytes, visit) => {
        const hits = this.#hitsIn(bytes);
        if (hits === null) (own ??= prepareSearch(literals())).search(bytes, visit);
        else replay(hits[place] ?? [], this.#members[place]!.first, visit);
      },
    };
  }

  #hitsIn(bytes: Uint8Array): Hits {
    const known = this.#passes.get(bytes);
    if (known !== undefined) return known;
    const hits = this.#pass(bytes);
    this.#passes.set(bytes, hits);
    return hits;
  }

  /** A flood of literals is not kept. One find in 64 bytes is many times what programs have. */
  #pass(bytes: Uint8Array): Hits {
    const search = (this.#joined ??= this.#join());
    const owners = this.#owners;
    const most = 16 + (bytes.length >> 6);
    const hits: number[][] = [];
    let count = 0;
    search.search(bytes, (literal, start) => {
      if (++count <= most) (hits[owners[literal]!] ??= []).push(literal, start);
    });
    return count <= most ? hits : null;
  }

  #join(): LiteralSearch {
    const all: Uint8Array[] = [];
    const owners: number[] = [];
    for (const [place, member] of this.#members.entries()) {
      member.first = all.length;
      for (const bytes of member.literals()) {
        all.push(bytes);
        owners.push(place);
      }
    }
    this.#owners = owners;
    return prepareSearch(all);
  }
}

const shared = new SearchGroup();

/** Joins the searches of facts through data and custom sections, which are the same bytes for all of them. */
export function joinSearch(literals: () => readonly Uint8Array[]): LiteralSearch {
  return shared.join(literals);
}

function replay(hits: readonly number[], first: number, visit: (literal: number, start: number) => void): void {
  for (let index = 0; index < hits.length; index += 2) visit(hits[index]! - first, hits[index + 1]!);
}
