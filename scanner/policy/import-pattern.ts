import type { ImportText } from './policy.ts';
import { wildcard } from './wildcard.ts';

/** An entry of `imports.allow` or `imports.deny`, parsed. */
export type ImportPattern =
  | { readonly form: 'core'; readonly text: string; readonly module: string; readonly name: string }
  | ({ readonly form: 'component'; readonly text: string } & ComponentName);

interface ComponentName {
  readonly namespace: string;
  readonly package: string;
  readonly interface: string | null;
  readonly version: string | null;
  readonly function: string | null;
}

type Form = { readonly form: 'core'; readonly module: string; readonly name: string } | ({ readonly form: 'component' } & ComponentName);

const LABEL = '[A-Za-z][A-Za-z0-9-]*';
const NAME = new RegExp(`^(${LABEL}):(${LABEL})(?:/(${LABEL}))?(?:@([0-9][0-9A-Za-z.+-]*))?(?:#(.+))?$`);
const PATTERN = /^([A-Za-z0-9*-]+):([A-Za-z0-9*-]+)(?:\/([A-Za-z0-9*-]+))?(?:@([^#]+))?(?:#(.+))?$/;
const VERSION = /^(\*|\d+(\.\d+){0,2}|\d+\.\d+\.\d+-[0-9A-Za-z.-]+)$/;

/** Reads one entry; a string tells what is wrong with it. */
export function parseImportPattern(entry: string | { readonly module: string; readonly name: string }): ImportPattern | string {
  if (typeof entry !== 'string') return { form: 'core', text: `${entry.module}.${entry.name}`, ...entry };
  const component = PATTERN.exec(entry);
  if (component !== null) return componentPattern(entry, component);
  const parts = entry.split('.');
  if (parts.length === 1) return `Import pattern ${entry} names no import: write ${entry}.* for every name of module ${entry}`;
  if (parts.length > 2) return `Import pattern ${entry} can be read in several ways: write { module: ..., name: ... }`;
  return { form: 'core', text: entry, module: parts[0]!, name: parts[1]! };
}

function componentPattern(text: string, parts: RegExpExecArray): ImportPattern | string {
  const version = parts[4] ?? null;
  if (version !== null && !VERSION.test(version)) return `Version ${version} of ${text} is none: write @0.2 for every 0.2 release, or the whole version`;
  return { form: 'component', text, namespace: parts[1]!, package: parts[2]!, interface: parts[3] ?? null, version, function: parts[5] ?? null };
}

/** Whether an allow list may rely on the match: it must hold however the text can be read. */
export function allowsImport(pattern: ImportPattern, text: ImportText): boolean {
  return readings(text).every((forms) => forms.some((form) => matches(pattern, form)));
}

/** Whether a deny list has to act: it is enough that the text can be read so. */
export function deniesImport(pattern: ImportPattern, text: ImportText): boolean {
  return readings(text).some((forms) => forms.some((form) => matches(pattern, form)));
}

/** Every way to read an import, each with the forms it then has. A text with several dots can be split at each of them. */
function readings(text: ImportText): readonly (readonly Form[])[] {
  if (typeof text !== 'string') return [bothForms(text.module, text.name)];
  const component = parseComponentName(text);
  if (component !== null) return [[component, { form: 'core', module: text, name: '' }]];
  const found: (readonly Form[])[] = [];
  for (let dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) found.push(bothForms(text.slice(0, dot), text.slice(dot + 1)));
  return found.length > 0 ? found : [[{ form: 'core', module: text, name: '' }]];
}

function bothForms(module: string, name: string): readonly Form[] {
  const core: Form = { form: 'core', module, name };
  const component = parseComponentName(module.replace(/^cm32p2\|/, ''));
  return component === null ? [core] : [core, { ...component, function: component.function ?? (name === '' ? null : name) }];
}

function parseComponentName(text: string): ({ readonly form: 'component' } & ComponentName) | null {
  const parts = NAME.exec(text);
  if (parts === null) return null;
  return { form: 'component', namespace: parts[1]!, package: parts[2]!, interface: parts[3] ?? null, version: parts[4] ?? null, function: parts[5] ?? null };
}

function matches(pattern: ImportPattern, form: Form): boolean {
  if (pattern.form === 'core') return form.form === 'core' && wildcard(pattern.module, form.module) && wildcard(pattern.name, form.name);
  if (form.form === 'core') return false;
  return (
    wildcard(pattern.namespace, form.namespace) &&
    wildcard(pattern.package, form.package) &&
    matchesPart(pattern.interface, form.interface) &&
    matchesPart(pattern.function, form.function) &&
    matchesVersion(pattern.version, form.version)
  );
}

/** A part that the pattern leaves out is free: `wasi:random` is every interface of the package. */
function matchesPart(pattern: string | null, part: string | null): boolean {
  return pattern === null || (part !== null && wildcard(pattern, part));
}

/** Versions are compared as the component model does: what is compatible is the same, and a pre-release only when it is not asked for exactly. */
function matchesVersion(pattern: string | null, version: string | null): boolean {
  if (pattern === null || pattern === '*') return true;
  if (version === null) return false;
  const plain = version.split('+')[0]!;
  return pattern.includes('-') ? plain === pattern : compatible(pattern.split('.'), plain.split('-')[0]!.split('.'));
}

/** Same major number; below 1 the first number that is not 0 has to be the same too. A number the pattern leaves out is free. */
function compatible(pattern: readonly string[], version: readonly string[]): boolean {
  for (let part = 0; part < pattern.length; part++) {
    if (version[part] !== undefined && pattern[part] !== version[part]) return false;
    if (pattern[part] !== '0') return true;
  }
  return true;
}
