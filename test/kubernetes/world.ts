import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/imports.ts';
import { buildCli } from '../support/run-cli.ts';
import { type Artifacts, startArtifacts } from './artifacts.ts';
import type { Values } from './chart.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
import { type Gate, type GateOptions, installGate } from './gate.ts';
import { RUNTIME_CLASSES } from './objects.ts';

/** A cluster with wasmgate in it, a registry, and a namespace `shop` to work in. */
export interface World {
  readonly plane: ControlPlane;
  readonly artifacts: Artifacts;
  readonly gate: Gate;
  /** File with the command line. */
  readonly main: string;
  stop(): Promise<void>;
}

export interface WorldOptions extends Omit<GateOptions, 'main' | 'values'>, ControlPlaneOptions {
  /** Values of the chart; the registry of the tests is always among the insecure hosts, after those of the values. */
  readonly values?: Values;
  /** Called before the chart is installed. */
  readonly before?: (plane: ControlPlane, artifacts: Artifacts) => Promise<void>;
}

/** Starts everything; what has started is ended again when the rest fails. */
export async function startWorld({ values = {}, before, replicas, start, ...options }: WorldOptions = {}): Promise<World> {
  const running: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of running.splice(0).toReversed()) await end();
  };
  try {
    const artifacts = await startArtifacts();
    running.push(() => artifacts.registry.close());
    const main = commandLine(running);
    const plane = await startControlPlane(options);
    running.push(() => plane.stop());
    await plane.namespace('shop');
    for (const runtimeClass of RUNTIME_CLASSES) await plane.api.post('/apis/node.k8s.io/v1/runtimeclasses', runtimeClass);
    await before?.(plane, artifacts);
    const gate = await installGate(plane, { main, values: withHost(values, artifacts.registry.host), ...(replicas === undefined ? {} : { replicas }), ...(start === undefined ? {} : { start }) });
    running.push(() => gate.stop());
    return { plane, artifacts, gate, main, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function withHost(values: Values, host: string): Values {
  const registry = values['registry'] as { readonly insecureHosts?: readonly string[] } | undefined;
  return { ...values, registry: { ...registry, insecureHosts: [...registry?.insecureHosts ?? [], host] } };
}

/** What is released, or with WASMGATE_FROM_SOURCES=1 the sources, which start at once. */
function commandLine(running: (() => unknown)[]): string {
  if (process.env['WASMGATE_FROM_SOURCES'] === '1') return join(ROOT, 'cli/main.ts');
  const { folder, main } = buildCli();
  running.push(() => rmSync(folder, { recursive: true }));
  return main;
}
