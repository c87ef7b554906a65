import type { Opened } from '../artifact.ts';
import type { Carrier, CarrierFact } from '../carrier.ts';
import { LIMITS } from '../wasm/limits.ts';
import { failureIn, FetchError } from './fetch-error.ts';
import { contentOf } from './content.ts';
import { openReference } from './images.ts';
import { openArchiveTarget } from './packages.ts';
import { artifactOf } from './read-file.ts';
import type { Found, TargetOptions } from './target.ts';

/** Schemes of references that are an image, whatever system writes them. */
const IMAGE_SCHEME = /^(oci|registry|docker|image):\/\//i;

/** What one carrier brings, as something to open. */
export function foundCarrier(carrier: Carrier, options: TargetOptions): Found & { readonly file: string } {
  const name = carrierName(carrier);
  const { scheme, bytes, role } = carrier;
  const remote = !isEmpty(carrier) && (scheme === 'oci' || scheme === 'http') && role !== 'native' && options.registry !== null;
  return {
    name, file: carrier.file, size: bytes?.length ?? null, remote, elsewhere: bytes === undefined,
    ...(scheme === 'oci' && !isEmpty(carrier) && { reference: imageReference(carrier.reference) }),
    open: () => demandWasm(openCarrier(carrier, name, options), carrier),
  };
}

/** The field is there, or should be, and names nothing. */
function isEmpty({ reference, bytes }: Carrier): boolean {
  return bytes === undefined && reference.trim() === '';
}

/** How reports name what a carrier brings: images and URLs go by what the manifest calls them, everything else by the place that holds it. */
export function carrierName(carrier: Carrier): string {
  const { scheme, reference, file, document, pointer } = carrier;
  if (scheme === 'oci' && !isEmpty(carrier)) return `oci://${imageReference(reference)}`;
  if (scheme === 'http' && !isEmpty(carrier)) return reference;
  return `${file}#${document === 0 ? '' : document}${pointer}`;
}

/** The reference of an image without the scheme that some systems write before it. */
export function imageReference(reference: string): string {
  return reference.replace(IMAGE_SCHEME, '');
}

/**
 * Where a field can only be Wasm, a package in which none was found was not understood, and is never clean. Containers are left out:
 * beside Wasm there are ordinary ones in the same pod.
 */
export function demandedWasm(one: Opened, { certain, role, process, kind }: CarrierFact): Opened {
  if (!certain || role !== 'module' || process !== null || !('withoutWasm' in one)) return one;
  const { withoutWasm, ...rest } = one;
  return { ...rest, failure: { kind: 'unreadable', code: 'no-wasm', message: `No Wasm found in ${one.name} (${withoutWasm.title}), where ${kind} can name nothing else` } };
}

function demandWasm(opened: Opened | AsyncIterable<Opened>, carrier: Carrier): Opened | AsyncIterable<Opened> {
  const demanded = (one: Opened): Opened => demandedWasm(one, carrier);
  return Symbol.asyncIterator in opened ? eachOf(opened, demanded) : demanded(opened);
}

async function* eachOf(all: AsyncIterable<Opened>, change: (one: Opened) => Opened): AsyncGenerator<Opened> {
  for await (const one of all) yield change(one);
}

function openCarrier(carrier: Carrier, name: string, options: TargetOptions): Opened | AsyncIterable<Opened> {
  const { bytes, ...fact } = carrier;
  const said = saidOfCarrier(carrier, name);
  if (said !== null) return said;
  if (bytes !== undefined) return openBytes(bytes, { name, carrier: fact }, options);
  if (carrier.scheme === 'oci') return openReference(imageReference(carrier.reference), { name, carrier: fact }, options);
  return download(carrier.reference, { name, carrier: fact }, options);
}

/** All that can be said of a carrier whose bytes are native code, or are where only a node sees them. null: its bytes are to be had. */
export function saidOfCarrier(carrier: Carrier, name: string): Opened | null {
  const { bytes, ...fact } = carrier;
  if (carrier.role === 'native') return { name, carrier: fact, withoutWasm: { digest: null, title: 'native code' } };
  if (bytes !== undefined) return null;
  if (isEmpty(carrier)) return { name, carrier: fact, failure: { kind: 'unseen', code: 'no-reference', message: `Not seen: ${carrier.kind} ${carrier.name} names no module at ${carrier.pointer} (write the reference, or give the manifests as they are applied, for example from kustomize build)` } };
  if (carrier.scheme === 'oci' || carrier.scheme === 'http') return null;
  return { name, carrier: fact, failure: { kind: 'unseen', code: `${carrier.scheme}-unseen`, message: `Not seen: ${carrier.reference} (${UNSEEN[carrier.scheme]})` } };
}

const UNSEEN: Readonly<Record<'file' | 'inline' | 'configmap' | 'secret' | 'volume' | 'builtin', string>> = {
  file: 'a file that only the host can read',
  inline: 'text that holds no bytes',
  configmap: 'a ConfigMap that is not among the manifests',
  secret: 'a Secret that is not among the manifests',
  volume: 'a volume that only the node can read',
  builtin: 'code that the host brings itself',
};

interface Named {
  readonly name: string;
  readonly carrier: CarrierFact;
}

function openBytes(bytes: Uint8Array, { name, carrier }: Named, options: TargetOptions): Opened | AsyncIterable<Opened> {
  const opened = openHeld(bytes, name, options);
  return Symbol.asyncIterator in opened ? withCarrier(opened, carrier) : { ...opened, carrier };
}

/** What bytes hold that a manifest holds itself, or that its URL gave: a module, or an archive of some. Never throws. */
export function openHeld(bytes: Uint8Array, name: string, options: Pick<TargetOptions, 'platform'>): Opened | AsyncIterable<Opened> {
  const artifact = artifactOf(name, bytes);
  return contentOf(bytes, { name, stream: false }) === 'archive' ? openArchiveTarget({ bytes }, { name, instead: () => artifact }, options) : artifact;
}

async function* withCarrier(all: AsyncIterable<Opened>, carrier: CarrierFact): AsyncGenerator<Opened> {
  for await (const opened of all) yield { ...opened, carrier };
}

async function* download(url: string, named: Named, options: TargetOptions): AsyncGenerator<Opened> {
  try {
    if (options.registry === null) throw new FetchError({ kind: 'unreadable', code: 'not-fetched', message: `Not fetched: ${url} (--no-fetch)` });
    const opened = openBytes(await (await options.registry()).download(url, LIMITS.artifactBytes), named, options);
    if (Symbol.asyncIterator in opened) yield* opened;
    else yield opened;
  } catch (error) {
    yield { ...named, failure: failureIn(error, url) };
  }
}
