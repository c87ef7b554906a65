import { createHash } from 'node:crypto';
import type { Authority } from './authority.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate } from './subject.ts';
import { verifyCandidate } from './verify-candidate.ts';

export interface EvidenceCacheOptions {
  /** Milliseconds that evidence counts without being verified again: so long may a certificate have run out, or a time have passed, unnoticed. */
  readonly ttl: number;
  /** Most that is kept, in bytes of the signatures that were verified. */
  readonly maxBytes: number;
  /** Of what verifies: evidence of another version never counts. */
  readonly version: string;
}

/** Evidence of signatures that were verified before. Verifying takes milliseconds, and a cluster asks about the same few images all day. */
export interface EvidenceCache {
  /** As verifyCandidate. `now` also says what is too old to count. */
  verify(candidate: Candidate, authorities: readonly Authority[], now: Date): EvidenceWithStatement[];
  /** Signatures kept. */
  readonly size: number;
}

interface Kept {
  readonly evidence: readonly EvidenceWithStatement[];
  readonly at: number;
  readonly bytes: number;
}

/** What an entry takes beside the signature's own bytes, roughly. */
const ENTRY_BYTES = 2_048;

/**
 * Keeps evidence by what it depends on and nothing else: every byte of the signature, the digests of what it should be about, the authorities and the version.
 * Authorities count as the very objects they are, since no text tells their patterns apart for certain: a policy or trust root that is read anew starts
 * anew, so keep the list that a policy gives. Never by name or tag. Errors are not kept.
 */
export function createEvidenceCache({ ttl, maxBytes, version }: EvidenceCacheOptions, verify: typeof verifyCandidate = verifyCandidate): EvidenceCache {
  // A Map keeps the order in which keys were set: the first is the one that nobody has asked for longest.
  const kept = new Map<string, Kept>();
  let bytes = 0;
  const drop = (key: string): void => {
    bytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, one: Kept): void => {
    drop(key);
    if (one.bytes > maxBytes) return;
    kept.set(key, one);
    bytes += one.bytes;
    for (const oldest of kept.keys()) {
      if (bytes <= maxBytes) break;
      drop(oldest);
    }
  };
  return {
    verify(candidate, authorities, now) {
      const key = `${version} ${authorities.map(idOf).join()} ${contentOf(candidate).digest}`;
      const known = kept.get(key);
      const age = known === undefined ? Infinity : now.getTime() - known.at;
      // A clock that was set back must not make anything count for longer.
      if (known !== undefined && age >= 0 && age < ttl) {
        kept.delete(key);
        kept.set(key, known);
        return known.evidence.map((one) => (one.where === candidate.where ? one : { ...one, where: candidate.where }));
      }
      const evidence = verify(candidate, authorities, now);
      drop(key);
      if (evidence.every(({ status }) => status !== 'error')) keep(key, { evidence: [...evidence], at: now.getTime(), bytes: contentOf(candidate).bytes + ENTRY_BYTES });
      return evidence;
    },
    get size() { return kept.size; },
  };
}

const ids = new WeakMap<Authority, string>();
let count = 0;

function idOf(authority: Authority): string {
  const known = ids.get(authority);
  if (known !== undefined) return known;
  count += 1;
  const id = `${count}${'root' in authority && authority.root !== null ? `:${authority.root.hash}` : ''}`;
  ids.set(authority, id);
  return id;
}

interface Content {
  readonly digest: string;
  readonly bytes: number;
}

const contents = new WeakMap<Candidate, Content>();

/** SHA-256 over everything of a candidate but where it was found; whatever a form has, named and with its length, so that none can be taken for another. */
function contentOf(candidate: Candidate): Content {
  const known = contents.get(candidate);
  if (known !== undefined) return known;
  const { where: _where, about, ...rest } = candidate;
  const { bytes: aboutBytes, ...subject } = about;
  const parts = Object.entries(rest);
  const plain = JSON.stringify([subject, aboutBytes !== null, parts.map(([name, value]) => [name, value instanceof Uint8Array ? value.length : value])]);
  const hash = createHash('sha256').update(plain);
  let bytes = plain.length;
  for (const [, value] of parts) {
    if (!(value instanceof Uint8Array)) continue;
    hash.update(value);
    bytes += value.length;
  }
  const content = { digest: hash.digest('base64'), bytes };
  contents.set(candidate, content);
  return content;
}
