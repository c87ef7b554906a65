import type { TargetProfile } from '../../carrier.ts';
import { RUNTIME_DATA_DATE, RUNTIMES } from './data.generated.ts';
import type { RuntimeData, RuntimeFact } from './model.ts';
import { parseVersion } from './version.ts';

/** A runtime as users name it. */
export interface NamedRuntime {
  readonly name: string;
  /** null: any. */
  readonly version: string | null;
}

/** Days after which what is known of runtimes is called old. */
const FRESH_DAYS = 180;
const DAY_MS = 86_400_000;

/** Names that `parseRuntime` knows, without aliases. */
export const RUNTIME_NAMES: readonly string[] = RUNTIMES.map(({ name }) => name);

/**
 * Reads `wasmtime@36.0.2`, or `wasmtime` alone where the version is not known.
 * @returns what is wrong, in words, for anything else
 */
export function parseRuntime(text: string): NamedRuntime | string {
  const at = text.indexOf('@');
  const name = (at < 0 ? text : text.slice(0, at)).toLowerCase();
  const version = at < 0 ? null : text.slice(at + 1);
  const data = RUNTIMES.find((one) => one.name === name || one.aliases.includes(name));
  if (data === undefined) return `Nothing is known of a runtime ${name.slice(0, 40)}; known are ${RUNTIME_NAMES.join(', ')}`;
  if (version !== null && parseVersion(version) === null) return `Not a version: ${version.slice(0, 64)}; write ${data.name}@1.2.3`;
  return { name: data.name, version };
}

/** Engines inside of hosts, where the host leaves no choice. Their versions are not to be seen from outside. */
const ENGINES: Partial<Record<TargetProfile, string>> = {
  'runwasi-wasmtime': 'wasmtime', 'runwasi-wasmedge': 'wasmedge', 'runwasi-wasmer': 'wasmer', 'runwasi-wamr': 'wamr',
  'crun-wasmtime': 'wasmtime', 'crun-wasmedge': 'wasmedge', 'crun-wasmer': 'wasmer', 'crun-wamr': 'wamr',
  'kuasar-wasmtime': 'wasmtime', 'kuasar-wasmedge': 'wasmedge', spin: 'wasmtime', wasmcloud: 'wasmtime', slight: 'wasmtime', wws: 'wasmtime',
  kubewarden: 'wasmtime', 'dapr-middleware': 'wazero', 'dapr-binding': 'wazero', traefik: 'wazero', scheduler: 'wazero', 'fluent-bit': 'wamr',
  wasmtime: 'wasmtime', wazero: 'wazero', wasmer: 'wasmer', wasmedge: 'wasmedge',
};

/** The runtime that will run an artifact: as the user says, else the engine of its host; null: not known. `now` is ISO 8601; without it nothing is called old. */
export function runtimeFact(named: NamedRuntime | null, host: { readonly profile: TargetProfile; readonly sure: boolean } | null, now: string | null): RuntimeFact | null {
  const stale = now !== null && runtimeDataIsStale(now);
  const name = named?.name ?? (host === null ? undefined : ENGINES[host.profile]);
  const data = RUNTIMES.find((one) => one.name === name);
  if (data === undefined) return null;
  return { name: data.name, title: data.title, version: named?.version ?? null, sure: named !== null || host?.sure === true, dataDate: RUNTIME_DATA_DATE, stale };
}

/** Whether what is known of runtimes was last held against its sources more than 180 days before `now` (ISO 8601). */
export function runtimeDataIsStale(now: string): boolean {
  return Date.parse(now) - Date.parse(RUNTIME_DATA_DATE) > FRESH_DAYS * DAY_MS;
}

/** What the table knows of a runtime. */
export function runtimeData({ name }: Pick<RuntimeFact, 'name'>): RuntimeData {
  const data = RUNTIMES.find((one) => one.name === name);
  if (data === undefined) throw new Error(`No runtime ${name} in the table`);
  return data;
}

/** For people: `Wasmtime 36.0.2`, or the title alone. */
export function runtimeText({ title, version }: Pick<RuntimeFact, 'title' | 'version'>): string {
  return version === null ? title : `${title} ${version.replace(/^v/, '')}`;
}
