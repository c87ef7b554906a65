/** What somebody who may write to a registry does to signatures there. Everything goes into another repository; the artifact and its digest stay the same. */
import { pushTo, type Packed } from '../registry/pack.ts';
import { getBlob, getManifest, putBlob, putManifest, referrersOf, type Manifest, type Remote } from './remote.ts';

/** A manifest that holds a signature, with the contents of its layers in their order. */
export interface SignatureManifest { readonly manifest: Manifest; readonly layers: Buffer[] }
/** Changes what is given; what it gives back is stored instead. */
export type Change = (signature: SignatureManifest) => void;

export interface Transplant {
  readonly from: Remote;
  readonly to: Remote;
  /** What was signed, and what stands at the other end; the same unless signatures are moved to another artifact. */
  readonly signed: Packed;
  readonly placed: Packed;
  readonly change: Change;
}

/** Pushes an artifact as tag `v1` and beside it every signature of `signed`, as a referrer or under a tag as it was, changed. */
export async function transplant({ from, to, signed, placed, change }: Transplant): Promise<void> {
  await pushTo(to, to.repository, 'v1', placed);
  const referrers = await referrersOf(from, signed.digest).catch(() => []);
  const tagged = await Promise.all((['sig', 'att'] as const).map(async (suffix) => ({ suffix, found: await getManifest(from, tagOf(signed.digest, suffix)).catch(() => null) })));
  if (referrers.length === 0 && tagged.every(({ found }) => found === null)) throw new Error(`Nothing is signed in ${from.repository}`);
  for (const digest of referrers) {
    const manifest = await getManifest(from, digest);
    manifest.subject = { ...manifest.subject!, digest: placed.digest, size: placed.bytes.length };
    await putChanged({ from, to, manifest, change, tag: null });
  }
  for (const { suffix, found } of tagged) if (found) await putChanged({ from, to, manifest: found, change, tag: tagOf(placed.digest, suffix) });
}

/** The tag under which cosign 2 looks. */
export function tagOf(digest: string, suffix: 'sig' | 'att'): string {
  return `${digest.replace(':', '-')}.${suffix}`;
}

async function putChanged({ from, to, manifest, change, tag }: { readonly from: Remote; readonly to: Remote; readonly manifest: Manifest; readonly change: Change; readonly tag: string | null }): Promise<void> {
  const layers = await Promise.all(manifest.layers.map((layer) => getBlob(from, layer.digest)));
  const signature = { manifest, layers };
  change(signature);
  await putBlob(to, await getBlob(from, manifest.config.digest));
  for (const [index, bytes] of signature.layers.entries()) {
    const layer = manifest.layers[index]!;
    layer.digest = await putBlob(to, bytes);
    layer.size = bytes.length;
  }
  await putManifest(to, manifest, tag);
}

/** The parts of a bundle that are changed here. */
export interface BundleJson {
  verificationMaterial: { tlogEntries?: { canonicalizedBody: string; logIndex: string; inclusionProof: { checkpoint: { envelope: string } } }[]; timestampVerificationData?: { rfc3161Timestamps: unknown[] } };
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
}

/** Changes every layer as the bundle that it is. */
export function changingBundle(change: (bundle: BundleJson) => void): Change {
  return ({ layers }) => {
    for (const [index, bytes] of layers.entries()) {
      const value = JSON.parse(bytes.toString()) as BundleJson;
      change(value);
      layers[index] = Buffer.from(JSON.stringify(value));
    }
  };
}

/** Changes an annotation of every layer; undefined removes it. */
export function changingAnnotation(name: string, change: (text: string) => string | undefined): Change {
  return ({ manifest }) => {
    for (const { annotations = {} } of manifest.layers) {
      const text = annotations[name];
      if (text === undefined) throw new Error(`No annotation ${name}`);
      const changed = change(text);
      if (changed === undefined) delete annotations[name];
      else annotations[name] = changed;
    }
  };
}

/** Base64 of the same bytes but for one bit in the middle. */
export function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length >> 1]! ^= 1;
  return bytes.toString('base64');
}
