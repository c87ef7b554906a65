import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Programs that other people wrote for registries: a server and clients. */
export type RegistryTool = 'docker-registry' | 'oras' | 'crane' | 'skopeo';

const said = new Set<string>();

/**
 * Whether a program is on the PATH. Where it is missing: one line and false on a developer's machine, so that its tests can be
 * skipped; an error under CI, where they would be a silent hole.
 */
export function haveTool(name: RegistryTool): boolean {
  if ((process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))) return true;
  const message = `Program missing: ${name} (.ci/install-tools installs it)`;
  if (process.env['CI'] === 'true') throw new Error(message);
  if (!said.has(name)) console.warn(`${message}; tests that need it are skipped`);
  said.add(name);
  return false;
}

/** Runs a client with a home of its own, so that nobody's credentials are read. Gives its output; throws with its messages. */
export async function runTool(name: RegistryTool, args: readonly string[], { cwd }: { readonly cwd: string }): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: cwd, DOCKER_CONFIG: cwd, TMPDIR: cwd };
  const { stdout } = await promisify(execFile)(name, [...args], { cwd, env, maxBuffer: 1 << 24 });
  return stdout;
}

export interface RunningRegistry {
  /** `127.0.0.1:43123` */
  readonly host: string;
  readonly url: string;
  /** Ends this one process and removes its storage. */
  close(): Promise<void>;
}

/** Starts the distribution registry on a free port of 127.0.0.1 with a storage folder of its own. It knows no referrers and sends no OCI-Subject. */
export async function startDistribution(): Promise<RunningRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-registry-'));
  const config = { version: '0.1', log: { level: 'info', accesslog: { disabled: true } }, storage: { filesystem: { rootdirectory: join(folder, 'data') } }, http: { addr: '127.0.0.1:0', secret: 'test' } };
  // JSON is YAML.
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true });
  };
  try {
    const host = await listening(child);
    return { host, url: `http://${host}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The address from its log, which is drained for as long as it runs. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (piece: string) => {
      log = (log + piece).slice(-20_000);
      const host = /listening on (127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (host) resolve(host);
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`The distribution registry ended with ${code}: ${log}`)));
  });
}
