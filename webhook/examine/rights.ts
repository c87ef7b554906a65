import { WEBHOOK_LIMITS } from '../limits.ts';
import { memory } from './memory.ts';
import type { Access } from './task.ts';

/** Who has lately been given which manifest by its registry. */
export interface Rights {
  has(access: Access, image: string): boolean;
  /** To be called for a manifest that was fetched with exactly this access. */
  grant(access: Access, image: string): void;
}

const GRANTED = {};

/** Rights that are remembered for a while, so that a known digest costs no request. Credentials are named by their fingerprint alone. */
export function openRights(): Rights {
  const granted = memory<object>({ entries: 20_000, ttl: WEBHOOK_LIMITS.rightMilliseconds });
  return {
    has: ({ fingerprint }, image) => granted.get(`${fingerprint} ${image}`) !== undefined,
    grant: ({ fingerprint }, image) => granted.set(`${fingerprint} ${image}`, GRANTED),
  };
}
