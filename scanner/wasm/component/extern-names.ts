import type { ComponentSort, ExternName } from '../component.ts';
import type { ByteReader } from '../reader.ts';
import { isSemanticVersion, type NameForm, parseName } from './names.ts';
import { noteHistoric, type Scope } from './scope.ts';

/** A name as read, with what its spelling says. */
export interface ReadName { readonly name: ExternName; readonly form: NameForm; readonly offset: number }

/** Second one: written until 2023 for interface names, and equal in meaning. */
const PLAIN = [0x00, 0x01];
const WITH_ATTRIBUTES = 0x02;
const ATTRIBUTES = ['implements', 'versionSuffix', 'externalId'] as const;
/** The canonical form of the versions below 0.1.0. */
const CANONICAL_PATCH = /^0\.0\.\d+$/;
/** A suffix may not lengthen the last number. */
const SUFFIX_START = /^[.+-]/;
type Attributes = Partial<Record<(typeof ATTRIBUTES)[number], string>>;

/**
 * Reads the name of an import or export with its attributes, and holds it against the grammar of names.
 * Component model "Binary.md", import and export definitions. Throws DecodeError.
 */
export function readExternName(reader: ByteReader, scope: Scope, side: 'import' | 'export'): ReadName {
  const offset = reader.position;
  const tag = reader.byte();
  if (!PLAIN.includes(tag) && tag !== WITH_ATTRIBUTES) reader.fail('invalid-kind', `Malformed leading byte of a name: byte 0x${tag.toString(16)}`, offset);
  const nameAt = reader.position;
  const name = reader.name();
  const attributes = tag === WITH_ATTRIBUTES ? readAttributes(reader, scope) : {};
  const form = parseName(name);
  if (!form || (form.form === 'dependency' && side === 'export')) return reader.fail('invalid-name', `Name "${shorten(name)}" is neither a plain nor an interface name`, nameAt);
  checkSuffix(reader, { name, form, suffix: attributes.versionSuffix }, nameAt);
  noteFeatures(scope, form, offset);
  if (attributes.versionSuffix !== undefined) scope.notes.features.add('component-canonical-versions', offset);
  return {
    offset, form,
    name: {
      name, implements: attributes.implements ?? null, versionSuffix: attributes.versionSuffix ?? null, externalId: attributes.externalId ?? null,
      dependency: form.form === 'dependency' ? form.dependency : null,
    },
  };
}

/** Annotated names are functions; `implements` stands on instances with a plain name only. Throws DecodeError. */
export function checkNameFits(reader: ByteReader, { name, form, offset }: ReadName, sort: ComponentSort): void {
  if (form.form === 'plain' && form.annotation && sort !== 'func') reader.fail('invalid-name', `Name "${shorten(name.name)}" is not a function`, offset);
  if (name.implements === null) return;
  if (parseName(name.implements)?.form !== 'interface') reader.fail('invalid-name', `Implemented interface "${shorten(name.implements)}" is no interface name`, offset);
  if (sort !== 'instance') reader.fail('invalid-name', 'Only instances can have an implements attribute', offset);
  if (form.form !== 'plain') reader.fail('invalid-name', `Name "${shorten(name.name)}" is not plain and has an implements attribute`, offset);
}

function readAttributes(reader: ByteReader, scope: Scope): Attributes {
  const attributes: Attributes = {};
  for (let left = reader.count(reader.left, 'name attributes'); left > 0; left--) {
    const start = reader.position;
    const code = reader.byte();
    const attribute = ATTRIBUTES[code];
    if (!attribute) return reader.fail('invalid-kind', `Malformed name attribute: byte 0x${code.toString(16)}`, start);
    if (attributes[attribute] !== undefined) reader.fail('duplicate-name', 'Name attribute given twice', start);
    attributes[attribute] = reader.name();
    if (attribute !== 'versionSuffix') scope.notes.features.add('component-implements', start);
  }
  return attributes;
}

/** Name and suffix together must be a full version: otherwise an engine would see another interface than a reader. */
function checkSuffix(reader: ByteReader, about: { name: string; form: NameForm; suffix: string | undefined }, offset: number): void {
  const { name, form, suffix } = about;
  if (suffix === undefined) return;
  const short = form.form === 'interface' && form.version !== null && (form.canonical || CANONICAL_PATCH.test(form.version));
  if (!short || !SUFFIX_START.test(suffix) || !isSemanticVersion(form.version + suffix)) reader.fail('invalid-name', `Version suffix "${shorten(suffix)}" does not complete a version in "${shorten(name)}"`, offset);
}

function noteFeatures({ notes }: Scope, form: NameForm, offset: number): void {
  const { features } = notes;
  if (form.form === 'interface') {
    if (form.nested) features.add('component-nested-names', offset);
    if (form.canonical) features.add('component-canonical-versions', offset);
  } else if (form.form === 'dependency') {
    features.add('component-dependency-names', offset);
    noteHistoric(notes, 'Dependency name, removed from the format in 2026', { offset, length: 1 });
  }
}

/** Names reach 100,000 bytes; a message need not. */
function shorten(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}...` : name;
}
