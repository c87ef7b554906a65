/** Signatures as they were once made by the real tools, kept under test/fixtures/signing: what record.ts writes and recorded.test.ts reads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signedBytes } from '../../scanner/signature/convert-evidence.ts';
import type { Candidate, SignedThing } from '../../scanner/signature/subject.ts';
import { OCI_MANIFEST } from '../registry/pack.ts';
import type { Question } from './forms.ts';
import type { Material } from './ours.ts';
import type { NotaryQuestion } from './notary.ts';

export const RECORDINGS = join(import.meta.dirname, '../fixtures/signing');

/** One recorded signature, with the question to which it is the right answer. */
export interface Recording {
  readonly name: string;
  /** In the folder: the signature itself, or, for forms with annotations, JSON of `Annotated`. */
  readonly file: string;
  readonly form: 'sigstore-bundle' | 'cosign-signature' | 'cosign-attestation' | 'blob-bundle' | 'detached' | 'notation-jws' | 'notation-cose';
  /** What is signed: `app.manifest.json` or `app.wasm`. */
  readonly about: string;
  readonly question: Question | NotaryQuestion;
}

export interface RecordingIndex {
  /** When they were made, ISO 8601: the time at which they are verified. */
  readonly at: string;
  readonly recordings: readonly Recording[];
}

/** A layer under a tag of cosign 2. */
export interface Annotated { readonly content: string; readonly annotations: Readonly<Record<string, string>> }

export function read(name: string): Buffer {
  return readFileSync(join(RECORDINGS, name));
}

export function recordedMaterial(): Material {
  const text = (name: string) => read(name).toString();
  return {
    trustedRoot: text('trusted_root.json'), keys: (name) => text(`${name}.pub`),
    certificates: { acme: text('notary-acme.pem'), other: text('notary-other.pem'), times: text('notary-times.pem') },
  };
}

/** The signed thing, of these bytes. */
export function signedThing(about: string, bytes: Uint8Array = read(about)): SignedThing {
  return about.endsWith('.json') ? { ...signedBytes(bytes), kind: 'manifest', mediaType: OCI_MANIFEST } : signedBytes(bytes);
}

/** The recorded signature as one that was found beside `about`. */
export function candidateOf({ form, file }: Pick<Recording, 'form' | 'file'>, about: SignedThing, bytes: Uint8Array = read(file)): Candidate {
  const place = { where: file, about };
  const annotated = () => JSON.parse(Buffer.from(bytes).toString()) as Annotated;
  switch (form) {
    case 'sigstore-bundle': case 'blob-bundle': return { form, ...place, bundle: bytes };
    case 'cosign-signature': return { form, ...place, payload: Buffer.from(annotated().content, 'base64'), annotations: annotated().annotations };
    case 'cosign-attestation': return { form, ...place, envelope: Buffer.from(annotated().content, 'base64'), annotations: annotated().annotations };
    case 'detached': return { form, ...place, signature: bytes, certificate: null };
    default: return { form, ...place, envelope: bytes };
  }
}
