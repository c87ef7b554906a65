import type { Failure } from '../../scanner/artifact.ts';
import type { Descriptor, ImageSource } from '../../scanner/artifact/image/source.ts';

interface Raw { readonly mediaType: string; readonly digest: string; readonly size: number; readonly artifactType?: string; readonly annotations?: Record<string, string>; readonly platform?: { os: string; architecture: string; variant?: string } }

/** A descriptor in the form that sources take. */
export function toDescriptor({ mediaType, digest, size, artifactType, annotations, platform }: Raw): Descriptor {
  return { mediaType, digest, size, artifactType: artifactType ?? null, annotations: annotations ?? {}, platform: platform ? { os: platform.os, architecture: platform.architecture, variant: platform.variant ?? null } : null };
}

/** The layers of a manifest, or the manifests of an index, in order. */
export function entriesOf(bytes: Uint8Array): Descriptor[] {
  const document = JSON.parse(Buffer.from(bytes).toString('utf8')) as { layers?: Raw[]; manifests?: Raw[] };
  return (document.layers ?? document.manifests ?? []).map(toDescriptor);
}

/** A blob from first to last piece. Throws what the source throws. */
export async function readBlob(source: ImageSource, descriptor: Descriptor): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.blob(descriptor)) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

/** The failure with which a promise ends. Throws where it succeeds or fails with anything else. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    const value = await promise;
    throw new Error(`Expected a failure, got ${JSON.stringify(value)}`);
  } catch (error) {
    if (error instanceof Error && 'failure' in error) return error.failure as Failure;
    throw error;
  }
}
