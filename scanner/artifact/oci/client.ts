import type { Descriptor, ImageSource, OpenedImage, RootDocument } from '../image/source.ts';
import { createAuthoriser } from './auth/authorise.ts';
import type { Authoriser, SendRequest } from './authoriser.ts';
import { fetchBlob, type BlobSession } from './blobs.ts';
import { readSmallBody } from './body.ts';
import { algorithmOf } from './digest.ts';
import { fetchUrl } from './download.ts';
import { createEndpoints } from './endpoints.ts';
import { unreadable } from './failure.ts';
import { Flights } from './flights.ts';
import { createGuard } from './guard.ts';
import { fetchManifest } from './manifests.ts';
import { readReference, readRepository, type Repository } from './reference.ts';
import { fetchReferrers } from './referrers.ts';
import type { RegistryClient, RegistryOptions } from './registry.ts';
import { withRetries } from './retry.ts';
import { isTransient, statusError } from './status.ts';
import { TIMING, type Timing } from './timing.ts';
import { createTransport, discard, type Transport } from './transport.ts';

/** What tests replace. */
export interface ClientParts {
  readonly timing?: Timing;
  readonly authoriser?: Authoriser;
}

/**
 * A client for OCI registries. Everything that a registry says is hostile: bytes are hashed, lengths bounded, addresses guarded.
 * Throws RangeError when an option names no host or range of addresses.
 *
 * Codes of the failures that its methods throw:
 *
 * | kind | code | meaning |
 * |---|---|---|
 * | outside | `unauthorized`, `forbidden` | 401 with no credentials left to try; 403 |
 * | outside | `http-408`, `http-429`, `http-5xx` (the number itself) | still so after the last try |
 * | outside | `network`, `timeout`, `deadline`, `tls` | no connection or a broken one; silence; the fetch as a whole took too long; certificate not trusted |
 * | unreadable | `bad-reference`, `bad-digest`, `bad-url` | what was asked for cannot be read |
 * | unreadable | `not-found`, `http-4xx` (the number itself) | 404 and 410; every other status |
 * | unreadable | `address-refused`, `host-not-listed`, `no-address` | private, link-local and metadata addresses; download from a host that is not listed |
 * | unreadable | `redirect-refused` | too many, from https to http, no address; a Link to elsewhere |
 * | unreadable | `digest-mismatch`, `digest-header`, `size-mismatch` | the bytes are not those asked for; the header names others; more or fewer |
 * | unreadable | `media-type`, `ambiguous`, `malformed` | the answer contradicts the document; could be read as two things; is none |
 * | unreadable | `too-large`, `too-many` | beyond a limit |
 */
export function openRegistryClient(options: RegistryOptions, parts: ClientParts = {}): RegistryClient {
  const timing = parts.timing ?? TIMING;
  const transport = createTransport({ guard: createGuard(options), timing, authorities: options.authorities, environment: options.environment });
  const authoriser = parts.authoriser ?? createAuthoriser({
    config: options.config, pullSecrets: options.pullSecrets, environment: options.environment, allowedHosts: [...options.allowedHosts, ...options.insecure], send: tokenSender(transport, timing),
  });
  const session: BlobSession = { transport, authoriser, timing, deadline: options.deadline, endpoints: createEndpoints(options, transport), blobs: options.blobs, flights: new Flights() };
  const documents = new Flights<RootDocument>();
  const referrers = new Flights<readonly Descriptor[]>();
  const manifest = (repository: Repository, tagOrDigest: string): Promise<RootDocument> =>
    documents.run(`${repository.name}@${tagOrDigest}`, () => fetchManifest(session, { repository, tagOrDigest }));
  const sourceOf = (repository: Repository): ImageSource => ({
    manifest: async (descriptor) => agreeing(descriptor, await manifest(repository, requireDigest(descriptor))),
    blob: (descriptor) => fetchBlob(session, { repository, descriptor }),
  });
  return {
    open: async (reference) => openImage(reference, { manifest, sourceOf }),
    referrers: async (name, digest) => {
      const repository = readRepository(name);
      return referrers.run(`${repository.name}@${digest}`, () => fetchReferrers(session, { repository, digest }));
    },
    source: (name) => sourceOf(readRepository(name)),
    download: (url, limit) => fetchUrl(session, url, limit),
    close: async () => transport.close(),
  };
}

async function openImage(reference: string, from: { readonly manifest: (repository: Repository, tagOrDigest: string) => Promise<RootDocument>; readonly sourceOf: (repository: Repository) => ImageSource }): Promise<OpenedImage> {
  const { repository, tag, digest } = readReference(reference);
  const root = await from.manifest(repository, digest ?? tag ?? 'latest');
  const bare = reference.startsWith('oci://') ? reference : `oci://${reference}`;
  return { source: from.sourceOf(repository), root, name: bare, reference, repository: repository.name };
}

function requireDigest({ digest }: Descriptor): string {
  if (algorithmOf(digest) === null) throw unreadable('bad-digest', 'The digest of a manifest is neither sha256 nor sha512');
  return digest;
}

/** A manifest that is what its descriptor says. */
function agreeing(descriptor: Descriptor, document: RootDocument): RootDocument {
  const { digest, size, mediaType } = descriptor;
  if (document.bytes.length !== size) throw unreadable('size-mismatch', `Manifest ${digest} has ${document.bytes.length} bytes, but its descriptor says ${size}`);
  if (document.mediaType !== mediaType) throw unreadable('media-type', `Manifest ${digest} is of another media type than its descriptor says`);
  return document;
}

/** The guarded transport for token requests: one host, a short answer, no redirect. */
function tokenSender(transport: Transport, timing: Timing): SendRequest {
  return ({ url, method, headers, body, deadline }) => withRetries(timing, deadline, async () => {
    if (!URL.canParse(url)) throw unreadable('bad-url', 'The address for tokens is none');
    const response = await transport.send({ url: new URL(url), method, headers, ...(body === undefined ? {} : { body }), deadline, circle: 'public' });
    if (isTransient(response.status)) {
      discard(response);
      throw statusError(response, 'a token');
    }
    return { status: response.status, headers: joined(response.message.headers), body: await readSmallBody(response, { timing, deadline }) };
  });
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}
