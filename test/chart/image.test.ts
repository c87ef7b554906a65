import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layOut, readDockerfile, releaseFaults, runtimeFaults } from '../../tools/image.ts';
import { ROOT } from '../support/imports.ts';
import { moduleBytes } from '../support/module.ts';
import { chartFile } from './helm.ts';

const TEXT = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const DOCKERFILE = readDockerfile(TEXT);
const DIGEST = `sha256:${'a'.repeat(64)}`;
const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

describe('the Dockerfile', () => {
  test('is fit to be built', () => {
    expect(runtimeFaults(DOCKERFILE)).toEqual([]);
  });

  test('is fit for a release only with both images named by digest', () => {
    const faults = (parts: Readonly<Record<string, string>>): readonly string[] => releaseFaults(DOCKERFILE, new Map(Object.entries(parts)));
    expect(faults({})).toHaveLength(2);
    expect(faults({ BUILDER: `node:24-slim@${DIGEST}` })).toEqual(['Image gcr.io/distroless/cc-debian13:nonroot is not named by a digest (@sha256:...)']);
    expect(faults({ BUILDER: `node:24-slim@${DIGEST}`, BASE: `example.com/base@${DIGEST.slice(0, -1)}` })).toHaveLength(1);
    expect(faults({ BUILDER: `node:24-slim@${DIGEST}`, BASE: `example.com/base@${DIGEST}` })).toEqual([]);
    expect(spawnSync(process.execPath, ['tools/check-image.ts', '--release'], { cwd: ROOT }).status).toBe(1);
    expect(spawnSync(process.execPath, ['tools/check-image.ts', '--release', `BUILDER=a@${DIGEST}`, `BASE=b@${DIGEST}`], { cwd: ROOT }).status).toBe(0);
  });

  test.each([
    ['root', TEXT.replace('USER 65532:65532', 'USER root')], ['user 0', TEXT.replace('USER 65532:65532', 'USER 0')], ['no user', TEXT.replace('USER 65532:65532', '')],
    ['a command in the last stage', `${TEXT}RUN npm install\n`], ['files from the context', `${TEXT}COPY . /app\n`], ['a file from the network', `${TEXT}ADD https://example.com/x /x\n`],
    ['a shell as entry', TEXT.replace(/ENTRYPOINT .*/, 'ENTRYPOINT node /app/dist/main.js')],
  ])('is refused with %s', (_, text) => {
    expect(runtimeFaults(readDockerfile(text))).toHaveLength(1);
  });

  test('runs as the user that the chart names', () => {
    expect(TEXT).toContain(`USER ${/^runAsUser: (\d+)$/m.exec(chartFile('values.yaml'))![1]}`);
  });

  test('has the version of the chart', () => {
    expect(chartFile('Chart.yaml')).toContain(`appVersion: ${VERSION}\n`);
  });
});

test('the context of the build holds sources and nothing else', () => {
  const kept = keptInContext();
  expect(readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n').filter((line) => !line.startsWith('#'))[0]).toBe('*');
  const sources = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(kept.filter((name) => sources.includes(name))).toEqual(['bin', 'cli', 'engine', 'policies', 'rules', 'scanner', 'tools', 'webhook']);
});

function keptInContext(): readonly string[] {
  return readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
}

/** What the image holds, laid out in a folder and used as a container would: nothing of the checkout, nothing to write to but a temporary folder. */
describe('the program of the image', () => {
  let folder = '';
  let entry: readonly string[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wasmgate-image-'));
    // Built from what the context holds: a source that .dockerignore leaves out would be missed here.
    const context = join(folder, 'src');
    for (const name of keptInContext()) cpSync(join(ROOT, name), join(context, name), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
    symlinkSync(join(ROOT, 'node_modules'), join(context, 'node_modules'));
    execFileSync(process.execPath, ['tools/build.ts'], { cwd: context, stdio: 'pipe' });
    entry = layOut(DOCKERFILE, { checkout: context, target: join(folder, 'root') });
    mkdirSync(join(folder, 'tmp'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...parameters: readonly string[]): { readonly status: number | null; readonly output: string } => {
    const { status, stdout, stderr } = spawnSync(entry[0]!, [...entry.slice(1), ...parameters], { encoding: 'utf8', cwd: join(folder, 'tmp'), env: { NODE_ENV: 'production', HOME: join(folder, 'tmp'), TMPDIR: join(folder, 'tmp') } });
    return { status, output: stdout + stderr };
  };

  test('holds Node, the program and licences, and no package manager', () => {
    expect(readdirSync(join(folder, 'root/app')).sort()).toEqual(['LICENSE', 'dist', 'package.json']);
    expect(readdirSync(join(folder, 'root/usr/local/bin'))).toEqual(['node']);
    expect(readdirSync(join(folder, 'root/app/dist'))).toContain('third-party-licenses.txt');
  });

  test('says its version', () => {
    expect(run('--version')).toEqual({ status: 0, output: expect.stringContaining(VERSION) });
  });

  test('scans', () => {
    const file = join(folder, 'tmp', 'small.wasm');
    writeFileSync(file, moduleBytes());
    expect(run('scan', file)).toEqual({ status: 0, output: expect.stringMatching(/allow/i) });
    writeFileSync(file, 'no module');
    expect(run('scan', file).status).not.toBe(0);
  });

  test('knows the commands that the chart starts', () => {
    expect(run('webhook', '--help')).toEqual({ status: 0, output: expect.stringContaining('--certificate-secret') });
  });
});
