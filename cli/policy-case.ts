import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readYaml, type YamlDocument } from '../scanner/yaml.ts';
import { didYouMean } from '../scanner/policy/suggest.ts';
import { VERDICTS, type Verdict } from '../scanner/result.ts';
import { SEVERITIES, type Severity } from '../scanner/severity.ts';
import { UsageError } from '../engine/usage-error.ts';

/** One case of `wasmgate policy test`. */
export interface PolicyCase {
  readonly file: string;
  readonly description: string;
  /** Text form, or a file beside the case. */
  readonly module: { readonly wat: string } | { readonly path: string };
  /** Levels or files; all must pass, as with --policy. */
  readonly policies: readonly string[];
  readonly verdict: Verdict;
  /** null: findings are not compared. */
  readonly findings: readonly ExpectedFinding[] | null;
}

export interface ExpectedFinding {
  readonly rule: string;
  /** null: any. */
  readonly severity: Severity | null;
}

const KEYS = ['description', 'policy', 'wat', 'module', 'expect'];
const EXPECT_KEYS = ['verdict', 'findings'];

/** The case files of a folder and the folders in it, sorted; or the one file itself. Throws UsageError when there are none. */
export function caseFiles(target: string, cwd: string): string[] {
  const path = resolve(cwd, target);
  if (!existsSync(path)) throw new UsageError(`Cannot read ${target}: no such file or directory`);
  if (!statSync(path).isDirectory()) return [target];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name)).sort();
  const files = names.map((name) => join(target, name)).filter(looksLikeCase(cwd));
  if (files.length === 0) throw new UsageError(`No case in ${target}`, 'A case is a YAML file with the keys policy, wat or module, and expect; see docs/cli.md');
  return files;
}

/** Policies may lie beside their cases; those are no cases. */
function looksLikeCase(cwd: string): (file: string) => boolean {
  return (file) => !/^apiVersion:/m.test(readFileSync(resolve(cwd, file), 'utf8'));
}

/** Reads a case. Throws UsageError with file, line and column. */
export function readCase(file: string, text: string): PolicyCase {
  const { documents, faults } = readYaml(text);
  const fault = faults[0];
  if (fault) throw new UsageError(`${file}:${fault.line}:${fault.column}: ${fault.message}`);
  const document = documents[0];
  if (!document || documents.length > 1) throw new UsageError(`${file}:1:1: A case file holds one document`);
  const at = new Place(file, document);
  const root = at.object('', KEYS);
  const expect = at.object('/expect', EXPECT_KEYS);
  return {
    file,
    description: at.optionalText('/description', root['description']) ?? '',
    module: moduleOf(at, root),
    policies: policiesOf(at, root['policy']).map((name) => (looksLikePath(name, file) ? join(dirname(file), name) : name)),
    verdict: at.oneOf('/expect/verdict', expect['verdict'], VERDICTS),
    findings: expect['findings'] === undefined ? null : at.list('/expect/findings', expect['findings']).map((value, index) => findingOf(at, `/expect/findings/${index}`, value)),
  };
}

/** Levels are single words; whatever is a file beside the case is that file. */
function looksLikePath(name: string, file: string): boolean {
  return existsSync(join(dirname(file), name)) || /[./\\]/.test(name.replace(/@v\d+$/, ''));
}

function moduleOf(at: Place, root: Record<string, unknown>): PolicyCase['module'] {
  const wat = at.optionalText('/wat', root['wat']);
  const path = at.optionalText('/module', root['module']);
  if (wat !== undefined && path === undefined) return { wat };
  if (path !== undefined && wat === undefined) return { path: join(dirname(at.file), path) };
  throw at.fault('', 'A case has either wat (text form) or module (a file)');
}

function policiesOf(at: Place, value: unknown): string[] {
  if (value === undefined) return ['baseline'];
  if (typeof value === 'string') return [value];
  return at.list('/policy', value).map((item, index) => at.optionalText(`/policy/${index}`, item) ?? '');
}

function findingOf(at: Place, pointer: string, value: unknown): ExpectedFinding {
  if (typeof value === 'string') return { rule: value, severity: null };
  const { rule, severity } = at.object(pointer, ['rule', 'severity']);
  const id = at.optionalText(`${pointer}/rule`, rule);
  if (id === undefined) throw at.fault(pointer, 'An expected finding names its rule');
  return { rule: id, severity: severity === undefined ? null : at.oneOf(`${pointer}/severity`, severity, SEVERITIES) };
}

/** Reads values of a document and says where a wrong one stands. */
class Place {
  readonly file: string;
  readonly #document: YamlDocument;

  constructor(file: string, document: YamlDocument) {
    this.file = file;
    this.#document = document;
  }

  fault(pointer: string, message: string): UsageError {
    const { line, column } = this.#document.positionOf(pointer);
    return new UsageError(`${this.file}:${line}:${column}: ${message}`);
  }

  object(pointer: string, keys: readonly string[]): Record<string, unknown> {
    let value: unknown = this.#document.value;
    for (const part of pointer.split('/').slice(1)) value = (value as Record<string, unknown> | null)?.[part];
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw this.fault(pointer, `${pointer === '' ? 'A case' : pointer.slice(1)} must be an object with the keys ${keys.join(', ')}`);
    const wrong = Object.keys(value).find((key) => !keys.includes(key));
    if (wrong !== undefined) throw this.fault(`${pointer}/${wrong}`, `Unknown key ${wrong}${didYouMean(wrong, keys)}`);
    return value as Record<string, unknown>;
  }

  optionalText(pointer: string, value: unknown): string | undefined {
    if (value === undefined || typeof value === 'string') return value;
    throw this.fault(pointer, `${pointer.slice(1)} must be text`);
  }

  list(pointer: string, value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.fault(pointer, `${pointer.slice(1)} must be a list`);
  }

  oneOf<Word extends string>(pointer: string, value: unknown, words: readonly Word[]): Word {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw this.fault(pointer, `${pointer.slice(1)} must be one of ${words.join(', ')}`);
  }
}
