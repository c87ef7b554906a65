import type { Artifact } from '../artifact.ts';
import { mostSerious, type Problem } from '../problem.ts';
import type { CarrierFact, TargetProfile } from '../carrier.ts';
import type { Packaging } from '../packaging.ts';
import type { Provenance } from '../provenance.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Component } from '../wasm/component.ts';
import type { Decoded } from '../wasm/decoded.ts';
import type { FeatureUse } from '../wasm/features.ts';
import type { Export, Module } from '../wasm/module.ts';
import { recogniseAbis } from './abi.ts';
import { buildCallGraph, type CallGraph } from './call-graph/build.ts';
import { functionNamer } from './call-graph/names.ts';
import { collectByteSignatures } from './byte-signatures.ts';
import { collectAbis, collectCapabilities } from './capabilities.ts';
import { compositionOf } from './composition/composition.ts';
import { hostChains } from './composition/host-chains.ts';
import type { CompositionFact } from './composition/model.ts';
import { collectAmounts, collectConstants } from './constants/constants.ts';
import type { ConstantArgument } from './constants/model.ts';
import { collectCustoms } from './customs.ts';
import { collectDependencies, type DependencyFacts } from './dependencies.ts';
import { type EmbeddedFacts, findEmbedded } from './embedded.ts';
import { hostOf } from './host.ts';
import { componentExports, moduleExports } from './exports.ts';
import type { AdvisoryFact, ByteSignature, CustomFact, Dependency, EmbeddedExecutable, ExportFact, Facts, HostFact, ImportFact, Indicator, MemoryFact, ModuleFact, ReachPath, SecretFact, StringFact, Tool } from './facts.ts';
import { componentImports, moduleImports } from './imports.ts';
import type { RuntimeFact } from './runtimes/model.ts';
import { runtimeFact, type NamedRuntime } from './runtimes/runtime.ts';
import { collectIndicators, type IndicatorFacts } from './indicators.ts';
import type { Inflate } from './inflate.ts';
import { kindOf, roleOf } from './kind.ts';
import { collectLanguages } from './languages.ts';
import { recogniseToolchains, type Recognised } from './markers.ts';
import { outlineOf, type Outline } from './outline.ts';
import { componentPaths, reachPaths, type ImportChains } from './reach-paths.ts';
import { eachString } from './strings.ts';
import { placedModules } from './text-sources.ts';
import { collectTools } from './tools.ts';

/** What facts need beside the bytes. */
export interface FactOptions {
  readonly provenance: Provenance;
  /** Without it compressed lists inside the artifact stay unread, which is said in a problem. */
  readonly inflate?: Inflate;
  /** What a secret scanner found; null or left out: none ran. */
  readonly secrets?: readonly SecretFact[] | null;
  /** What advisory data says of the dependencies; null or left out: none was given. */
  readonly advisories?: readonly AdvisoryFact[] | null;
  /** The host that the user names; it counts before what carrier and package say. */
  readonly targetProfile?: TargetProfile;
  /** The runtime that the user names; it counts before the engine of the host. */
  readonly runtime?: NamedRuntime;
  /** ISO 8601; without it nothing is called old. */
  readonly now?: string;
  /** Where facts of equal bytes are kept together; default: nowhere. */
  readonly memo?: Map<string, unknown>;
  /** Where the search for secrets stopped at a limit, as `findSecretCandidates` says. */
  readonly secretProblems?: readonly Problem[];
}

/** What is true of a decoded artifact. Nothing is computed before it is asked for, and nothing twice. Never throws for bad input. */
export function collectFacts(artifact: Artifact, decoded: Decoded, options: FactOptions): Facts {
  return new CollectedFacts(artifact, decoded, options);
}

class CollectedFacts implements Facts {
  readonly name: string;
  readonly reference: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly decoded: Decoded;
  readonly kind: Facts['kind'];
  readonly component: Component | null;
  readonly secrets: readonly SecretFact[];
  readonly secretsAnalysed: boolean;
  readonly advisories: readonly AdvisoryFact[] | null;
  readonly provenance: Provenance;
  readonly snapshot: Snapshot | null;
  readonly packaging: Packaging | null;
  readonly carrier: CarrierFact | null;
  readonly host: HostFact | null;
  readonly runtime: RuntimeFact | null;
  readonly validated = false;
  readonly #inflate: Inflate | null;
  readonly #secretProblems: readonly Problem[];
  readonly #known: Map<string, unknown>;

  constructor(artifact: Artifact, decoded: Decoded, { provenance, inflate, secrets, secretProblems, targetProfile, runtime, now, memo, advisories }: FactOptions) {
    this.#known = memo ?? new Map();
    this.name = artifact.name;
    this.reference = artifact.reference ?? artifact.name;
    this.digest = artifact.digest;
    this.bytes = artifact.bytes;
    this.decoded = decoded;
    this.kind = kindOf(decoded);
    this.component = decoded.kind === 'component' ? decoded : null;
    this.secrets = secrets ?? [];
    this.advisories = advisories ?? null;
    this.secretsAnalysed = secrets !== null && secrets !== undefined;
    this.provenance = provenance;
    this.snapshot = artifact.snapshot ?? null;
    this.packaging = artifact.packaging ?? null;
    this.carrier = artifact.carrier ?? null;
    this.host = targetProfile === undefined ? hostOf(this.carrier, this.packaging) : { profile: targetProfile, sure: true };
    this.runtime = runtimeFact(runtime ?? null, this.host, now ?? null);
    this.#inflate = inflate ?? null;
    this.#secretProblems = secretProblems ?? [];
  }

  get size(): number {
    return this.bytes.length;
  }

  get modules(): readonly ModuleFact[] {
    return this.#modules;
  }

  get #modules(): readonly CollectedModule[] {
    return this.#once('modules', () => placedModules(this.decoded).map(({ path, module }) => new CollectedModule(path, module)));
  }

  get imports(): readonly ImportFact[] {
    return this.#once('imports', () => (this.component ? componentImports(this.component, this.#recognised, (host) => this.#hostReachable(host)) : (this.modules[0]?.imports ?? [])));
  }

  get exports(): readonly ExportFact[] {
    return this.#once('exports', () => {
      if (this.component) return componentExports(this.component, this.#recognised);
      const own = this.decoded.kind === 'module' ? this.#modules[0] : undefined;
      return own ? moduleExports(own.exports, this.#recognised) : [];
    });
  }

  get capabilities(): readonly string[] {
    return this.#once('capabilities', () => collectCapabilities(this.imports, this.exports));
  }

  get abis(): readonly string[] {
    return this.#once('abis', () => collectAbis(this.#recognised, this.imports, this.exports));
  }

  get features(): readonly FeatureUse[] {
    return this.decoded.kind === 'module' || this.decoded.kind === 'component' ? this.decoded.features : [];
  }

  get memories(): readonly MemoryFact[] {
    return this.modules.flatMap(({ path, module }) => module.memories.map(({ type }) => ({ module: path, type })));
  }

  get format(): string | null {
    return this.decoded.kind === 'native' || this.decoded.kind === 'unknown' ? this.decoded.title : null;
  }

  get customs(): readonly CustomFact[] {
    return this.#once('customs', () => collectCustoms(this.modules, this.component));
  }

  get tools(): readonly Tool[] {
    return this.#once('tools', () => collectTools(this.customs, this.#toolchains));
  }

  get languages(): readonly string[] {
    return this.#once('languages', () => collectLanguages(this.tools, this.#toolchains));
  }

  get dependencies(): readonly Dependency[] {
    return this.#dependencies.dependencies;
  }

  get listsDependencies(): boolean {
    return this.#once('listsDependencies', () => this.dependencies.some(({ evidence }) => evidence === 'embedded-list' || evidence === 'build-info')
      || this.customs.some(({ content, name }) => content.kind === 'dependency-list' && !this.problems.some(({ section }) => section === `custom:${name}`)));
  }

  get indicators(): readonly Indicator[] {
    return this.#indicators.indicators;
  }

  get byteSignatures(): readonly ByteSignature[] {
    return this.#once('byteSignatures', () => collectByteSignatures(this.modules));
  }

  get embedded(): readonly EmbeddedExecutable[] {
    return this.#embedded.embedded;
  }

  get outline(): Outline | null {
    return this.#once('outline', () => outlineOf(this.decoded));
  }

  get composition(): CompositionFact | null {
    return this.#once('composition', () => (this.component && this.#searched ? compositionOf({ component: this.component, modules: this.modules, imports: this.imports }) : null));
  }

  get reachPaths(): readonly ReachPath[] {
    return this.#once('reachPaths', () => {
      if (this.component !== null) return componentPaths(this.imports, this.#hostChain);
      return this.decoded.kind === 'module' && this.modules[0] ? reachPaths(this.modules[0], this.customs) : [];
    });
  }

  get constants(): readonly ConstantArgument[] {
    return this.#once('constants', () => collectConstants(this.modules, this.component));
  }

  get amounts(): readonly ConstantArgument[] {
    return this.#once('amounts', () => collectAmounts(this.modules, this.component));
  }

  /**
   * Those of decoding, then those of reading what was decoded: searches that stopped at a limit, damaged custom sections. They
   * are complete whoever asks first, because every search with a limit is run for them. A decode of the imports alone searches nothing.
   */
  get problems(): readonly Problem[] {
    return this.#once('problems', () => mostSerious([...this.decoded.problems, ...(this.#searched ? this.#searchProblems() : [])]));
  }

  get #searched(): boolean {
    return this.modules.every(({ module }) => module.analysed === 'full');
  }

  #searchProblems(): readonly Problem[] {
    const searches = [this.#secretProblems, this.#indicators.problems, this.#embedded.problems, this.#dependencies.problems];
    return [...searches.flat(), ...(this.composition?.problem ? [this.composition.problem] : []), ...this.customs.flatMap(({ problem }) => problem ?? [])];
  }

  readonly callPath = (found: ImportFact): readonly string[] | null => {
    if (this.component !== null) return this.#hostChain(found, SHOWN_CALLS + 1)?.map((name) => name ?? '...') ?? null;
    const fact = this.#modules[0];
    if (fact === undefined || found.reachable !== true) return null;
    const before = fact.module.imports.slice(0, found.index).filter(({ type }) => type.kind === 'func').length;
    const namer = this.#once('functionNamer', () => functionNamer(fact, this.customs));
    return shortened(fact.callGraph?.pathTo(before) ?? []).map((index) => (index < 0 ? '...' : namer(index)));
  };

  readonly eachString = (visit: (found: StringFact) => void): void => eachString(this.modules, visit);

  /** The chain to a function that a component imports; nothing where the parts were not put together. */
  readonly #hostChain: ImportChains = (found, most) => {
    if (found.reachable !== true) return null;
    const linking = this.component?.linking ?? null;
    const chains = this.#once('hostChains', () => (linking === null ? null : hostChains({ linking, modules: this.modules, customs: this.customs })));
    return chains?.(found.name === '' ? found.module : `${found.module}#${found.name}`, most) ?? null;
  };

  #hostReachable(host: string): boolean | null {
    const reached = this.#once('hostReached', () => (this.composition?.entered === true ? new Set(this.composition.hostFunctions) : null));
    return reached && reached.has(host);
  }

  get #recognised(): ReadonlySet<string> {
    return this.#once('recognised', () => (this.component ? componentAbis(this.component) : new Set(this.modules[0]?.abis)));
  }

  get #toolchains(): readonly Recognised[] {
    return this.#once('toolchains', () => recogniseToolchains(this.modules, this.customs));
  }

  get #indicators(): IndicatorFacts {
    return this.#once('indicators', () => collectIndicators(this.modules, this.component));
  }

  get #embedded(): EmbeddedFacts {
    return this.#once('embedded', () => findEmbedded(this.modules, this.component));
  }

  get #dependencies(): DependencyFacts {
    return this.#once('dependencies', () => collectDependencies({ modules: this.modules, component: this.component, customs: this.customs, inflate: this.#inflate }));
  }

  #once<T>(key: string, compute: () => T): T {
    if (!this.#known.has(key)) this.#known.set(key, compute());
    return this.#known.get(key) as T;
  }
}

/** A core module; its ABIs and imports are worked out when first asked for. */
class CollectedModule implements ModuleFact {
  readonly path: string;
  readonly module: Module;
  #abis: ReadonlySet<string> | null = null;
  #imports: readonly ImportFact[] | null = null;
  #exports: readonly Export[] | null = null;
  #callGraph: CallGraph | null | undefined;
  #role: ModuleFact['role'] | null = null;

  constructor(path: string, module: Module) {
    this.path = path;
    this.module = module;
  }

  get abis(): readonly string[] {
    return collectAbis(this.#recognise(), this.imports, []);
  }

  get imports(): readonly ImportFact[] {
    return (this.#imports ??= moduleImports(this, this.#recognise(), (index) => this.#reachable(index)));
  }

  get callGraph(): CallGraph | null {
    if (this.#callGraph === undefined) this.#callGraph = this.module.analysed === 'full' && this.module.problems.length === 0 ? buildCallGraph(this.module) : null;
    return this.#callGraph;
  }

  /** Decoded once, for recognising ABIs and for the facts. */
  get exports(): readonly Export[] {
    return (this.#exports ??= [...this.module.exports]);
  }

  get role(): ModuleFact['role'] {
    return (this.#role ??= roleOf(this.module, this.path));
  }

  #recognise(): ReadonlySet<string> {
    return (this.#abis ??= moduleAbis(this));
  }

  /** A module without entry points is linked into a program first, as an object file is: what that reaches is not known. */
  #reachable(functionIndex: number): boolean | null {
    if (this.role === 'object-file' || this.callGraph === null || this.callGraph.entryPoints.length === 0) return null;
    return this.callGraph.reachable[functionIndex] === 1;
  }
}

/** The first and the last functions of a chain, -1 for those between. */
function shortened(path: readonly number[]): readonly number[] {
  return path.length <= SHOWN_CALLS ? path : [...path.slice(0, SHOWN_CALLS / 2), -1, ...path.slice(-SHOWN_CALLS / 2)];
}

const SHOWN_CALLS = 6;

function moduleAbis({ path, module: { imports, customs }, exports }: CollectedModule): Set<string> {
  return recogniseAbis({
    of: path === '' ? 'module' : 'component',
    imports: imports.map(({ module, name, type }) => ({ module, name, kind: type.kind })),
    exports: exportNames(exports),
    customs: customs.map(({ name }) => name),
  });
}

function* exportNames(exports: Iterable<{ readonly name: string }>): Generator<string> {
  for (const { name } of exports) yield name;
}

function componentAbis({ imports, exports, customs }: Component): Set<string> {
  const items = imports.flatMap(({ name, kind, functions }) => {
    if (kind === 'func') return [{ module: '$root', name, kind }];
    return kind === 'instance' ? functions.map((one) => ({ module: name, name: one, kind: 'func' })) : [];
  });
  return recogniseAbis({ of: 'component', imports: items, exports: exportNames(exports), customs: customs.map(({ name }) => name) });
}
