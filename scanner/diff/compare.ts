import { AREAS, type Area, type Shape, type Trait } from './trait.ts';

/** One thing that differs between two artifacts. */
export interface Change {
  readonly area: Area;
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** The values on both sides; null where there is none, and for limits: no bound. */
  readonly from: Trait['value'];
  readonly to: Trait['value'];
  /** The new one can do more, needs more, or is vouched for by fewer. */
  readonly increase: boolean;
}

/** The difference of two artifacts, null: it exists on one side only. Ordered by area, then by name. */
export function compareShapes(before: Shape | null, after: Shape | null): readonly Change[] {
  const old = byName(before);
  const now = byName(after);
  const names = [...new Set([...old.keys(), ...now.keys()])];
  const changes = names.map((key) => changeOf(old.get(key), now.get(key))).filter((change) => change !== null);
  return changes.toSorted((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function byName(shape: Shape | null): ReadonlyMap<string, Trait> {
  return new Map((shape?.traits ?? []).map((trait) => [`${trait.area} ${trait.name}`, trait]));
}

function changeOf(old: Trait | undefined, now: Trait | undefined): Change | null {
  const { area, name } = (now ?? old)!;
  if (old === undefined || now === undefined) {
    // An import that comes or goes is told as an import; whether it was called says nothing more.
    if (area === 'reachability') return null;
    const added = old === undefined;
    return { area, name, change: added ? 'added' : 'removed', from: old?.value ?? null, to: now?.value ?? null, increase: added ? GAIN.has(area) : area === 'signer' && name.startsWith('authority ') };
  }
  if (old.value === now.value) return null;
  return { area, name, change: 'changed', from: old.value, to: now.value, increase: grew(area, old, now) };
}

/** Areas in which something new means more power or greater needs; a kind is new only where the whole artifact is. */
const GAIN: ReadonlySet<Area> = new Set(['kind', 'capability', 'import', 'feature', 'limit']);
const PROVENANCE = 'provenance';

/** Tables grow with every function whose address is taken, so of them only the loss of the bound counts. */
function grew(area: Area, { value: from }: Trait, { name, value: to }: Trait): boolean {
  if (area === 'limit') return from !== null && (to === null || (to > from && !name.startsWith('table')));
  if (area === 'reachability') return to === 'reachable';
  if (area === 'kind') return to === 'native' || to === 'unknown';
  return area === 'signer' && name === PROVENANCE && from === 'trusted';
}
