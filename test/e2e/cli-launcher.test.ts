import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/imports.ts';
import { buildCli, runCli } from '../support/run-cli.ts';
import { watToWasm } from '../support/wat.ts';

/** A Node too old for the product, where the machine has one; the shebang of an installed command finds such a Node first. */
const OLD_NODE = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path) && isOld(path));

function isOld(node: string): boolean {
  const [major = 0, minor = 0] = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.').map(Number);
  return major < 24 || (major === 24 && minor < 15);
}

let folder: string;
let built: { readonly folder: string; readonly main: string };
beforeAll(() => {
  built = buildCli();
  cpSync(join(ROOT, 'bin'), join(built.folder, 'bin'), { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-launcher-'));
  writeFileSync(join(folder, 'pure.wasm'), watToWasm('(module)'));
});
afterAll(() => [folder, built.folder].forEach((path) => rmSync(path, { recursive: true })));

describe('an installed package, with no other package beside it', () => {
  const run = (...args: string[]) => runCli(args, { cwd: folder, main: join(built.folder, 'bin/wasmgate.mjs') });

  test('scans, in this thread and in others', async () => {
    expect(await run('scan', 'pure.wasm')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('scan', 'pure.wasm', 'pure.wasm', '--jobs', '2')).toMatchObject({ code: 0, stderr: '' });
  });

  test('reads policy files, globs, excludes, text modules, and looks for secrets', async () => {
    const secret = `-----BEGIN OPENSSH PRIVATE KEY-----\\n${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz'.repeat(6)}\\n-----END OPENSSH PRIVATE KEY-----`;
    writeFileSync(join(folder, 'secret.bin'), watToWasm(`(module (memory 1) (data (i32.const 0) "${secret}"))`));
    await run('policy', 'init', 'own.yaml');
    const scanned = await run('scan', '*.bin', '--exclude', 'nothing', '--policy', 'own.yaml', '--format', 'json');
    expect({ code: scanned.code === 0 || scanned.code === 1, stderr: scanned.stderr }).toEqual({ code: true, stderr: '' });
    mkdirSync(join(folder, 'cases'));
    writeFileSync(join(folder, 'cases/a.yaml'), 'wat: (module)\nexpect: { verdict: allow }\n');
    expect(await run('policy', 'test', 'cases')).toMatchObject({ code: 0, stderr: '' });
  });

  test('gives help and the version without the engine', async () => {
    rmSync(join(built.folder, 'dist/cli-commands-scan.js'));
    expect((await run('--version')).code).toBe(0);
    expect((await run('scan', '--help')).code).toBe(0);
    expect((await run('scan', 'pure.wasm')).code).toBe(3);
  });
});

describe.skipIf(!OLD_NODE)('started by a Node that is too old', () => {
  test('says what is needed, exit code 2', () => {
    const { status, stdout, stderr } = spawnSync(OLD_NODE!, [join(built.folder, 'bin/wasmgate.mjs'), '--version'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^wasmgate: Node 24\.15 or later is needed, this is v/);
  });

  test('goes on with the Node that lies in node_modules, streams and exit code included', () => {
    mkdirSync(join(built.folder, 'node_modules/node/bin'), { recursive: true });
    symlinkSync(process.execPath, join(built.folder, 'node_modules/node/bin/node'));
    const options = { encoding: 'utf8', input: '(module)', cwd: folder } as const;
    expect(spawnSync(OLD_NODE!, [join(built.folder, 'bin/wasmgate.mjs'), 'inspect', '-', '--format', 'jsonl'], options)).toMatchObject({ status: 3, stderr: '' });
    expect(spawnSync(OLD_NODE!, [join(built.folder, 'bin/wasmgate.mjs'), 'nonsense'], options)).toMatchObject({ status: 2, stdout: '' });
  });

  test('passes Ctrl-C on', async () => {
    const child = spawn(OLD_NODE!, [join(built.folder, 'bin/wasmgate.mjs'), 'inspect', '-'], { cwd: folder, stdio: 'pipe' });
    setTimeout(() => child.kill('SIGINT'), 1_500);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.on('close', (...end) => resolve(end)));
    expect(code === 130 || signal === 'SIGINT').toBe(true);
  });
});
