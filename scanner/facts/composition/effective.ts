import { LIMITS } from '../../wasm/limits.ts';
import type { FunctionPlace, InnerImport, Linking } from '../../wasm/component.ts';
import type { CallGraph } from '../call-graph/build.ts';
import { indicesOf } from '../call-graph/references.ts';

/** The call graph of the module at a place; null where there is none. */
export type GraphOf = (path: string) => CallGraph | null;

/** What code inside a component can call of its host. */
export interface Effective {
  /** Host functions that something reaches which runs: `interface#function`, as in Linking. */
  readonly hosts: ReadonlySet<string>;
  /** Host functions reached from functions inside. */
  reachedFrom(functions: Iterable<FunctionPlace>): ReadonlySet<string>;
  /** Host functions that the imports of some instances lead to. */
  reachedByImports(instances: readonly number[]): ReadonlySet<string>;
}

/** A step along the calls within a module costs an eighth of one from module to module. */
const SHIFT = 3;

interface Node { hosts: readonly string[]; next: readonly number[] }

/**
 * Joins the call graphs of all core instances: a call of an import goes on in the instance that serves it. Code that shares a table
 * with others, or passes references to functions to and fro, counts as calling all that can be in such a table. A superset of what
 * any run can reach.
 */
export function effectiveReach(linking: Linking, graphOf: GraphOf): Effective {
  const net = new Net(linking, graphOf);
  const { entries, hostFunctions } = linking;
  const hosts = net.reach([...entries.functions.map((place) => net.functionNode(place)), ...entries.instances.map((instance) => net.openNode(instance))]);
  for (const host of entries.hosts) hosts.add(host);
  const all = new Set(hostFunctions);
  return {
    hosts,
    reachedFrom: (functions) => (net.exhausted ? all : net.reach(Array.from(functions, (place) => net.functionNode(place)))),
    reachedByImports: (instances) => (net.exhausted ? all : net.reach(instances.map((instance) => net.importsNode(instance)))),
  };
}

/**
 * Nodes are numbers, made when first met: functions of instances, all imports of an instance, all that others can make an instance
 * run, and groups of instances between which functions pass unseen.
 */
class Net {
  readonly #linking: Linking;
  readonly #graphOf: GraphOf;
  readonly #imports: readonly (readonly InnerImport[])[];
  readonly #groups: ReadonlyMap<number, number>;
  readonly #members = new Map<number, number[]>();
  readonly #numbers = new Map<string, number>();
  readonly #makers: (() => Node)[] = [];
  readonly #nodes: (Node | null)[] = [];
  readonly #reached = new Map<string, readonly number[]>();
  #steps = 0;

  constructor(linking: Linking, graphOf: GraphOf) {
    this.#linking = linking;
    this.#graphOf = graphOf;
    const imports = linking.instances.map((): InnerImport[] => []);
    for (const one of linking.inner) imports[one.instance]!.push(one);
    this.#imports = imports;
    this.#groups = groupsOf(linking, (instance) => this.#graph(instance)?.exchanged ?? true);
    for (const [instance, group] of this.#groups) {
      const members = this.#members.get(group);
      if (members) members.push(instance);
      else this.#members.set(group, [instance]);
    }
  }

  /** No step is left: what was not followed before is no longer told apart. */
  get exhausted(): boolean {
    return this.#steps > LIMITS.compositionSteps;
  }

  functionNode({ instance, index }: FunctionPlace): number {
    return this.#number(`function ${instance} ${index}`, () => this.#functionEdges(instance, index));
  }

  importsNode(instance: number): number {
    return this.#number(`imports ${instance}`, () => this.#importEdges(this.#imports[instance]!));
  }

  /** An instance of which others hold more than some functions. */
  openNode(instance: number): number {
    return this.#number(`open ${instance}`, () => this.#openEdges([instance]));
  }

  reach(starts: readonly number[]): Set<string> {
    const hosts = new Set<string>();
    const seen = new Set(starts);
    const open = [...seen];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const { hosts: here, next } = (this.#nodes[node] ??= this.#makers[node]!());
      this.#steps += 1 + here.length + next.length;
      for (const host of here) hosts.add(host);
      for (const one of next) {
        if (seen.has(one)) continue;
        seen.add(one);
        open.push(one);
      }
    }
    return hosts;
  }

  #groupNode(group: number): number {
    return this.#number(`group ${group}`, () => this.#openEdges(this.#members.get(group)!));
  }

  #number(key: string, make: () => Node): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#makers.push(make) - 1;
      this.#numbers.set(key, number);
      this.#nodes.push(null);
    }
    return number;
  }

  #graph(instance: number): CallGraph | null {
    return this.#graphOf(this.#linking.instances[instance]!.path);
  }

  #functionEdges(instance: number, index: number): Node {
    const group = this.#groups.get(instance);
    const around = group === undefined ? [] : [this.#groupNode(group)];
    const graph = this.#graph(instance);
    if (!graph || this.exhausted) return { hosts: [], next: [this.importsNode(instance), ...around] };
    const { hosts, next } = this.#importEdges(this.#importsFrom(instance, graph, index).map((at) => this.#imports[instance]![at]!));
    return { hosts, next: [...next, ...around] };
  }

  /** What an instance runs when others call whatever they got hold of: all that its entry points reach. */
  #openEdges(instances: readonly number[]): Node {
    const imports = instances.flatMap((instance) => {
      const reachable = this.#graph(instance)?.reachable;
      return this.#imports[instance]!.filter((_, at) => reachable === undefined || reachable[at] === 1);
    });
    const groups = new Set(instances.flatMap((instance) => this.#groups.get(instance) ?? []));
    const { hosts, next } = this.#importEdges(imports);
    return { hosts, next: [...next, ...Array.from(groups, (group) => this.#groupNode(group))] };
  }

  #importEdges(imports: readonly InnerImport[]): Node {
    const hosts = new Set(imports.flatMap(({ host }) => host));
    const next = new Set(imports.flatMap(({ targets }) => targets.map((place) => this.functionNode(place))));
    this.#steps += imports.length;
    return { hosts: [...hosts], next: [...next] };
  }

  /** Asked once per function of a module, however often that is instantiated. */
  #importsFrom(instance: number, graph: CallGraph, index: number): readonly number[] {
    const key = `${this.#linking.instances[instance]!.path} ${index}`;
    let found = this.#reached.get(key);
    if (!found) {
      this.#steps += 1 + (graph.functions >> SHIFT);
      const { entryPoints, reachable, importedFunctions } = graph;
      // The way from the only entry point of a program was gone when the graph was built.
      const alone = entryPoints.length === 1 && entryPoints[0] === index;
      this.#reached.set(key, (found = alone ? [...indicesOf(reachable.subarray(0, importedFunctions))] : graph.importReach([index])));
    }
    return found;
  }
}

/** Instances between which functions pass in ways that are not followed one by one, by the number of their group. */
function groupsOf({ instances, shared }: Linking, exchanges: (instance: number) => boolean): Map<number, number> {
  const leader = instances.map((_, instance) => instance);
  const find = (instance: number): number => {
    let at = instance;
    while (leader[at] !== at) at = leader[at] = leader[leader[at]!]!;
    return at;
  };
  const sets = [
    ...shared.filter(({ kind, exact }) => kind === 'table' && !exact).map((item) => item.instances),
    leader.filter(exchanges),
  ];
  for (const set of sets) for (const instance of set) leader[find(instance)] = find(set[0]!);
  return new Map(sets.flat().map((instance) => [instance, find(instance)]));
}
