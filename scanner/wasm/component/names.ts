import type { DependencyName } from '../component.ts';

/** What an import or export name is, by its spelling. Component model "Explainer.md", import and export definitions. */
export type NameForm =
  | { readonly form: 'plain'; readonly annotation: 'constructor' | 'method' | 'static' | null }
  | { readonly form: 'interface'; readonly nested: boolean; readonly version: string | null; readonly canonical: boolean }
  | { readonly form: 'dependency'; readonly dependency: DependencyName };

const CANONICAL_VERSION = /^(?:[1-9]\d*|0\.[1-9]\d*)$/;
const NUMBER = /^(?:0|[1-9]\d*)$/;
const IDENTIFIER = /^[0-9A-Za-z-]+$/;
const DIGITS = /^\d+$/;
const FIRST_WORD = /^(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)$/;
const LOWER_WORD = /^[a-z0-9]+$/;
const UPPER_WORD = /^[A-Z0-9]+$/;
const HASH = /^sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}(?:\?[!-~]*)?$/;

/**
 * Tells what form of name a text is; null when it is none. Every step is linear in the length: words are told
 * apart by splitting, because one expression for a whole label would backtrack on digits.
 */
export function parseName(name: string): NameForm | null {
  if (name.startsWith('[')) return parseAnnotated(name);
  if (isLabel(name)) return { form: 'plain', annotation: null };
  return parseDependency(name) ?? parseInterface(name);
}

/** Kebab-case: words of one case joined by hyphens, the first one starting with a letter. */
export function isLabel(text: string): boolean {
  const words = text.split('-');
  return FIRST_WORD.test(words[0]!) && words.every((word) => LOWER_WORD.test(word) || UPPER_WORD.test(word));
}

/** Semantic Versioning 2.0, all three numbers present. */
export function isSemanticVersion(text: string): boolean {
  const [rest = '', build, ...more] = text.split('+');
  if (more.length > 0 || (build !== undefined && !identifiers(build).every((part) => IDENTIFIER.test(part)))) return false;
  const dash = rest.indexOf('-');
  const numbers = (dash < 0 ? rest : rest.slice(0, dash)).split('.');
  if (numbers.length !== 3 || !numbers.every((part) => NUMBER.test(part))) return false;
  return dash < 0 || identifiers(rest.slice(dash + 1)).every((part) => IDENTIFIER.test(part) && (!DIGITS.test(part) || NUMBER.test(part)));
}

/** Two names of one scope whose keys are equal clash: strongly-unique names, component model "Binary.md". */
export function uniqueKey(name: string): string {
  const at = name.indexOf('@');
  const key = at < 0 ? name.toLowerCase() : name.slice(0, at).toLowerCase() + name.slice(at);
  if (!key.startsWith('[method]') && !key.startsWith('[static]')) return key;
  const [resource, member] = key.slice(key.indexOf(']') + 1).split('.');
  return resource === member ? resource! : `${resource}.${member}`;
}

function parseAnnotated(name: string): NameForm | null {
  const close = name.indexOf(']');
  const annotation = name.slice(1, close);
  const rest = name.slice(close + 1);
  if (annotation === 'constructor') return isLabel(rest) ? { form: 'plain', annotation } : null;
  if (annotation !== 'method' && annotation !== 'static') return null;
  const parts = rest.split('.');
  return parts.length === 2 && parts.every(isLabel) ? { form: 'plain', annotation } : null;
}

function parseInterface(name: string): NameForm | null {
  const at = name.indexOf('@');
  const version = at < 0 ? null : name.slice(at + 1);
  const path = parsePath(at < 0 ? name : name.slice(0, at));
  if (!path || path.projections === 0) return null;
  const canonical = version !== null && CANONICAL_VERSION.test(version);
  if (version !== null && !canonical && !isSemanticVersion(version)) return null;
  return { form: 'interface', nested: path.namespaces > 1 || path.projections > 1, version, canonical };
}

/** `ns:pkg/iface`, with several namespaces or projections where names are nested, and none of the latter for a package. */
function parsePath(text: string): { namespaces: number; projections: number } | null {
  const namespaces = text.split(':');
  const [pkg = '', ...projections] = namespaces.pop()!.split('/');
  if (namespaces.length === 0 || ![...namespaces, pkg].every(isLowerLabel) || !projections.every(isLabel)) return null;
  return { namespaces: namespaces.length, projections: projections.length };
}

function parseDependency(name: string): NameForm | null {
  const open = name.indexOf('=<');
  const close = name.indexOf('>', name.startsWith('unlocked-dep') ? name.lastIndexOf('>') : open);
  if (open < 0 || close < 0) return null;
  const target = name.slice(open + 2, close);
  const integrity = parseIntegrity(name.slice(close + 1));
  if (integrity === undefined) return null;
  switch (name.slice(0, open)) {
    case 'url':
      return target.includes('<') ? null : dependency('url', target, integrity);
    case 'locked-dep':
      return isLockedPackage(target) ? dependency('locked', target, integrity) : null;
    case 'unlocked-dep':
      return integrity === null && isPackageRange(target) ? dependency('unlocked', target, null) : null;
    case 'integrity':
      return integrity === null && isHashList(target) ? dependency('integrity', '', target) : null;
    default:
      return null;
  }
}

function dependency(kind: DependencyName['kind'], target: string, integrity: string | null): NameForm {
  return { form: 'dependency', dependency: { kind, target, integrity } };
}

/** What may follow a name: nothing (null) or `,integrity=<...>`. undefined: something else. */
function parseIntegrity(text: string): string | null | undefined {
  if (text === '') return null;
  const hashes = text.startsWith(',integrity=<') && text.endsWith('>') ? text.slice(12, -1) : '';
  return isHashList(hashes) ? hashes : undefined;
}

function isHashList(text: string): boolean {
  return text.trim().split(/\s+/).every((hash) => HASH.test(hash));
}

function isLockedPackage(text: string): boolean {
  const at = text.indexOf('@');
  return parsePath(at < 0 ? text : text.slice(0, at)) !== null && (at < 0 || isSemanticVersion(text.slice(at + 1)));
}

/** A package with nothing, `@*`, or `@{>=lower <upper}` of which one bound may be missing. */
function isPackageRange(text: string): boolean {
  const at = text.indexOf('@');
  if (!parsePath(at < 0 ? text : text.slice(0, at))) return false;
  const range = at < 0 ? '*' : text.slice(at + 1);
  if (range === '*') return true;
  if (!range.startsWith('{') || !range.endsWith('}')) return false;
  const bounds = range.slice(1, -1).split(' ');
  const shapes = bounds.map((bound) => (bound.startsWith('>=') ? 'lower' : bound.startsWith('<') ? 'upper' : 'none')).join(' ');
  return ['lower', 'upper', 'lower upper'].includes(shapes) && bounds.every((bound) => isSemanticVersion(bound.replace(/^(?:>=|<)/, '')));
}

function isLowerLabel(text: string): boolean {
  return isLabel(text) && text === text.toLowerCase();
}

function identifiers(text: string): string[] {
  return text.split('.');
}
