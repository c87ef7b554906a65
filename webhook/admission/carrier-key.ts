import type { Carrier } from '../../scanner/carrier.ts';

/**
 * A text that is equal for carriers which are judged alike wherever they stand: everything of a carrier but its place and the name of
 * its object, inline bytes by their hash. A field that is added to carriers is part of it without a change here.
 */
export function carrierKey(carrier: Carrier, hash: (bytes: Uint8Array) => string): string {
  const { file: _file, document: _document, pointer: _pointer, line: _line, column: _column, name: _name, namespace: _namespace, bytes, grants, settings, ...rest } = carrier;
  return JSON.stringify([rest, grants.map(withoutPlace), settings.map(withoutPlace), bytes === undefined ? null : hash(bytes)]);
}

function withoutPlace<Placed extends { readonly place: unknown }>({ place: _place, ...rest }: Placed): Omit<Placed, 'place'> {
  return rest;
}
