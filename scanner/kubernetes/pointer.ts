/** The parts of an RFC 6901 pointer, unescaped. */
export function pointerParts(pointer: string): readonly string[] {
  return pointer === '' ? [] : pointer.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A pointer with further parts, escaped. */
export function pointerTo(base: string, ...parts: readonly (string | number)[]): string {
  return base + parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
