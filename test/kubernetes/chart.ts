import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../support/imports.ts';
import type { ApiObject } from './api-client.ts';
import { type ControlPlane, runTool } from './control-plane.ts';
import { eventually } from './process.ts';

/** The objects of a rendered chart, as text and read. */
export interface Rendered { readonly text: string; readonly objects: readonly ApiObject[] }

/** Values of a chart, as in a values file. */
export type Values = Readonly<Record<string, unknown>>;

/** Renders the chart as `helm template` does. Throws with what helm says. */
export async function renderChart(plane: ControlPlane, { namespace, values }: { readonly namespace: string; readonly values: Values }): Promise<Rendered> {
  const file = join(plane.folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const { code, output, errors } = await runTool('helm', ['template', 'wasmgate', join(ROOT, 'charts/wasmgate'), '--namespace', namespace, '--values', file, '--kube-version', '1.36.3'], { folder: plane.folder, kubeconfig: plane.kubeconfig });
  if (code !== 0) throw new Error(`helm template: ${errors}`);
  return { text: output, objects: parseAllDocuments(output).map((document) => document.toJS() as ApiObject | null).filter((object) => object !== null) };
}

/** Applies what was rendered, every byte as it is, by server-side apply as helm does. Throws with what kubectl says. */
export async function applyChart(plane: ControlPlane, { text }: Rendered): Promise<void> {
  // Objects of a kind that the same file defines have to wait for its definition.
  await eventually('the chart is applied', async () => {
    const { code, errors } = await plane.kubectl(['apply', '--server-side', '-f', '-'], text);
    if (code !== 0 && !errors.includes('no matches for kind')) throw new Error(`kubectl apply: ${errors}`);
    return code === 0 || null;
  }, { pause: 500 });
}

/** The one object of a kind, or of a kind and name. Throws where there is none. */
export function objectOf({ objects }: Rendered, kind: string, name?: string): ApiObject {
  const found = objects.find((object) => object.kind === kind && (name === undefined || object.metadata?.name === name));
  if (!found) throw new Error(`The chart has no ${kind} ${name ?? ''}; it has ${objects.map((object) => object.kind).join(', ')}`);
  return found;
}

/** A container as a process of this machine: what it is started with. */
export interface Started {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Volume { readonly name: string; readonly secret?: { readonly secretName: string }; readonly configMap?: { readonly name: string }; readonly emptyDir?: object; readonly projected?: object }
interface Variable { readonly name: string; readonly value?: string; readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } } }
interface Container { readonly args?: readonly string[]; readonly env?: readonly Variable[]; readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[] }
interface PodSpec { readonly containers: readonly Container[]; readonly volumes?: readonly Volume[]; readonly serviceAccountName?: string }

/** Pod spec of a Deployment or CronJob. */
export function podSpecOf(object: ApiObject): PodSpec {
  const spec = object['spec'] as { template?: { spec: PodSpec }; jobTemplate?: { spec: { template: { spec: PodSpec } } } };
  const template = spec.template ?? spec.jobTemplate?.spec.template;
  if (!template) throw new Error(`${object.kind} makes no pods`);
  return template.spec;
}

/** What stands for one pod: its name, a folder for its volumes, and arguments that take the place of the container's. */
export interface PodPlace { readonly name: string; readonly namespace: string; readonly folder: string; readonly replace: Readonly<Record<string, string>> }

/**
 * Arguments and variables of the first container as a process gets them: paths of volumes lead into `folder`, where Secrets and
 * ConfigMaps of the cluster have been written; addresses and the way to the API server are those of `replace`.
 */
export async function containerOf(plane: ControlPlane, spec: PodSpec, place: PodPlace): Promise<Started> {
  const [container] = spec.containers;
  const mounts = await Promise.all((container!.volumeMounts ?? []).map(async ({ name, mountPath }) => {
    const folder = join(place.folder, name);
    await fill(plane, place.namespace, spec.volumes?.find((volume) => volume.name === name), folder);
    return { mountPath, folder };
  }));
  const moved = (text: string): string => mounts.reduce((now, { mountPath, folder }) => now.replaceAll(new RegExp(`(^|[=:])${mountPath.replaceAll('.', '\\.')}(?=/|$)`, 'g'), `$1${folder}`), text);
  const env = Object.fromEntries((container!.env ?? []).map(({ name, value, valueFrom }) => [name, moved(value ?? fieldOf(valueFrom?.fieldRef?.fieldPath, place))]));
  const args = (container!.args ?? []).map((text) => moved(text.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole)));
  return { args: replaced(args, place.replace), env };
}

/** Options of `replace` take the place of those that are there, in both ways to write them, or come at the end. */
function replaced(args: readonly string[], replace: Readonly<Record<string, string>>): string[] {
  const kept = args.filter((arg, index) => {
    const name = arg.startsWith('--') ? arg.slice(2).split('=')[0]! : '';
    const before = args[index - 1] ?? '';
    const isValue = before.startsWith('--') && !before.includes('=') && !arg.startsWith('--') && before.slice(2) in replace;
    return !(name in replace) && !isValue;
  });
  return [...kept, ...Object.entries(replace).map(([name, value]) => `--${name}=${value}`)];
}

function fieldOf(path: string | undefined, { name, namespace }: PodPlace): string {
  return { 'metadata.name': name, 'metadata.namespace': namespace, 'status.podIP': '10.200.0.1' }[path ?? ''] ?? '';
}

/** Writes what a volume holds, as a kubelet would. */
async function fill(plane: ControlPlane, namespace: string, volume: Volume | undefined, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const source = volume?.secret ? `secrets/${volume.secret.secretName}` : volume?.configMap ? `configmaps/${volume.configMap.name}` : null;
  if (source === null) return;
  const { body } = await plane.api.get(`/api/v1/namespaces/${namespace}/${source}`);
  for (const [key, text] of Object.entries((body['data'] ?? {}) as Record<string, string>)) writeFileSync(join(folder, key), volume?.secret ? Buffer.from(text, 'base64') : text);
}
