import type { Problem } from '../../problem.ts';
import type { HandleCrossing } from '../../wasm/component.ts';

/** How the parts of a component are put together, and what is left of the powers they ask for. */
export interface CompositionFact {
  /** Every core module, in file order. */
  readonly modules: readonly ModuleComposition[];
  /** Capabilities that core modules inside ask for by the names of their imports, whoever serves them; sorted, unique. */
  readonly declared: readonly string[];
  /** Capabilities of the host functions that running code reaches; sorted, unique. Within those of the component's own imports. */
  readonly effective: readonly string[];
  /** These host functions as `interface#function`, sorted. */
  readonly hostFunctions: readonly string[];
  /** Something of it runs: it exports a function, or starts one. Without that it is no program, and reaches nothing yet. */
  readonly entered: boolean;
  /** Functions that code inside gives to other code inside in the place of a host. */
  readonly virtualised: readonly VirtualisedFunction[];
  /** Functions that hand resources of the host on. */
  readonly handles: readonly HandleCrossing[];
  /** Memories and tables that instances of different modules see. */
  readonly shared: readonly SharedThing[];
  /** What was found wrong by holding these against each other; null: nothing. */
  readonly problem: Problem | null;
}

export interface ModuleComposition {
  /** Its place, as in ModuleFact. */
  readonly path: string;
  /** How often it is instantiated. */
  readonly instances: number;
  readonly declared: readonly string[];
  /** Capabilities of the host functions that its imports lead to, through code inside where that serves them. */
  readonly effective: readonly string[];
}

export interface VirtualisedFunction {
  /** The module whose code serves it, and the core export that was lifted. */
  readonly module: string;
  readonly export: string;
  /** Imports that it serves, as `module name`; sorted, unique. */
  readonly asked: readonly string[];
  /** Host functions that it reaches itself; sorted. */
  readonly reaches: readonly string[];
}

export interface SharedThing {
  readonly kind: 'memory' | 'table';
  /** The module that defines it. */
  readonly owner: string;
  /** Modules whose instances see it, the owner first. */
  readonly modules: readonly string[];
  readonly instances: number;
  /** A table through which shims jump to constant slots, and nothing else. */
  readonly shim: boolean;
}
