/** A path of an archive, made relative to its root. */
export interface ArchivePath {
  /** Parts joined by `/`, without empty parts, `.` and `..`; empty for the root itself. */
  readonly path: string;
  /** It climbs with `..`: honest writers never do, and unpackers without care leave their folder. */
  readonly climbs: boolean;
}

/** Where a written path leads inside the root. Leading slashes are common in honest layers and mean nothing; `..` ends at the root. */
export function archivePath(written: string): ArchivePath {
  const parts: string[] = [];
  let climbs = false;
  for (const part of written.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      climbs = true;
      parts.pop();
    } else {
      parts.push(part);
    }
  }
  return { path: parts.join('/'), climbs };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes of a name as text. What is no UTF-8 becomes lone surrogates, byte by byte, so that two names are never taken for one. */
export function archiveText(name: Buffer): string {
  try {
    return UTF8.decode(name);
  } catch {
    return name.toString('latin1').replaceAll(/[\u0080-\u00ff]/g, (character) => String.fromCharCode(0xdc00 + character.charCodeAt(0)));
  }
}
