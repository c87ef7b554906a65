import type { Artifact } from '../scanner/artifact.ts';
import { collectFacts, type FactOptions } from '../scanner/facts/collect.ts';
import type { Facts } from '../scanner/facts/facts.ts';
import { decode } from '../scanner/wasm/decode.ts';
import type { Depth } from '../scanner/wasm/module.ts';
import { inflate } from '../engine/inflate.ts';
import { UNKNOWN_PROVENANCE } from '../scanner/provenance.ts';

/** The facts of an artifact for commands that do not judge: no search for secrets, nobody asked who signed it. */
export function factsOf(artifact: Artifact, depth: Depth, named: Pick<FactOptions, 'runtime' | 'now'> = {}): Facts {
  return collectFacts(artifact, decode(artifact.bytes, { depth }), { provenance: UNKNOWN_PROVENANCE, inflate, ...named });
}
