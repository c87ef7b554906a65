import { LIMITS } from '../../wasm/limits.ts';
import type { RootDocument } from '../image/source.ts';
import { readBody } from './body.ts';
import { algorithmOf, digestOf } from './digest.ts';
import { ACCEPTED, readDocument } from './document.ts';
import { unreadable } from './failure.ts';
import type { Repository } from './reference.ts';
import { fromEndpoints, registryGet, type Attempt, type Session } from './session.ts';
import type { HttpResponse } from './transport.ts';

/** What is asked for: a tag or a digest of a repository. */
export interface ManifestRequest {
  readonly repository: Repository;
  readonly tagOrDigest: string;
}

/**
 * A manifest or index with one GET. Its digest is that of the bytes that came: no header and no second request has a say in it
 * (CVE-2022-47633, CVE-2023-47630). Throws FetchError.
 */
export function fetchManifest(session: Session, request: ManifestRequest): Promise<RootDocument> {
  return fromEndpoints(session, { repository: request.repository, deadline: Date.now() + session.deadline }, (attempt) => fetchFrom(session, request, attempt));
}

async function fetchFrom(session: Session, { repository, tagOrDigest }: ManifestRequest, { endpoint, deadline }: Attempt): Promise<RootDocument> {
  const what = `manifest ${tagOrDigest} of ${repository.name}`;
  const response = await registryGet(session, { endpoint, path: `manifests/${tagOrDigest}`, headers: { accept: ACCEPTED }, deadline, what });
  const bytes = await readBody(response, LIMITS.manifestBytes, { timing: session.timing, deadline });
  const algorithm = algorithmOf(tagOrDigest) ?? 'sha256';
  const digest = digestOf(bytes, algorithm);
  if (algorithmOf(tagOrDigest) !== null && digest !== tagOrDigest) throw unreadable('digest-mismatch', `${response.url.host} sent ${digest} as ${what}`);
  compareHeader(response, bytes);
  const { mediaType } = readDocument(bytes, mediaTypeOf(response));
  return { digest, mediaType, bytes };
}

/** The header is not needed, but a registry that contradicts itself is not believed at all. */
function compareHeader({ message, url }: HttpResponse, bytes: Uint8Array): void {
  const header = message.headers['docker-content-digest'];
  if (header === undefined) return;
  const algorithm = typeof header === 'string' ? algorithmOf(header) : null;
  if (algorithm === null || digestOf(bytes, algorithm) !== header) throw unreadable('digest-header', `${url.host} names another digest in its header than its bytes have`);
}

/** `Content-Type` without parameters, in lower case; null: none. */
export function mediaTypeOf({ message }: HttpResponse): string | null {
  return message.headers['content-type']?.split(';')[0]!.trim().toLowerCase() || null;
}
