import type { Scheme } from '../carrier.ts';
import { grant, type Node } from './grants-node.ts';
import { nativeCode } from './settings-common.ts';
import { type Find, findAt, schemeOf, type Tree } from './texts-find.ts';

/** What a text is to be read as that names a module by how it is written. */
export interface Likeness {
  readonly scheme: Scheme;
  readonly certain: boolean;
  readonly host: Find['host'];
}

/** Characters of one value that are looked at; longer ones are no references. */
const VALUE_LENGTH = 4_096;

/** Whether a value is a reference to Wasm by its own words: a file name that ends in .wasm, an image reference that speaks of Wasm. null: no. */
export function likeness(value: string): Likeness | null {
  if (value.length > VALUE_LENGTH || /[\s"'`<>|]/.test(value.trim())) return null;
  const text = value.trim();
  if (/^registry:\/\//i.test(text)) return { scheme: 'oci', certain: true, host: { profile: 'kubewarden', sure: false } };
  if (/\.(?:c?wasm|wat)(?:\.gz)?(?:[?#]\S*)?$/i.test(text) && /[^.*/]\.(?:c?wasm|wat)/i.test(text)) return { scheme: schemeOf(text, 'file'), certain: true, host: null };
  if (/^oci:\/\//i.test(text) && /wasm|wasi|spin|kubewarden|wasmcloud/i.test(text)) return { scheme: 'oci', certain: false, host: null };
  return null;
}

const FLUENT = { profile: 'fluent-bit', sure: false } as const;

/**
 * References in a text that is read line by line: `key: value`, `Key value` of Fluent Bit, `KEY=value`, arguments.
 * For texts that are no YAML: configuration in other languages, templates.
 */
export function* searchLines(tree: Tree, at: Node): Iterable<Find> {
  const text = at.value as string;
  let section = 0;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end);
    if (/^\s*\[/.test(line)) section = start;
    if (!/^\s*(?:#|\/\/|;)/.test(line)) yield* lineFinds(tree, at, { line, start, section });
    start = end + 1;
  }
}

interface Line {
  readonly line: string;
  readonly start: number;
  /** Where its section starts, in INI texts. */
  readonly section: number;
}

function* lineFinds(tree: Tree, at: Node, place: Line): Iterable<Find> {
  const { line, start } = place;
  const known = line.length > VALUE_LENGTH ? [] : [...fluentFinds(tree, at, place), ...argumentFinds(tree, at, line, start)];
  yield* known;
  if (known.length > 0) return;
  for (const match of line.matchAll(/[^\s"'`,;=<>|[\]{}()]+/g)) {
    const like = isVariable(line, match) ? null : likeness(match[0]);
    // A word of a script or a page: whether anything loads it stands nowhere.
    if (like) yield findAt(tree, at, { inside: start + match.index, reference: match[0], ...like, certain: false, signals: ['text'] });
  }
}

/** `.Values.wasm` inside `{{ }}`: what a template puts there is no part of it. */
function isVariable(line: string, { 0: word, index }: { readonly 0: string; readonly index: number }): boolean {
  return /^\$?(?:\.[A-Za-z_]\w*)+$/.test(word) && line.lastIndexOf('{{', index) > line.lastIndexOf('}}', index);
}

function* fluentFinds(tree: Tree, at: Node, { line, start, section }: Line): Iterable<Find> {
  const key = /^\s*(wasm_path|wasi_path)\s+/i.exec(line);
  if (!key) return;
  const reference = line.slice(key[0].length).trim();
  const paths = accessible(at.value as string, section);
  const concerns = [grant(at, 'files', paths, { field: 'accessible_paths', everything: paths.includes('/') })];
  if (reference !== '') yield findAt(tree, at, { inside: start + key[0].length, reference, scheme: 'file', host: FLUENT, signals: [key[1]!], concerns });
}

/** The folders named in the section that a line belongs to; Fluent Bit opens its working folder without any. */
function accessible(text: string, section: number): string[] {
  const rest = text.slice(section, section + 2 * VALUE_LENGTH);
  const next = rest.slice(1).search(/^[^\S\n]*\[/m);
  const own = next < 0 ? rest : rest.slice(0, next + 1);
  const written = /^[^\S\n]*accessible_paths[^\S\n]+([^\n]+)/im.exec(own)?.[1];
  return written === undefined ? ['.'] : written.split(/[\s,]+/).filter((path) => path !== '');
}

/** Arguments and variables that bring modules: plug-ins of a wasmCloud host, of Traefik, the filter folder of Kong. */
export function* argumentFinds(tree: Tree, at: Node, line: string, start: number): Iterable<Find> {
  if (line.length > VALUE_LENGTH) return;
  const plugIn = /--host-plugin[=\s]+["']?([^\s"']+)/.exec(line);
  if (plugIn) yield* hostPlugin(tree, at, plugIn[1]!, start + plugIn.index + plugIn[0].length - plugIn[1]!.length);
  const traefik = /--experimental\.(?:local)?plugins\.[\w-]+\.modulename[=\s]+["']?([^\s"']+)/i.exec(line);
  if (traefik) {
    const inside = start + traefik.index + traefik[0].length - traefik[1]!.length;
    yield findAt(tree, at, { inside, reference: traefik[1]!, scheme: 'volume', certain: false, host: { profile: 'traefik', sure: false }, signals: ['experimental.plugins'] });
  }
  const kong = /\b(?:KONG_WASM_FILTERS_PATH|wasm_filters_path)["']?\s*[=:]\s*["']?([^\s"',]+)/.exec(line);
  if (kong) {
    const inside = start + kong.index + kong[0].length - kong[1]!.length;
    yield findAt(tree, at, { inside, reference: kong[1]!, scheme: 'volume', host: { profile: 'proxy-wasm', sure: false }, signals: ['wasm_filters_path'] });
  }
}

function* hostPlugin(tree: Tree, at: Node, parts: string, start: number): Iterable<Find> {
  const values = new Map(parts.split(',').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));
  const digest = values.get('digest');
  for (const key of ['image', 'file']) {
    const value = values.get(key);
    if (value === undefined) continue;
    yield findAt(tree, at, {
      inside: start + parts.indexOf(`${key}=${value}`) + key.length + 1,
      reference: value,
      scheme: key === 'image' ? schemeOf(value, 'oci') : 'file',
      hash: digest === undefined ? null : { text: digest, of: 'either' },
      role: 'native',
      host: { profile: 'wasmcloud', sure: false },
      signals: ['--host-plugin'],
      concerns: [nativeCode(at, `host plug-in ${value}`, 'medium')],
    });
  }
}
