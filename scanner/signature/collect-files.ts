import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { LIMITS } from '../wasm/limits.ts';
import { candidateOfContent, candidatesOfLines, tooLarge, unread, type Place } from './collect-text.ts';
import type { Candidate, SignedThing } from './subject.ts';

const DOCUMENTS = ['.sigstore.json', '.sigstore', '.sigstore.bundle', '.bundle'];
const LINES = ['.jsonl', '.intoto.jsonl', '.attestations.jsonl'];
const NOTATION = { '.jws.sig': 'notation-jws', '.jws': 'notation-jws', '.cose.sig': 'notation-cose', '.cose': 'notation-cose' } as const;
const OPENING_BRACE = 0x7b;
const CERTIFICATES = ['.pem', '.crt', '.cert'];
/** Signatures of tools that have no place here; said by name, so that nobody believes the file unsigned. */
const FOREIGN = { '.asc': 'OpenPGP', '.minisig': 'minisign', '.sshsig': 'OpenSSH' } as const;

/**
 * Every signature that stands beside a module as a file of its own. Only regular files of the same folder count, symbolic links included only when they
 * stay in it. Never throws: what is there and cannot be read is a candidate of form unknown.
 */
export async function collectBeside(path: string, about: SignedThing): Promise<readonly Candidate[]> {
  return [
    ...DOCUMENTS.flatMap((suffix) => beside(path, suffix, { about, use: (bytes, place) => [candidateOfContent(bytes, place)] })),
    ...LINES.flatMap((suffix) => beside(path, suffix, { about, limit: LIMITS.signatureFileBytes, use: candidatesOfLines })),
    ...beside(path, '.sig', { about, use: (signature, place) => [detached(path, signature, place)] }),
    ...Object.entries(NOTATION).flatMap(([suffix, form]) => beside(path, suffix, { about, use: (envelope, place) => [{ form, ...place, envelope }] })),
    ...Object.entries(FOREIGN).flatMap(([suffix, tool]) => beside(path, suffix, { about, use: (_bytes, place) => [foreign(place, tool)] })),
  ];
}

/** The candidate in the text of one bundle or envelope, told by its content. Never throws. */
export function candidateFromBundleText(text: string, about: SignedThing, where: string): Candidate {
  return candidateOfContent(Buffer.from(text, 'utf8'), { where, about });
}

/** Those of a text with one a line. Never throws. */
export function candidatesFromBundleLines(text: string, about: SignedThing, where: string): readonly Candidate[] {
  return candidatesOfLines(Buffer.from(text, 'utf8'), { where, about });
}

/** A signature alone, as bytes, with the certificate that was given along; null: none. A bundle or envelope under that name is taken for what it is. */
export function candidateFromSignature(signature: Uint8Array, certificate: Uint8Array | null, place: Place): Candidate {
  const document = signature[0] === OPENING_BRACE ? candidateOfContent(signature, place) : null;
  // A raw signature may begin with any byte.
  if (document !== null && document.form !== 'unknown') return document;
  const tool = toolOf(signature);
  return tool === null ? { form: 'detached', ...place, signature, certificate } : foreign(place, tool);
}

function detached(path: string, signature: Uint8Array, place: Place): Candidate {
  for (const suffix of CERTIFICATES) {
    const found = readBeside(path, suffix, { ...place, where: path + suffix }, LIMITS.signatureBytes);
    if (found instanceof Uint8Array) return candidateFromSignature(signature, found, place);
    if (found !== null) return found;
  }
  return candidateFromSignature(signature, null, place);
}

/** Other tools that write files of this name, by how these begin. */
function toolOf(signature: Uint8Array): string | null {
  const start = Buffer.from(signature.subarray(0, 40)).toString('latin1');
  if (start.startsWith('-----BEGIN PGP')) return 'OpenPGP';
  if (start.startsWith('-----BEGIN SSH')) return 'OpenSSH';
  return start.startsWith('untrusted comment:') ? 'minisign' : null;
}

function foreign(place: Place, tool: string): Candidate {
  return unread(place, { status: 'unsupported', code: 'foreign-signature', reason: `A signature of ${tool} is not verified here` });
}

interface Reading {
  readonly about: SignedThing;
  readonly limit?: number;
  readonly use: (bytes: Uint8Array, place: Place) => readonly Candidate[];
}

function beside(path: string, suffix: string, { about, limit = LIMITS.signatureBytes, use }: Reading): readonly Candidate[] {
  const place = { where: path + suffix, about };
  const found = readBeside(path, suffix, place, limit);
  if (found === null) return [];
  return found instanceof Uint8Array ? use(found, place) : [found];
}

/** The bytes of `path + suffix`; null: there is no such file; a candidate: why it is not read. */
function readBeside(path: string, suffix: string, place: Place, limit: number): Uint8Array | Candidate | null {
  try {
    const real = realpathSync(path + suffix);
    if (!inside(real, realpathSync(dirname(path)))) return unread(place, { status: 'unsupported', code: 'link-outside', reason: 'A signature is a symbolic link to another folder, which is not followed' });
    return boundedRead(real, limit) ?? tooLarge(place, limit);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    return unread(place, { status: 'error', code, reason: `A signature beside the module cannot be read (${code})` });
  }
}

function inside(real: string, folder: string): boolean {
  return real.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** null: beyond the limit. Neither follows a link put there meanwhile nor waits for a pipe. Throws for anything but a regular file. */
function boundedRead(real: string, limit: number): Uint8Array | null {
  const descriptor = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw Object.assign(new Error('No regular file'), { code: 'not-a-file' });
    if (stat.size > limit) return null;
    const bytes = new Uint8Array(stat.size);
    let at = 0;
    for (let length = -1; at < bytes.length && length !== 0; at += length) length = readSync(descriptor, bytes, at, bytes.length - at, null);
    return bytes.subarray(0, at);
  } finally {
    closeSync(descriptor);
  }
}
