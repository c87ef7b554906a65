import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, type SourceFile, sourceFiles } from './support/imports.ts';

const FOLDERS = ['scanner', 'rules', 'policies', 'engine', 'webhook', 'cli'] as const;
const files = sourceFiles(FOLDERS);
const product = files.filter(({ path }) => !path.endsWith('.test.ts'));

/** Which folders a folder may import from, itself included. Whoever is not named here may not be imported. */
const DIRECTION: Record<string, readonly string[]> = {
  'scanner/wasm': ['scanner/wasm', 'scanner'],
  'scanner/facts': ['scanner/facts', 'scanner/wasm', 'scanner'],
  'scanner/advisories': ['scanner/advisories', 'scanner/facts', 'scanner/wasm', 'scanner'],
  'scanner/policy': ['scanner/policy', 'scanner/facts', 'scanner/wasm', 'scanner'],
  'scanner/diff': ['scanner/diff', 'scanner/facts', 'scanner'],
  'scanner/report': ['scanner/report', 'scanner/diff', 'scanner/kubernetes', 'scanner/policy', 'scanner/facts', 'scanner/wasm', 'scanner'],
  'scanner/kubernetes': ['scanner/kubernetes', 'scanner', 'scanner/wasm'],
  'scanner/artifact': ['scanner/artifact', 'scanner/kubernetes', 'scanner', 'scanner/wasm'],
  'scanner/signature': ['scanner/signature', 'scanner/artifact', 'scanner', 'scanner/wasm'],
  'scanner/secret': ['scanner/secret', 'scanner/facts', 'scanner'],
  scanner: ['scanner', 'scanner/advisories', 'scanner/wasm', 'scanner/facts', 'scanner/policy'],
  rules: ['rules', 'scanner', 'scanner/facts', 'scanner/wasm'],
  policies: ['policies', 'scanner/policy', 'scanner'],
  engine: ['engine', 'policies', 'rules', 'scanner', 'scanner/advisories', 'scanner/wasm', 'scanner/artifact', 'scanner/facts', 'scanner/policy', 'scanner/report', 'scanner/secret', 'scanner/signature'],
  'webhook/admission': ['webhook/admission', 'webhook', 'scanner', 'scanner/kubernetes', 'scanner/policy', 'scanner/report', 'scanner/wasm'],
  'webhook/examine': ['webhook/examine', 'webhook', 'engine', 'rules', 'scanner', 'scanner/artifact', 'scanner/facts', 'scanner/policy', 'scanner/report', 'scanner/signature', 'scanner/wasm'],
  'webhook/kube': ['webhook/kube', 'webhook', 'scanner'],
  'webhook/policies': ['webhook/policies', 'webhook/kube', 'webhook', 'engine', 'policies', 'scanner', 'scanner/artifact', 'scanner/policy', 'scanner/signature', 'scanner/wasm'],
  'webhook/server': ['webhook/server', 'webhook', 'scanner'],
  'webhook/certificates': ['webhook/certificates', 'webhook/kube', 'webhook', 'scanner'],
  'webhook/audit': ['webhook/audit', 'webhook/admission', 'webhook/kube', 'webhook', 'engine', 'scanner', 'scanner/artifact', 'scanner/kubernetes', 'scanner/policy', 'scanner/report'],
  webhook: ['webhook', 'webhook/admission', 'webhook/audit', 'webhook/certificates', 'webhook/examine', 'webhook/kube', 'webhook/policies', 'webhook/server', 'engine', 'policies', 'rules', 'scanner', 'scanner/artifact', 'scanner/kubernetes', 'scanner/policy', 'scanner/report'],
  cli: ['cli', 'engine', 'webhook', 'webhook/audit', 'webhook/kube',  'policies', 'rules', 'scanner', 'scanner/artifact', 'scanner/diff', 'scanner/facts', 'scanner/kubernetes', 'scanner/policy', 'scanner/report', 'scanner/secret', 'scanner/signature', 'scanner/wasm'],
};

/** Folders that run in a browser: no Node, and third-party code only where the table says. */
const PURE = ['webhook/admission', 'scanner/advisories', 'scanner/wasm', 'scanner/facts', 'scanner/diff', 'scanner/policy', 'scanner/report', 'scanner/kubernetes', 'rules', 'policies'];

/** The one file that may import each third-party package. */
const LIBRARIES: Record<string, string | readonly string[]> = {
  express: 'webhook/server/app.ts',
  '@kubernetes/client-node': 'webhook/kube/config.ts',
  '@peculiar/x509': 'webhook/certificates/authority.ts',
  'reflect-metadata': 'webhook/certificates/authority.ts',
  piscina: 'webhook/examine/pool.ts',
  pino: 'webhook/log.ts',
  'prom-client': 'webhook/metrics.ts',
  yaml: 'scanner/yaml.ts',
  'smol-toml': 'scanner/kubernetes/texts-toml.ts',
  '@marcbachmann/cel-js': 'scanner/policy/cel.ts',
  re2js: 'scanner/policy/re2.ts',
  tinyglobby: 'scanner/artifact/open.ts',
  picomatch: 'scanner/artifact/exclude.ts',
  semver: 'scanner/advisories/semver.ts',
  'packageurl-js': 'scanner/report/sbom/package-url.ts',
  '@cyclonedx/cyclonedx-library': 'scanner/report/sbom/cyclonedx.ts',
  'lru-cache': ['scanner/artifact/cache/stores.ts', 'webhook/examine/memory.ts'],
  '@noble/curves': 'scanner/signature/curves.ts',
  '@sigstore/bundle': 'scanner/signature/sigstore-library.ts',
  '@sigstore/core': 'scanner/signature/sigstore-library.ts',
  '@sigstore/protobuf-specs': 'scanner/signature/sigstore-library.ts',
  '@sigstore/verify': 'scanner/signature/sigstore-library.ts',
  '@secretlint/core': 'scanner/secret/secretlint.ts',
  '@secretlint/secretlint-rule-preset-recommend': 'scanner/secret/secretlint.ts',
};

/** Tables, generated files and the one hot function: exempt from the size budget, each by name. */
const SIZE_EXEMPT = [/\.generated\.ts$/, /^scanner\/wasm\/opcodes\.ts$/, /^scanner\/wasm\/code\.ts$/, /^scanner\/facts\/catalogue\/data\.ts$/, /^(policies|rules)\/index\.ts$/];

/** Hand-written loops over bytes, each bounded in its own file; everybody else reads through ByteReader. */
const BYTE_READERS = [
  ...['code', 'decode', 'first-bytes', 'reader', 'reader-bytes'].map((name) => `scanner/wasm/${name}.ts`),
  ...['byte-signatures', 'entropy', 'literal-search', 'memory-regions', 'secret-candidates', 'secret-der', 'secret-patterns', 'strings', 'strings-wide', 'text-sources', 'window-text'].map((name) => `scanner/facts/${name}.ts`),
];

describe('imports', () => {
  test('point one way', () => {
    const wrong = product.flatMap((file) => file.imports.filter(({ local }) => local).map(({ target }) => [file.path, target] as const))
      .filter(([from, to]) => !allowedFrom(from).includes(folderOf(to)))
      .map(([from, to]) => `${from} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  test('form no cycle, types included', () => {
    expect(findCycle(product)).toBeNull();
  });

  test('of Node stay out of the pure folders', () => {
    const wrong = product.filter(({ path }) => PURE.includes(folderOf(path)))
      .flatMap((file) => file.imports.filter(({ target }) => target.startsWith('node:')).map(({ target }) => `${file.path} imports ${target}`));
    expect(wrong).toEqual([]);
  });

  test('of third-party packages stand in the one file named for each', () => {
    const wrong = product.filter(({ path }) => /^(scanner|rules|webhook)\//.test(path))
      .flatMap((file) => file.imports.filter(({ local, target }) => !local && !target.startsWith('node:')).map(({ target }) => [file.path, packageOf(target)] as const))
      .filter(([from, name]) => ![LIBRARIES[name]].flat().includes(from))
      .map(([from, name]) => `${from} imports ${name}`);
    expect(wrong).toEqual([]);
  });

  test('the reader of this test sees every import form', () => {
    const seen = sourceFiles(['test/support']).find(({ path }) => path.endsWith('imports.ts'));
    expect(seen?.imports.map(({ target }) => target)).toEqual(['node:fs', 'node:path']);
  });
});

describe('sources', () => {
  test('stay within the size budget', () => {
    const lines = product.filter(({ path }) => !SIZE_EXEMPT.some((pattern) => pattern.test(path)));
    expect(lines.filter((file) => file.lines > 400).map(({ path, lines: count }) => `${path}: ${count} lines`)).toEqual([]);
    const sorted = lines.map((file) => file.lines).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThanOrEqual(250);
  });

  test('have no barrels and no default exports but those of rules', () => {
    const wrong = product.filter(({ path, text }) => /^export \*/m.test(text) || (/^export default/m.test(text) && !path.startsWith('rules/'))).map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  test('never read the clock or chance in the pure folders', () => {
    const wrong = product.filter(({ path, text }) => PURE.includes(folderOf(path)) && /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(text)).map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  test('use one word per concept', () => {
    const banned = /\b(violations?|diagnostics?|exceptionList|allowlist|suppressions?)\b/i;
    const wrong = product.filter(({ path }) => !/sarif/.test(path)).flatMap(({ path, text }) => text.split('\n').map((line, index) => ({ line, place: `${path}:${index + 1}` }))).filter(({ line }) => banned.test(line)).map(({ place, line }) => `${place}: ${line.trim()}`);
    expect(wrong).toEqual([]);
  });

  test('are named in kebab-case', () => {
    expect(files.filter(({ path }) => !/^[a-z0-9./-]+$/.test(path)).map(({ path }) => path)).toEqual([]);
  });

  test('bytes are indexed only by the readers and the scans named here', () => {
    const indexing = product.filter(({ path, text }) => path.startsWith('scanner/') && /\bbytes\[/.test(text)).map(({ path }) => path);
    expect(indexing.filter((path) => !BYTE_READERS.includes(path))).toEqual([]);
  });
});

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string>; devDependencies: Record<string, string> };

  test('pins every version exactly', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?(\+[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  test('keeps addresses of registries out of the lockfiles', () => {
    for (const lockfile of ['package-lock.json', 'test/corpus/package-lock.json']) expect(readFileSync(join(ROOT, lockfile), 'utf8')).not.toMatch(/"resolved"/);
  });
});

function folderOf(path: string): string {
  const [first, second] = path.split('/');
  if (first !== 'scanner' && first !== 'webhook') return first!;
  return second!.endsWith('.ts') ? first : `${first}/${second}`;
}

function allowedFrom(path: string): readonly string[] {
  const folder = folderOf(path);
  const allowed = DIRECTION[folder];
  if (!allowed) throw new Error(`${path}: folder ${folder} has no row in the table of directions`);
  return allowed;
}

function packageOf(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** One import cycle as a list of paths, or null. Depth-first, iterative enough for some hundred files. */
function findCycle(sources: readonly SourceFile[]): string[] | null {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const { target, local } of byPath.get(path)?.imports ?? []) {
      const cycle = local ? visit(target, [...trail, path]) : null;
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const { path } of sources) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}
