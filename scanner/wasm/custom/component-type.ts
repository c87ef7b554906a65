import type { ByteReader } from '../reader.ts';
import { expectEnd } from './read.ts';

/** The world a core module was built for: it waits to be made a component. Written by wit-bindgen. */
export interface ComponentTypeContent {
  readonly kind: 'component-type';
  /** Text after the first colon of the section name. */
  readonly world: string;
  /** Version and string encoding of the metadata, null when the nested component does not say. */
  readonly encoding: WitEncoding | null;
}

export interface WitEncoding { readonly version: number; readonly strings: 'utf8' | 'utf16' | 'compact-utf16' | null }

const STRING_ENCODINGS = ['utf8', 'utf16', 'compact-utf16'] as const;
const COMPONENT_PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** Reads the payload of `component-type*`: a component binary, of which only the frame is walked. Throws DecodeError. */
export function readComponentType(reader: ByteReader, name: string): ComponentTypeContent {
  for (const expected of COMPONENT_PREAMBLE) {
    if (reader.byte() !== expected) reader.fail('damaged-custom-section', 'Not a component binary', 0);
  }
  let encoding: WitEncoding | null = null;
  while (!reader.done) {
    const id = reader.byte();
    const body = reader.sub(reader.u32());
    if (id === 0 && body.name() === 'wit-component-encoding') encoding = readEncoding(body);
  }
  return { kind: 'component-type', world: name.slice(name.indexOf(':') + 1), encoding };
}

/** The same two bytes as a section of their own, inside a WIT package. */
export interface WitEncodingContent { readonly kind: 'wit-component-encoding'; readonly encoding: WitEncoding }

/** Reads the payload of `wit-component-encoding`. Throws DecodeError. */
export function readWitEncoding(reader: ByteReader): WitEncodingContent {
  return { kind: 'wit-component-encoding', encoding: readEncoding(reader) };
}

function readEncoding(reader: ByteReader): WitEncoding {
  const version = reader.byte();
  const strings = STRING_ENCODINGS[reader.byte()] ?? null;
  expectEnd(reader);
  return { version, strings };
}
