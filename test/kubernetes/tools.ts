import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Programs that build-tools.sh builds. */
export type KubernetesTool = 'kube-apiserver' | 'kube-controller-manager' | 'kubectl' | 'etcd' | 'helm' | 'helm-unittest';

/** Path of a program, in the version that build-tools.sh names; null: not built, which is an error under CI. */
export function kubernetesTool(name: KubernetesTool): string | null {
  const path = toolPath(name);
  if (existsSync(path)) return path;
  if (process.env['CI'] === 'true') throw new Error(missing([name]));
  return null;
}

/** Path of a program that has to be there. */
export function mustHave(name: KubernetesTool): string {
  const path = kubernetesTool(name);
  if (path === null) throw new Error(missing([name]));
  return path;
}

/** Whether all of these are built. Otherwise one line and false on a developer's machine, so that tests can be skipped; an error under CI. */
export function haveTools(names: readonly KubernetesTool[]): boolean {
  const absent = names.filter((name) => kubernetesTool(name) === null);
  if (absent.length > 0) console.warn(`${missing(absent)}; tests that need them are skipped`);
  return absent.length === 0;
}

function toolPath(name: KubernetesTool): string {
  const folder = process.env['WASMGATE_KUBERNETES_TOOLS'] ?? join(homedir(), '.cache/wasmgate-tests/kubernetes');
  return join(folder, `${name}-${versions().get(name) ?? ''}`);
}

function versions(): ReadonlyMap<string, string> {
  const script = readFileSync(join(import.meta.dirname, 'build-tools.sh'), 'utf8');
  return new Map([...script.matchAll(/^(?:kubernetes|from_module) ([a-z0-9-]+) (v[0-9.]+)/gm)].map(([, name, version]) => [name!, version!]));
}

function missing(names: readonly KubernetesTool[]): string {
  return `Programs missing: ${names.map(toolPath).join(', ')} (test/kubernetes/build-tools.sh builds them)`;
}
