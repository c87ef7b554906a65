import type { ByteReader } from '../reader.ts';
import { readJsonObject, readText, textField, textList } from './read.ts';

/** Who made it, as plain text: the annotation sections of wasm-tools, named after the OCI annotations. */
export interface MetadataContent {
  readonly kind: 'metadata';
  readonly field: MetadataField;
  readonly text: string;
}

export const METADATA_FIELDS = ['authors', 'description', 'licenses', 'homepage', 'source', 'revision', 'version'] as const;
export type MetadataField = (typeof METADATA_FIELDS)[number];

/** Reads the payload of one of the annotation sections: plain text without a length. Throws DecodeError. */
export function readMetadata(reader: ByteReader, field: MetadataField): MetadataContent {
  return { kind: 'metadata', field, text: readText(reader) };
}

/** The older JSON form of the same facts. */
export interface RegistryMetadataContent {
  readonly kind: 'registry-metadata';
  readonly authors: readonly string[];
  readonly description: string | null;
  readonly license: string | null;
  readonly links: readonly string[];
}

/** Reads the payload of `registry-metadata`. Throws DecodeError. */
export function readRegistryMetadata(reader: ByteReader): RegistryMetadataContent {
  const json = readJsonObject(reader);
  const links = Array.isArray(json['links']) ? json['links'].map((link: unknown) => (typeof link === 'object' && link ? (link as { value?: unknown }).value : link)) : [];
  return { kind: 'registry-metadata', authors: textList(json['authors']), description: textField(json, 'description'), license: textField(json, 'license'), links: textList(links) };
}

/** `package-docs` of a WIT package: a version byte and JSON. */
export interface PackageDocsContent { readonly kind: 'package-docs'; readonly version: number; readonly keys: readonly string[] }

/** Reads the payload of `package-docs`. Throws DecodeError. */
export function readPackageDocs(reader: ByteReader): PackageDocsContent {
  // Version 0 had no byte in front: it starts with the brace.
  const version = reader.peek() === 0x7b ? 0 : reader.byte();
  return { kind: 'package-docs', version, keys: Object.keys(readJsonObject(reader)) };
}
