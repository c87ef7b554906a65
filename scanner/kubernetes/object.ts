import type { Position } from '../yaml.ts';

/** One Kubernetes object of a manifest file, with the places of its values. Hostile input: nothing about its shape is known. */
export interface ManifestObject {
  readonly file: string;
  /** Number of the document in the file, from 0; items of a List share it. */
  readonly document: number;
  /** Pointer of the object in its document: '' or `/items/3`. */
  readonly base: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | null;
  /** The object itself. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Place of the value at a pointer in the document (base included), or of the nearest thing around it. */
  readonly positionOf: (pointer: string) => Position;
  /** Place of a character inside the text at a pointer; its beginning where the text is not written as it reads. */
  readonly positionInside?: (pointer: string, offset: number) => Position;
}

/** A document that could not be read as Kubernetes objects; never left out in silence. */
export interface ManifestFault extends Position {
  readonly file: string;
  readonly document: number | null;
  readonly message: string;
}
