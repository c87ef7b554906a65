import type { Facts } from '../facts/facts.ts';
import { indicesOf } from '../facts/call-graph/references.ts';
import type { GraphView } from './graph-view.ts';
import { SCHEMA_VERSION } from './json.ts';

/** An artifact with the graphs of its core modules. */
export interface GraphReport {
  readonly artifact: Pick<Facts, 'name' | 'digest' | 'size' | 'kind'>;
  readonly views: readonly GraphView[];
}

/**
 * The JSON form, described by docs/schema/graph.schema.json: of one core module the graph itself, of anything else a list with one
 * graph for each core module.
 */
export function graphObject(reports: readonly GraphReport[]): Readonly<Record<string, unknown>> {
  const [only] = reports;
  if (only !== undefined && reports.length === 1 && only.artifact.kind === 'module' && only.views.length === 1) {
    return { schemaVersion: SCHEMA_VERSION, artifact: artifactOf(only), ...graphOf(only.views[0]!) };
  }
  return { schemaVersion: SCHEMA_VERSION, graphs: reports.flatMap((report) => report.views.map((view) => ({ artifact: artifactOf(report), ...graphOf(view) }))) };
}

function artifactOf({ artifact: { name, digest, size } }: GraphReport): Readonly<Record<string, unknown>> {
  return { name, digest, size };
}

function graphOf({ path, graph, roots, reach, imports }: GraphView): Readonly<Record<string, unknown>> {
  return {
    module: path,
    functions: { imported: graph.importedFunctions, defined: graph.functions - graph.importedFunctions },
    closed: graph.closed,
    entryPoints: roots,
    reachable: [...indicesOf(reach.reached)],
    imports,
  };
}
