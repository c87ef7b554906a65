import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { mustHave } from '../kubernetes/tools.ts';
import { ROOT } from '../support/imports.ts';

export const CHART: string = join(ROOT, 'charts/wasmgate');
/** Values files of every mode that the chart has. */
export const VALUES_FILES: readonly string[] = readdirSync(join(CHART, 'ci')).sort();

/** A rendered object. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  // oxlint-disable-next-line typescript/no-explicit-any -- Objects of many kinds; each test knows the fields that it looks at.
  readonly [key: string]: any;
}

export interface RenderOptions {
  /** Of VALUES_FILES. */
  readonly file?: string;
  /** Values on top of the file. */
  readonly values?: object;
  readonly namespace?: string;
  readonly release?: string;
  readonly more?: readonly string[];
}

/** Renders the chart as `helm template` does. Throws with what Helm says. */
export function render({ file, values, namespace = 'wasmgate', release = 'wasmgate', more = [] }: RenderOptions = {}): readonly Rendered[] {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-chart-'));
  try {
    writeFileSync(join(folder, 'values.json'), JSON.stringify(values ?? {}));
    const files = [...(file === undefined ? [] : [join(CHART, 'ci', file)]), join(folder, 'values.json')];
    const { status, stdout, stderr } = helm(['template', release, CHART, '--namespace', namespace, ...files.flatMap((path) => ['--values', path]), ...more], folder);
    if (status !== 0) throw new Error(stderr);
    return parseAllDocuments(stdout, { version: '1.1' }).map((document) => document.toJS() as Rendered | null).filter((object) => object !== null);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The one object of a kind, of a name where there are several. Throws where there is none. */
export function only(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.filter((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind}${name === undefined ? '' : ` named ${name}`}`);
  return found[0]!;
}

/** Runs Helm in a home of its own, so that nothing of the machine counts. */
export function helm(parameters: readonly string[], home: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(mustHave('helm'), [...parameters], { encoding: 'utf8', cwd: CHART, maxBuffer: 1 << 26, env: { PATH: process.env['PATH'] ?? '', HOME: home } });
}

/** Runs the suites beside the chart. Throws with what they say. */
export function unittest(): string {
  return execFileSync(mustHave('helm-unittest'), ['--strict', '--color=false', CHART], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir() } });
}

/** A file of the chart. */
export function chartFile(path: string): string {
  return readFileSync(join(CHART, path), 'utf8');
}
