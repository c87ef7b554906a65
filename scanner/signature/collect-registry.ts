import type { Descriptor, ImageSource, RootDocument } from '../artifact/image/source.ts';
import { failureIn } from '../artifact/fetch-error.ts';
import type { RegistryClient } from '../artifact/oci/registry.ts';
import { LIMITS } from '../wasm/limits.ts';
import { signaturesIn, type ExpectedSubject, type Held, type Pending } from './collect-layers.ts';
import { tooLarge, tooMany, unread, type Place } from './collect-text.ts';
import type { Candidate, SignedThing } from './subject.ts';

/** Where to look for signatures, and of what. */
export interface RegistrySearch {
  readonly client: RegistryClient;
  readonly repository: string;
  /** The manifest and, where there is one, the index above it. */
  readonly manifests: readonly SignedThing[];
}

interface Search {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly source: ImageSource;
  readonly run: Runner;
}

type Runner = <Value>(task: () => Promise<Value>) => Promise<Value>;

/** Requests at a time. */
const PARALLEL = 4;
/** Failures of the registry after which nothing more is asked: each may take as long as a fetch may. */
const PATIENCE = 4;
const TAGS = ['sig', 'att'] as const;
const MANIFESTS = new Set(['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json']);
const ARTIFACT_MANIFEST = 'application/vnd.oci.artifact.manifest.v1+json';

/**
 * Every signature and attestation that a registry has for these manifests, by referrers and by tags: both are always looked at, because each may have
 * what the other has not. Nothing is believed here; candidates bind to digests when they are verified. Never throws: what cannot be fetched is a candidate
 * of form unknown with status error, so that a failing registry is never taken for one without signatures; 404 is no candidate.
 */
export async function collectFromRegistry({ client, repository, manifests }: RegistrySearch): Promise<readonly Candidate[]> {
  try {
    const search: Search = { client, repository, source: client.source(repository), run: runner() };
    const found = await Promise.all(manifests.flatMap((about) => [referring(search, about), ...TAGS.map((tag) => tagged(search, about, tag))]));
    return found.flat();
  } catch (error) {
    return manifests.map((about) => unfetched({ where: repository, about }, error));
  }
}

async function referring(search: Search, about: SignedThing): Promise<readonly Candidate[]> {
  const digest = digestOf(about);
  const place: Place = { where: `referrers of ${digest}`, about };
  let listed: readonly Descriptor[];
  try {
    listed = await search.run(() => search.client.referrers(search.repository, digest));
  } catch (error) {
    return none(error) ? [] : [unfetched(place, error)];
  }
  const held = await Promise.all(listed.slice(0, LIMITS.referrers).map((descriptor) => referrer(search, descriptor, about)));
  return fetched(search, place, { told: held.flatMap(({ told }) => told), pending: held.flatMap(({ pending }) => pending) });
}

async function referrer(search: Search, descriptor: Descriptor, about: SignedThing): Promise<Held> {
  const place: Place = { where: descriptor.digest, about };
  if (descriptor.mediaType === ARTIFACT_MANIFEST) return toldAlone(unread(place, { status: 'unsupported', code: 'artifact-manifest', reason: 'A referrer is an artifact manifest, a form that the image specification has withdrawn' }));
  if (!MANIFESTS.has(descriptor.mediaType)) return { told: [], pending: [] };
  return held(search, place, { get: () => search.source.manifest(descriptor), subject: { digest: digestOf(about), demanded: 'always' } });
}

async function tagged(search: Search, about: SignedThing, suffix: (typeof TAGS)[number]): Promise<readonly Candidate[]> {
  const where = `${search.repository}:sha256-${about.digests.sha256}.${suffix}`;
  const place: Place = { where, about };
  const get = async (): Promise<RootDocument> => (await search.client.open(where)).root;
  return fetched(search, place, await held(search, place, { get, subject: { digest: digestOf(about), demanded: 'where given' } }));
}

async function held(search: Search, place: Place, { get, subject }: { readonly get: () => Promise<RootDocument>; readonly subject: ExpectedSubject }): Promise<Held> {
  try {
    return signaturesIn(await search.run(get), place, subject);
  } catch (error) {
    return none(error) ? { told: [], pending: [] } : toldAlone(unfetched(place, error));
  }
}

async function fetched(search: Search, place: Place, { told, pending }: Held): Promise<readonly Candidate[]> {
  const more = pending.length > LIMITS.signatures ? [tooMany(place, pending.length)] : [];
  const read = await Promise.all(pending.slice(0, LIMITS.signatures).map((one) => layerOf(search, one)));
  return [...read.filter((candidate) => candidate !== null), ...told, ...more];
}

async function layerOf({ source, run }: Search, { where, about, layer, read }: Pending): Promise<Candidate | null> {
  if (layer.size > LIMITS.signatureBytes) return tooLarge({ where, about }, LIMITS.signatureBytes);
  try {
    return read(await run(() => bytesOf(source, layer)));
  } catch (error) {
    // A manifest without its layer is no absent signature: somebody took the layer away.
    return unfetched({ where, about }, error);
  }
}

async function bytesOf(source: ImageSource, layer: Descriptor): Promise<Uint8Array> {
  const bytes = new Uint8Array(layer.size);
  let at = 0;
  for await (const piece of source.blob(layer)) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** What an outage is and what a registry's lie: the first may pass, the second is refused. */
function unfetched(place: Place, error: unknown): Candidate {
  const { kind, code, message } = failureIn(error, place.where);
  const lie = kind === 'unreadable' && LIES.has(code);
  return unread(place, { status: lie ? 'invalid' : 'error', code, reason: message });
}

const LIES = new Set(['digest-mismatch', 'digest-header', 'size-mismatch', 'media-type', 'ambiguous', 'malformed']);

function none(error: unknown): boolean {
  return failureIn(error, '').code === 'not-found';
}

function toldAlone(candidate: Candidate): Held {
  return { told: [candidate], pending: [] };
}

function digestOf({ digests }: SignedThing): string {
  return `sha256:${digests.sha256}`;
}

/** Runs at most PARALLEL tasks at a time, and none any more once the registry has failed often. */
function runner(): Runner {
  const waiting: (() => void)[] = [];
  let free = PARALLEL;
  const failures: unknown[] = [];
  const start = async (): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => { waiting.push(resolve); });
  };
  const end = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async (task) => {
    await start();
    try {
      if (failures.length >= PATIENCE) throw failures[0];
      return await task();
    } catch (error) {
      if (failureIn(error, '').kind === 'outside') failures.push(error);
      throw error;
    } finally {
      end();
    }
  };
}
