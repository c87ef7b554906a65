import type { ByteReader } from '../reader.ts';
import { readText } from './read.ts';

/** The namespace under which a Javy plug-in offers its JavaScript engine. */
export interface ImportNamespaceContent { readonly kind: 'import-namespace'; readonly namespace: string }

/** Reads the payload of `import_namespace`: plain text. Throws DecodeError. */
export function readImportNamespace(reader: ByteReader): ImportNamespaceContent {
  return { kind: 'import-namespace', namespace: readText(reader) };
}

/** DWARF of one kind, kept as bytes. */
export interface DwarfContent { readonly kind: 'dwarf'; /** Text after `.debug_`. */ readonly part: string }

/** Any section named `.debug_*`; its content is not read. */
export function readDwarf(reader: ByteReader, name: string): DwarfContent {
  reader.skip(reader.left);
  return { kind: 'dwarf', part: name.slice('.debug_'.length) };
}
