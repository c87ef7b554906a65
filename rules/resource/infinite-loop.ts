import { functionNamer } from '../../scanner/facts/call-graph/names.ts';
import type { Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'infinite-loop',
  title: 'A loop never ends',
  description: 'Finds loops without any way out: no branch that leaves them, no call, no return and no trap instruction. Empty ones, which compilers write where a program is to stop for ever, count only in functions that the host calls.',
  family: 'resource',
  securitySeverity: 5.0,
  confidence: 'medium',
  cwe: [835],
  since: '0.1.0',
  remedy: 'Run it with fuel or a deadline, so that the runtime can stop it',
  references: ['https://docs.wasmtime.dev/examples-interrupting-wasm.html', 'https://cwe.mitre.org/data/definitions/835.html'],
  *check(facts) {
    for (const fact of facts.modules) yield* loopsOf(facts, fact);
  },
});

interface Loop {
  readonly functionIndex: number;
  /** Bytes from the start of the artifact. */
  readonly offset: number;
}

function* loopsOf({ customs }: Facts, fact: ModuleFact): Generator<RuleFinding> {
  const { path, module, callGraph } = fact;
  if (module.code === null) return;
  const entries = new Set(callGraph?.entryPoints);
  const found = listed(module.code.endlessLoops).filter(({ functionIndex, offset }) => entries.has(functionIndex) || !isEmpty(module.bytes, offset));
  const [first] = found;
  if (first === undefined) return;
  const named = functionNamer(fact, customs);
  const unreached = callGraph !== null && callGraph.entryPoints.length > 0 && found.every(({ functionIndex }) => callGraph.reachable[functionIndex] === 0);
  yield {
    message: `${found.length === 1 ? 'A loop has' : `${found.length} loops have`} no way out, in ${listing(found.map(({ functionIndex }) => named(functionIndex)))}${unreached ? ', which nothing in the program reaches' : ''}`,
    subject: path === '' ? 'loop' : 'inner loop',
    location: { path: `${path === '' ? '' : `${path}/`}func[${first.functionIndex}]`, offset: first.offset, length: 2 },
    ...(unreached && { confidence: 'low' as const }),
  };
}

function listed(pairs: Uint32Array): Loop[] {
  return Array.from({ length: pairs.length / 2 }, (_, at) => ({ functionIndex: pairs[2 * at]!, offset: pairs[2 * at + 1]! }));
}

/** Opcode and block type, then at once the branch back. */
function isEmpty(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset + 2] === BR && bytes[offset + 3] === 0;
}

const BR = 0x0c;
