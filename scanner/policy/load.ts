import type { PolicyDocument } from './document.generated.ts';
import type { Fault } from './fault.ts';
import { schemaFault, valueAt, type SchemaError } from './schema-faults.ts';
import { documentFaults } from './semantics.ts';
import { validate } from './validator.generated.ts';
import type { Vocabulary } from './vocabulary.ts';
import { readYaml, type Position, type YamlDocument } from '../yaml.ts';

/** Something wrong with a policy file, ready to show. */
export interface PolicyFault extends Position {
  readonly file: string;
  readonly message: string;
  /** The line it is in, and below it a caret. */
  readonly excerpt: string;
}

/** What a policy file holds. A shell must not judge with any of the documents while there are errors. */
export interface LoadedPolicies {
  /** Every document without an error, in file order. */
  readonly documents: readonly PolicyDocument[];
  readonly errors: readonly PolicyFault[];
}

/** Errors shown for one file; more help nobody. */
const ERRORS = 50;

/** Reads and checks every policy of a YAML or JSON text; `file` is only used in messages. Never throws. */
export function loadPolicies(text: string, file: string, vocabulary: Vocabulary): LoadedPolicies {
  const { documents: read, faults } = readYaml(text);
  const documents: PolicyDocument[] = [];
  const errors: (Position & { readonly message: string })[] = [...faults];
  for (const document of read) {
    const found = policyFaults(document.value, vocabulary);
    if (found.length === 0) documents.push(document.value as PolicyDocument);
    errors.push(...found.map((fault) => ({ message: fault.message, ...positionOf(document, fault) })));
  }
  errors.push(...repeatedNames(read, documents));
  if (read.length === 0 && errors.length === 0) errors.push({ line: 1, column: 1, message: 'The file holds no policy' });
  return { documents, errors: placedFaults(errors, { file, text }) };
}

/** Faults of a file in the order of their places, each with its line; the first ones. */
export function placedFaults(faults: readonly (Position & { readonly message: string })[], { file, text }: { readonly file: string; readonly text: string }): readonly PolicyFault[] {
  const lines = text.split(/\r?\n/);
  const ordered = faults.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, ERRORS);
  return ordered.map(({ line, column, message }) => ({ file, line, column, message, excerpt: excerpt(lines[line - 1] ?? '', line, column) }));
}

/** `file:line:column: message` and the excerpt, as people read it. */
export function formatFault({ file, line, column, message, excerpt }: PolicyFault): string {
  return `${file}:${line}:${column}: ${message}\n${excerpt}`;
}

/** What is wrong with a document that is parsed already, as one from a cluster is; empty: it is a PolicyDocument. */
export function policyFaults(value: unknown, vocabulary: Vocabulary): readonly Fault[] {
  const check = validate as ((document: unknown) => boolean) & { errors?: readonly SchemaError[] | null };
  const errors = check(value) ? [] : withoutEchoes(check.errors ?? []);
  const sound = errors.reduce((rest, error) => prune(rest, error), value);
  const meaning = valueAt(sound, '/spec') instanceof Object ? documentFaults(sound as PolicyDocument, vocabulary) : [];
  return [...errors.map((error) => schemaFault(error, value)), ...meaning];
}

/** A value of the wrong type fails other demands as well; the type says it all. */
export function withoutEchoes(errors: readonly SchemaError[]): readonly SchemaError[] {
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath));
  return errors.filter(({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath));
}

/**
 * The document without what the schema refuses, so that the meaning of the rest can be looked at in the same run.
 * Lists are dropped whole: places after a removed item would no longer be those of the file.
 */
function prune(document: unknown, { instancePath, keyword, params }: SchemaError): unknown {
  const key = keyword === 'additionalProperties' ? [String(params['additionalProperty'])] : [];
  const path = [...instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')), ...key];
  const copy = structuredCopy(document);
  let target: unknown = copy;
  let holder: Record<string, unknown> | null = null;
  let name = '';
  for (const part of path) {
    if (target === null || typeof target !== 'object') return copy;
    if (!Array.isArray(target)) [holder, name] = [target as Record<string, unknown>, part];
    target = (target as Record<string, unknown>)[part];
  }
  if (holder === null) return null;
  delete holder[name];
  return copy;
}

function structuredCopy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null)) as unknown;
}

function positionOf(document: YamlDocument, { pointer, on, inside }: Fault): Position {
  if (inside !== undefined) return document.positionInside(pointer, inside);
  return on === 'key' ? document.positionOfKey(pointer) : document.positionOf(pointer);
}

function repeatedNames(read: readonly YamlDocument[], documents: readonly PolicyDocument[]): readonly (Position & { readonly message: string })[] {
  const seen = new Set<string>();
  return documents.flatMap((document) => {
    const { kind, metadata: { name, namespace = '' } } = document;
    const key = `${kind}/${namespace}/${name}`;
    const repeated = seen.has(key);
    seen.add(key);
    const place = read.find(({ value }) => value === document);
    return repeated && place !== undefined ? [{ message: `There are two policies ${name}`, ...place.positionOf('/metadata/name') }] : [];
  });
}

/** The line with its number and a caret; a long line is cut around the place. */
function excerpt(line: string, number: number, column: number): string {
  const from = Math.max(0, column - 1 - 60);
  const shown = line.slice(from, from + 120).replaceAll('\t', ' ').replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
  const gutter = `${number} | `;
  return `${gutter}${shown}\n${' '.repeat(gutter.length + column - 1 - from)}^`;
}
