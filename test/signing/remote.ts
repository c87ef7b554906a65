import { digestOf } from '../registry/store.ts';
import { OCI_MANIFEST } from '../registry/pack.ts';

/** One repository of any registry, as somebody sees it who may write there: what tampering needs. */
export interface Remote { readonly url: string; readonly repository: string }

export interface Layer { mediaType: string; digest: string; size: number; annotations?: Record<string, string> }
export interface Manifest { mediaType?: string; artifactType?: string; config: Layer; layers: Layer[]; subject?: Layer; annotations?: Record<string, string> }

/** The manifest behind a tag or digest, as it is stored. */
export async function getManifest({ url, repository }: Remote, reference: string): Promise<Manifest> {
  return JSON.parse((await get(`${url}/v2/${repository}/manifests/${reference}`)).toString()) as Manifest;
}

export function getBlob({ url, repository }: Remote, digest: string): Promise<Buffer> {
  return get(`${url}/v2/${repository}/blobs/${digest}`);
}

/** Digests of the manifests that refer to a digest, by the referrers API or the fallback tag. */
export async function referrersOf(remote: Remote, digest: string): Promise<string[]> {
  const { url, repository } = remote;
  const answer = await fetch(`${url}/v2/${repository}/referrers/${digest}`);
  const listed = answer.ok ? await answer.json() : JSON.parse((await get(`${url}/v2/${repository}/manifests/${digest.replace(':', '-')}`)).toString());
  return (listed as { manifests: { digest: string }[] }).manifests.map((entry) => entry.digest);
}

/** Stores bytes under their digest. */
export async function putBlob({ url, repository }: Remote, bytes: Uint8Array): Promise<string> {
  const begun = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(begun.headers.get('location')!, url);
  place.searchParams.set('digest', digestOf(bytes));
  await expectOk(await fetch(place, { method: 'PUT', body: Buffer.from(bytes), headers: { 'content-type': 'application/octet-stream' } }));
  return digestOf(bytes);
}

/** Stores a manifest under a tag, or only under its digest. Gives the digest. */
export async function putManifest({ url, repository }: Remote, manifest: Manifest | Uint8Array, tag: string | null): Promise<string> {
  const bytes = manifest instanceof Uint8Array ? Buffer.from(manifest) : Buffer.from(JSON.stringify(manifest));
  const digest = digestOf(bytes);
  const { mediaType } = JSON.parse(bytes.toString()) as Manifest;
  await expectOk(await fetch(`${url}/v2/${repository}/manifests/${tag ?? digest}`, { method: 'PUT', body: bytes, headers: { 'content-type': mediaType ?? OCI_MANIFEST } }));
  return digest;
}

async function get(url: string): Promise<Buffer> {
  const answer = await fetch(url, { headers: { accept: '*/*, application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' } });
  return Buffer.from(await (await expectOk(answer)).arrayBuffer());
}

async function expectOk(answer: Response): Promise<Response> {
  if (!answer.ok) throw new Error(`${answer.status} of ${answer.url}: ${await answer.text()}`);
  return answer;
}
