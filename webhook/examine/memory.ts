import { LRUCache } from 'lru-cache';

/** What a memory holds at most: entries, or what they weigh. */
export interface MemoryBounds<Value> {
  readonly entries: number;
  /** Weight of all entries together, in whatever `set` says. */
  readonly weight?: number;
  /** Milliseconds that an entry counts; left out: until it is pushed out. */
  readonly ttl?: number;
  /** Told of every entry that was pushed out. */
  readonly dropped?: (value: Value) => void;
}

/** Values by key; what nobody has asked for longest goes first. */
export interface Memory<Value> {
  get(key: string): Value | undefined;
  /** `weight` default 1; what is heavier than the whole memory is not kept. */
  set(key: string, value: Value, weight?: number): void;
  values(): Value[];
}

/** A memory within bounds. */
export function memory<Value extends object>({ entries, weight, ttl, dropped }: MemoryBounds<Value>): Memory<Value> {
  const kept = new LRUCache<string, Value>({
    max: entries,
    ...(weight !== undefined && { maxSize: weight }),
    ...(ttl !== undefined && { ttl }),
    ...(dropped && { disposeAfter: (value: Value, _key: string, reason: string) => { if (reason === 'evict') dropped(value); } }),
  });
  return {
    get: (key) => kept.get(key),
    set: (key, value, size = 1) => void kept.set(key, value, weight === undefined ? {} : { size }),
    values: () => [...kept.values()],
  };
}
