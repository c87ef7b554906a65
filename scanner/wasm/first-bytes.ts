import type { NativePayload, UnknownBytes } from './decoded.ts';
import { PROBLEM_EFFECTS } from './error.ts';
import type { ProblemCode } from './error.ts';
import type { CustomSection } from './module.ts';
import type { Problem } from '../problem.ts';

/** A form by its first bytes: hexadecimal digits, `..` for any byte. */
interface Form {
  readonly format: string;
  readonly title: string;
  readonly magic: string;
  readonly at?: number;
  /** Further conditions on the bytes, where the magic alone is ambiguous. */
  readonly when?: (bytes: Uint8Array) => boolean;
}

/** Executable code that some runtime loads although it is not Wasm; the first match counts. */
const NATIVE_FORMS: readonly Form[] = [
  { format: 'wasmtime-precompiled', title: 'Wasmtime precompiled code (ELF, OS ABI 200)', magic: '7f454c46......c8' },
  { format: 'elf', title: 'ELF executable or library', magic: '7f454c46' },
  { format: 'pe', title: 'Windows executable or library', magic: '4d5a', when: isPortableExecutable },
  { format: 'mach-o', title: 'Mach-O executable or library', magic: 'feedface' },
  { format: 'mach-o', title: 'Mach-O executable or library', magic: 'feedfacf' },
  { format: 'mach-o', title: 'Mach-O executable or library', magic: 'cefaedfe' },
  { format: 'mach-o', title: 'Mach-O executable or library', magic: 'cffaedfe' },
  { format: 'mach-o', title: 'Mach-O universal binary', magic: 'cafebabe', when: isUniversalMachO },
  { format: 'mach-o', title: 'Mach-O universal binary', magic: 'cafebabf', when: isUniversalMachO },
  { format: 'wamr-aot', title: 'WAMR ahead-of-time compiled code', magic: '00616f74' },
  { format: 'wasmer', title: 'Wasmer compiled artefact', magic: hexOf('wasmer-universal') },
  { format: 'wasmer', title: 'Wasmer compiled artefact', magic: `00${hexOf('wasmer-universal')}00` },
];

/** Forms that are neither Wasm nor native code but that a person will want to be told by name. */
const OTHER_FORMS: readonly Form[] = [
  { format: 'webc', title: 'Wasmer package', magic: `00${hexOf('webc')}` },
  { format: 'gzip', title: 'gzip-compressed data', magic: '1f8b' },
  { format: 'zip', title: 'ZIP archive', magic: '504b0304' },
  { format: 'zip', title: 'ZIP archive', magic: '504b0506' },
  { format: 'tar', title: 'tar archive', magic: hexOf('ustar'), at: 257 },
  { format: 'zstd', title: 'Zstandard-compressed data', magic: '28b52ffd' },
  { format: 'xz', title: 'xz-compressed data', magic: 'fd377a585a00' },
  { format: 'bzip2', title: 'bzip2-compressed data', magic: '425a68..314159265359' },
  { format: '7z', title: '7z archive', magic: '377abcaf271c' },
  { format: 'ar', title: 'ar archive of object files', magic: hexOf('!<arch>\n') },
  { format: 'llvm-bitcode', title: 'LLVM bitcode', magic: '4243c0de' },
  { format: 'java-class', title: 'Java class file', magic: 'cafebabe' },
  { format: 'pdf', title: 'PDF document', magic: hexOf('%PDF-') },
  { format: 'script', title: 'Script with an interpreter line', magic: hexOf('#!') },
];

/** Text forms, tried on the first text that is neither blank nor a WAT comment. */
const TEXT_FORMS: readonly { readonly format: string; readonly title: string; readonly pattern: RegExp }[] = [
  { format: 'wat', title: 'WebAssembly text', pattern: /^\(\s*(module|component|func|type|import|memory|table|global|export|data|elem|rec|tag|start)[\s()$"]/ },
  { format: 'git-lfs', title: 'Git LFS pointer instead of the file', pattern: /^version https:\/\/git-lfs\.github\.com\/spec\// },
  { format: 'base64-wasm', title: 'Base64 text of a Wasm binary', pattern: /^AGFzb[QR]/ },
  { format: 'html', title: 'HTML page', pattern: /^<(!doctype html|html|head|body)\b/i },
  { format: 'xml', title: 'XML document', pattern: /^<\?xml\b/ },
  { format: 'json', title: 'JSON document', pattern: /^[{[]\s*["{[\]}]/ },
];

/** Looked at for text; a licence comment in front of `(module` fits easily. */
const TEXT_WINDOW = 4096;
const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false });

/**
 * Names what the bytes are when they start neither a core module nor a component. Never throws, reads only the first
 * few kilobytes. Sources: the ELF, PE and Mach-O layouts, and the loaders of Wasmtime, WAMR and Wasmer.
 */
export function recognise(bytes: Uint8Array): NativePayload | UnknownBytes {
  const native = NATIVE_FORMS.find((form) => matches(bytes, form));
  if (native) return nativePayload(native, { offset: 0, length: bytes.length });
  if (bytes.length === 0) return unknownBytes('empty', 'empty file', 'bad-magic');
  if (hasMagic(bytes, '0061736d', 0)) return unknownWasm(bytes);
  const other = OTHER_FORMS.find((form) => matches(bytes, form)) ?? textForm(bytes);
  if (other) return unknownBytes(other.format, other.title, 'not-wasm');
  return unknownBytes('unknown', 'unknown bytes', 'bad-magic');
}

/**
 * A core module may be valid Wasm and still carry native code: WasmEdge prefers the machine code in the custom section
 * `wasmedge` over the module around it. Returns that section as a payload, or null.
 */
export function nativeSection(customs: readonly CustomSection[]): NativePayload | null {
  const found = customs.find((custom) => custom.name === 'wasmedge');
  if (!found) return null;
  return nativePayload({ format: 'wasmedge-aot', title: 'WasmEdge ahead-of-time compiled code in a custom section' }, { offset: found.offset, length: found.length });
}

function nativePayload(form: { readonly format: string; readonly title: string }, location: NativePayload['location']): NativePayload {
  const message = `Native code instead of Wasm: ${form.title}`;
  return { kind: 'native', format: form.format, title: form.title, location, problems: [problem('native-code', message, location.offset)] };
}

function unknownBytes(format: string, title: string, code: ProblemCode): UnknownBytes {
  return { kind: 'unknown', format, title, problems: [problem(code, `Not a Wasm binary: ${title}`, 0)] };
}

/** The magic is right, so it means to be Wasm; but the version and layer are none we know, or cut off. */
function unknownWasm(bytes: Uint8Array): UnknownBytes {
  const title = 'Wasm binary of an unknown version';
  const version = [...bytes.subarray(4, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const cut = bytes.length < 8;
  const message = cut ? `Unexpected end: the preamble needs 8 bytes, the file has ${bytes.length}` : `Unknown binary version: ${version}`;
  return { kind: 'unknown', format: 'wasm', title, problems: [problem(cut ? 'unexpected-end' : 'unknown-version', message, 4)] };
}

function problem(code: ProblemCode, message: string, offset: number): Problem {
  return { code, message, offset, section: null, effect: PROBLEM_EFFECTS[code] };
}

function matches(bytes: Uint8Array, form: Form): boolean {
  return hasMagic(bytes, form.magic, form.at ?? 0) && (form.when?.(bytes) ?? true);
}

function hasMagic(bytes: Uint8Array, magic: string, at: number): boolean {
  if (bytes.length < at + magic.length / 2) return false;
  for (let index = 0; index < magic.length; index += 2) {
    const digits = magic.slice(index, index + 2);
    if (digits !== '..' && bytes[at + index / 2] !== Number.parseInt(digits, 16)) return false;
  }
  return true;
}

/** `MZ` alone also starts ordinary text; the header it points to does not. */
function isPortableExecutable(bytes: Uint8Array): boolean {
  if (bytes.length < 64) return false;
  const header = bytes[60]! + bytes[61]! * 0x100 + bytes[62]! * 0x1_0000 + bytes[63]! * 0x100_0000;
  // A plain DOS program has no second header; its relocation table then starts right after the first one.
  return hasMagic(bytes, '50450000', header) || hasMagic(bytes, '4e45', header) || (bytes[24]! < 0x40 && bytes[25] === 0);
}

/** Java class files share the magic: their next word is a version of at least 45, a universal binary's a small count. */
function isUniversalMachO(bytes: Uint8Array): boolean {
  return hasMagic(bytes, '000000', 4) && bytes.length > 7 && bytes[7]! > 0 && bytes[7]! < 45;
}

function textForm(bytes: Uint8Array): { readonly format: string; readonly title: string } | null {
  const start = skipBlankAndComments(text.decode(bytes.subarray(0, TEXT_WINDOW)));
  return TEXT_FORMS.find((form) => form.pattern.test(start)) ?? (isPrintable(bytes) ? { format: 'text', title: 'text' } : null);
}

function skipBlankAndComments(source: string): string {
  let at = 0;
  for (;;) {
    while (at < source.length && /\s/.test(source[at]!)) at++;
    const end = source.startsWith(';;', at) ? source.indexOf('\n', at) : source.startsWith('(;', at) ? source.indexOf(';)', at) + 1 : 0;
    if (end <= 0) return source.slice(at);
    at = end + 1;
  }
}

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.subarray(0, TEXT_WINDOW).every((byte) => byte >= 0x20 ? byte !== 0x7f : byte === 9 || byte === 10 || byte === 13);
}

function hexOf(ascii: string): string {
  return Array.from(ascii, (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
