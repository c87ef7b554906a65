import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Authority } from '../../scanner/signature/authority.ts';
import { parsePublicKey } from '../../scanner/signature/keys.ts';
import type { SignedThing } from '../../scanner/signature/subject.ts';
import { publicGoodRoot, readTrustRoot, type TrustRoot } from '../../scanner/signature/trust-root.ts';
import { suitesFolder } from './suites.ts';

/** File of the suites folder with the bundles of sigstore-conformance. */
export const CONFORMANCE_FILE = 'sigstore-conformance.jsonl.gz';

/** One case: a bundle, what it should be about, and whether it is to be accepted. */
export interface ConformanceCase {
  readonly name: string;
  readonly expect: 'accept' | 'refuse';
  readonly bundle: string;
  /** Base64. */
  readonly artifact: string;
  /** PEM; without it the signer is told by identity and issuer. */
  readonly key?: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly trustedRoot: 'public-good' | object;
}

/** The cases, in the order of the file. Where a root is named, it is the one that is built in, which the first line must equal. */
export function conformanceCases(): { readonly publicGood: object; readonly cases: readonly ConformanceCase[] } {
  const [first, ...lines] = gunzipSync(readFileSync(join(suitesFolder(), CONFORMANCE_FILE))).toString('utf8').split('\n').filter(Boolean);
  return { publicGood: (JSON.parse(first!) as { publicGood: object }).publicGood, cases: lines.map((line) => JSON.parse(line) as ConformanceCase) };
}

/** The trust root of a case. Throws TrustRootError, which refuses the case. */
export function rootOf({ trustedRoot, name }: ConformanceCase): TrustRoot {
  return trustedRoot === 'public-good' ? publicGoodRoot() : readTrustRoot(JSON.stringify(trustedRoot), name);
}

/** Whom a case expects. Throws TrustRootError and KeyError, which refuse the case. */
export function authorityOf(item: ConformanceCase): Authority {
  const root = rootOf(item);
  if (item.key !== undefined) return { name: 'expected', kind: 'key', keys: [parsePublicKey(item.key)], transparencyLog: 'required', root };
  return {
    name: 'expected', kind: 'keyless', root, transparencyLog: 'required', sct: 'required', timestamps: { atLeast: 1, accept: ['log', 'tsa'] },
    identities: [{ issuer: (text) => text === item.issuer, subject: (text) => text === item.identity, extensions: {}, text: `${item.identity}` }],
  };
}

/** The artifact of a case: its bytes, or only what its digest tells. */
export function artifactOf(item: ConformanceCase, mode: 'artifact' | 'digest'): SignedThing {
  const bytes = new Uint8Array(Buffer.from(item.artifact, 'base64'));
  const sha256 = hash('sha256', bytes);
  return { kind: 'bytes', bytes: mode === 'artifact' ? bytes : null, digests: mode === 'artifact' ? { sha256, sha384: hash('sha384', bytes), sha512: hash('sha512', bytes) } : { sha256 }, mediaType: null, size: mode === 'artifact' ? bytes.length : null };
}
