import type { SignedThing } from '../subject.ts';
import { isRecord } from '../../is-record.ts';
import { NotationFailure } from './failure.ts';
import { strictObject } from './jws.ts';

const MEMBERS = ['mediaType', 'digest', 'size', 'annotations', 'artifactType'];
const DIGEST = /^(sha256|sha384|sha512):([0-9a-f]+)$/;

/** Holds what a payload names against what it is said to be about: digest, media type and size must all match. Throws NotationFailure. */
export function demandTarget(payload: Uint8Array, about: SignedThing): void {
  const { targetArtifact: target, ...more } = strictObject(payload, 'The payload');
  if (!isRecord(target) || Object.keys(more).length > 0) throw malformed('has other members than targetArtifact');
  if (Object.keys(target).some((name) => !MEMBERS.includes(name))) throw malformed('describes its artifact with members that Notary Project does not have');
  const { digest, mediaType, size } = target;
  if (typeof digest !== 'string' || typeof mediaType !== 'string' || typeof size !== 'number' || !Number.isSafeInteger(size)) throw malformed('names no digest, media type or size');
  demandDigest(digest, about);
  demandSize(size, about);
  demandMediaType(mediaType, about);
}

function demandDigest(digest: string, about: SignedThing): void {
  const [, algorithm, hex] = DIGEST.exec(digest) ?? [];
  const known = algorithm ? about.digests[algorithm as 'sha256' | 'sha384' | 'sha512'] : undefined;
  if (known === undefined || known !== hex) throw new NotationFailure('digest-mismatch', `The signature is about ${digest.slice(0, 140)}, which is not this artifact`);
}

function demandSize(size: number, about: SignedThing): void {
  const known = about.size ?? about.bytes?.length ?? null;
  if (known === null) throw new NotationFailure('subject-unknown', 'The size of the artifact is not known, and the signature names one', 'error');
  if (size !== known) throw new NotationFailure('size-mismatch', `The signature is about ${size} bytes, and the artifact has ${known}`);
}

/** Files have no media type, so that of a signature over a file is only what its signer called it. */
function demandMediaType(mediaType: string, about: SignedThing): void {
  if (about.mediaType === null && about.kind === 'bytes') return;
  if (about.mediaType === null) throw new NotationFailure('subject-unknown', 'The media type of the manifest is not known, and the signature names one', 'error');
  if (mediaType !== about.mediaType) throw new NotationFailure('media-type-mismatch', `The signature is about ${JSON.stringify(mediaType.slice(0, 120))}, and the artifact is ${about.mediaType}`);
}

function malformed(what: string): NotationFailure {
  return new NotationFailure('malformed', `The payload ${what}`);
}
