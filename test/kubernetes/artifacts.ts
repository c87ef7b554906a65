import { image, wasmArtifact } from '../registry/push.ts';
import { putInto } from '../registry/pack.ts';
import { type RegistryServerOptions, startRegistry, type TestRegistry } from '../registry/server.ts';
import { watToWasm } from '../support/wat.ts';

/** Computes and asks for nothing: every level but `restricted`, which wants a signature, lets it through. */
export const PURE = watToWasm('(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))');
/** Asks the host to run a command: denied at baseline by `capability-process-spawn`. */
export const SPAWN = watToWasm('(module (import "env" "system" (func (param i32) (result i32))) (func (export "_start") i32.const 0 call 0 drop))');

/** Text for a file: nothing in it is Wasm. */
const PAGE = { path: 'index.html', bytes: 'hello' };

/** A registry of this process, and references to what it holds. */
export interface Artifacts {
  readonly registry: TestRegistry;
  /** `127.0.0.1:5000/acme/pure@sha256:...`; image names are those of `NAMES`. */
  pinned(name: ArtifactName): string;
  digest(name: ArtifactName): string;
  /** `127.0.0.1:5000/acme/pure:v1` */
  tagged(name: ArtifactName): string;
  /** A pinned reference to a module that nobody has asked for before: it denies, or passes, as SPAWN and PURE do. */
  fresh(kind: 'pure' | 'spawn'): string;
}

/** Modules as artifacts, in an image, and an image without Wasm. */
export type ArtifactName = 'pure' | 'spawn' | 'pure-image' | 'spawn-image' | 'web';

/** Starts a registry with one of each. */
export async function startArtifacts(options: RegistryServerOptions = {}): Promise<Artifacts> {
  const registry = await startRegistry(options);
  const packed = {
    pure: wasmArtifact(PURE), spawn: wasmArtifact(SPAWN),
    'pure-image': image({ layers: [{ entries: [{ path: 'app.wasm', bytes: PURE }] }], config: { Entrypoint: ['/app.wasm'] } }),
    'spawn-image': image({ layers: [{ entries: [{ path: 'app.wasm', bytes: SPAWN }] }], config: { Entrypoint: ['/app.wasm'] } }),
    web: image({ os: 'linux', architecture: 'amd64', layers: [{ entries: [PAGE] }] }),
  };
  const digests = Object.fromEntries(Object.entries(packed).map(([name, one]) => [name, putInto(registry, `acme/${name}`, 'v1', one)])) as Record<ArtifactName, string>;
  let number = 0;
  return {
    registry,
    pinned: (name) => `${registry.host}/acme/${name}@${digests[name]}`,
    digest: (name) => digests[name],
    tagged: (name) => `${registry.host}/acme/${name}:v1`,
    fresh: (kind) => {
      const wasm = kind === 'pure' ? PURE : SPAWN;
      const unlike = watToWasm(`(module (func (export "unlike-${number++}")))`);
      // A custom section makes other bytes of the same module.
      const marked = Buffer.concat([wasm, Buffer.from([0, 5, 1, 0x6e, number & 0xff, (number >> 8) & 0xff, unlike.length & 0xff])]);
      return `${registry.host}/acme/fresh@${putInto(registry, 'acme/fresh', null, wasmArtifact(marked))}`;
    },
  };
}
