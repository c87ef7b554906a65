import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { logId } from './ct-log.ts';
import { json, type Answer, type Request } from './loopback.ts';

/** Name of the log, in its checkpoints and as the host of its address in trusted roots. */
export const REKOR1_ORIGIN = 'rekor1.test';

interface Proposed { readonly apiVersion: string; readonly kind: string; readonly spec: Record<string, unknown> }

/**
 * A transparency log as Rekor 1 answers, for kinds hashedrekord and dsse: a signed promise and a proof in a tree of one entry.
 * The real one needs a database server. Nothing is kept but the count.
 */
export function rekor1(key: KeyObject): (request: Request) => Answer | null {
  let count = 0;
  return ({ method, path, body }) => {
    if (path === '/api/v1/log/publicKey') return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body: createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string };
    if (method !== 'POST' || path !== '/api/v1/log/entries') return null;
    const entry = Buffer.from(canonical(entryOf(JSON.parse(body.toString()) as Proposed)));
    const leaf = createHash('sha256').update(Buffer.concat([Buffer.of(0), entry])).digest();
    const uuid = `${'1'.padStart(16, '0')}${leaf.toString('hex')}`;
    return json({ [uuid]: answerOf(entry, { leaf, key, index: count++ }) }, 201, { location: `/api/v1/log/entries/${uuid}`, etag: uuid });
  };
}

function answerOf(entry: Buffer, { leaf, key, index }: { readonly leaf: Buffer; readonly key: KeyObject; readonly index: number }): object {
  const promise = { body: entry.toString('base64'), integratedTime: Math.floor(Date.now() / 1000), logID: logId(key).toString('hex'), logIndex: index };
  return {
    ...promise,
    verification: {
      signedEntryTimestamp: sign('sha256', Buffer.from(canonical(promise)), key).toString('base64'),
      inclusionProof: { checkpoint: checkpoint(leaf, key), hashes: [], logIndex: 0, rootHash: leaf.toString('hex'), treeSize: 1 },
    },
  };
}

function checkpoint(root: Buffer, key: KeyObject): string {
  const text = `${REKOR1_ORIGIN} - 1\n1\n${root.toString('base64')}\n`;
  const signature = Buffer.concat([logId(key).subarray(0, 4), sign('sha256', Buffer.from(text), key)]);
  return `${text}\n\u2014 ${REKOR1_ORIGIN} ${signature.toString('base64')}\n`;
}

/** The entry as it is logged: envelopes are replaced by their digests. */
function entryOf({ apiVersion, kind, spec }: Proposed): object {
  if (kind !== 'dsse') return { apiVersion, kind, spec };
  const { envelope, verifiers } = spec['proposedContent'] as { envelope: string; verifiers: string[] };
  const { payload, signatures } = JSON.parse(envelope) as { payload: string; signatures: { sig: string }[] };
  const hash = (bytes: string | Buffer) => ({ algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') });
  return {
    apiVersion, kind,
    spec: { envelopeHash: hash(envelope), payloadHash: hash(Buffer.from(payload, 'base64')), signatures: signatures.map(({ sig }, at) => ({ signature: sig, verifier: verifiers[at] })) },
  };
}

/** JSON with sorted keys, RFC 8785; the values here are plain. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`;
}
