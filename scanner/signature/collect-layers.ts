import { readListedDescriptor } from '../artifact/oci/descriptor.ts';
import { readDocument } from '../artifact/oci/document.ts';
import type { Descriptor, RootDocument } from '../artifact/image/source.ts';
import { failureIn } from '../artifact/fetch-error.ts';
import { parseStrictJson } from '../strict-json.ts';
import { LIMITS } from '../wasm/limits.ts';
import { isRecord } from '../is-record.ts';
import { isEnvelope, tooMany, unread, type Place } from './collect-text.ts';
import type { Candidate } from './subject.ts';

/** A layer that holds a signature, not yet fetched. */
export interface Pending extends Place {
  readonly layer: Descriptor;
  /** The candidate from the layer's bytes; null: they are no signature after all. */
  readonly read: (bytes: Uint8Array) => Candidate | null;
}

/** What a manifest holds: candidates that are nothing but their reason, and layers to be fetched. */
export interface Held {
  readonly told: readonly Candidate[];
  readonly pending: readonly Pending[];
}

/** What a manifest of signatures must name as its subject; null: a tag of the old scheme, which names none. */
export type ExpectedSubject = { readonly digest: string; readonly demanded: 'always' | 'where given' };

const BUNDLE = 'application/vnd.dev.sigstore.bundle';
const NOTATION = 'application/vnd.cncf.notary.signature';
const NOTATION_LAYERS: Readonly<Record<string, 'notation-jws' | 'notation-cose'>> = { 'application/jose+json': 'notation-jws', 'application/cose': 'notation-cose' };
const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const ENVELOPE = 'application/vnd.dsse.envelope.v1+json';
/** May hold an envelope or a bare statement: only the content tells. */
const STATEMENT = 'application/vnd.in-toto+json';
const NOTHING: Held = { told: [], pending: [] };

/**
 * The signatures in a manifest by its own artifact type and the types of its layers. What a list says of it is not asked: registries without
 * the referrers interface have entries whose artifact type is that of the empty config. A manifest about something else is told, not read.
 */
export function signaturesIn(document: RootDocument, place: Place, subject: ExpectedSubject): Held {
  const { kind, value } = readDocument(document.bytes, document.mediaType);
  if (kind !== 'manifest') return NOTHING;
  const held = heldBy(value, place);
  if (held.told.length + held.pending.length === 0 || isAbout(value['subject'], subject)) return held;
  return told(place, { status: 'invalid', code: 'subject-mismatch', reason: `A manifest of signatures names another subject than ${subject.digest}` });
}

function isAbout(named: unknown, { digest, demanded }: ExpectedSubject): boolean {
  if (named === undefined || named === null) return demanded === 'where given';
  return isRecord(named) && named['digest'] === digest;
}

function heldBy(value: Readonly<Record<string, unknown>>, place: Place): Held {
  const { artifactType, config, layers } = value;
  const types = [artifactType, isRecord(config) ? config['mediaType'] : null];
  const list = Array.isArray(layers) ? layers : [];
  const ofType = (test: (type: string) => boolean): boolean => list.slice(0, LIMITS.descriptors).some((layer) => isRecord(layer) && typeof layer['mediaType'] === 'string' && test(layer['mediaType']));
  if (types.includes(NOTATION)) return single(list, place, notationLayer);
  if (types.some((type) => typeof type === 'string' && type.startsWith(BUNDLE)) || ofType((type) => type.startsWith(BUNDLE))) return single(list, place, bundleLayer);
  return severalLayers(list, place);
}

/** Forms whose manifests have exactly one layer. */
function single(list: readonly unknown[], place: Place, read: (layer: Descriptor, place: Place) => Held): Held {
  if (list.length !== 1) return told(place, { status: 'invalid', code: 'layer-count', reason: `A manifest of a signature has ${list.length} layers where exactly one may stand` });
  return withLayer(list[0], place, (layer) => read(layer, place));
}

function bundleLayer(layer: Descriptor, place: Place): Held {
  if (!layer.mediaType.startsWith(BUNDLE)) return told(place, { status: 'unsupported', code: 'layer-type', reason: 'A manifest of a Sigstore bundle has a layer of another type' });
  return { told: [], pending: [{ ...place, layer, read: (bundle) => ({ form: 'sigstore-bundle', ...place, bundle }) }] };
}

function notationLayer(layer: Descriptor, place: Place): Held {
  const form = NOTATION_LAYERS[layer.mediaType];
  if (form === undefined) return told(place, { status: 'unsupported', code: 'layer-type', reason: 'A Notary Project signature is packed in another way than JWS or COSE' });
  return { told: [], pending: [{ ...place, layer, read: (envelope) => ({ form, ...place, envelope }) }] };
}

/** cosign 2: every layer is a signature or an attestation of its own. */
function severalLayers(list: readonly unknown[], place: Place): Held {
  const all = list.slice(0, LIMITS.descriptors).map((layer) => (isSigned(layer) ? withLayer(layer, place, (layer) => cosignLayer(layer, place)) : NOTHING));
  const pending = all.flatMap((held) => held.pending);
  const count = pending.length + Math.max(list.length - LIMITS.descriptors, 0);
  const more = pending.length > 0 && count > LIMITS.signatures ? [tooMany(place, count)] : [];
  return { told: [...all.flatMap((held) => held.told).slice(0, LIMITS.signatures), ...more], pending: pending.slice(0, LIMITS.signatures) };
}

function isSigned(layer: unknown): boolean {
  return isRecord(layer) && (layer['mediaType'] === SIMPLE_SIGNING || layer['mediaType'] === ENVELOPE || layer['mediaType'] === STATEMENT);
}

function cosignLayer(layer: Descriptor, place: Place): Held {
  const { annotations, mediaType } = layer;
  const read = (bytes: Uint8Array): Candidate | null => {
    if (mediaType === SIMPLE_SIGNING) return { form: 'cosign-signature', ...place, payload: bytes, annotations };
    if (mediaType === STATEMENT && !holdsEnvelope(bytes)) return null;
    return { form: 'cosign-attestation', ...place, envelope: bytes, annotations };
  };
  return { told: [], pending: [{ ...place, layer, read }] };
}

/** Whatever cannot be read is taken for an envelope, whose verification then says so. */
function holdsEnvelope(bytes: Uint8Array): boolean {
  try {
    return isEnvelope(parseStrictJson(bytes));
  } catch {
    return true;
  }
}

function withLayer(value: unknown, place: Place, use: (layer: Descriptor) => Held): Held {
  let layer: Descriptor;
  try {
    layer = readListedDescriptor(value);
  } catch (error) {
    return told(place, { status: 'invalid', code: 'malformed', reason: failureIn(error, 'a layer').message });
  }
  return use(layer);
}

function told(place: Place, why: Parameters<typeof unread>[1]): Held {
  return { told: [unread(place, why)], pending: [] };
}
