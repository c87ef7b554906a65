import type { Facts, ImportFact, ModuleFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { importedFunctions, importText, listing } from '../../scanner/rule-support.ts';
import type { Location } from '../../scanner/location.ts';

export default defineRule({
  id: 'timing-side-channel-kit',
  title: 'The program has what a precise timer is made of',
  description: 'Finds shared memory with waiting and waking, or a clock together with threads: one thread counts, another reads the count, and so measures what other tenants of the machine do.',
  family: 'capability',
  securitySeverity: 6.0,
  confidence: 'low',
  cwe: [208, 385],
  since: '0.1.0',
  remedy: 'Give programs with threads a process of their own, with one tenant in it, and coarse clocks',
  references: ['https://gruss.cc/files/fantastictimers.pdf', 'https://docs.wasmtime.dev/security.html'],
  check,
});

/** Numbers after the prefix FE of notify and the two waits, as the decoder counts them. Threads proposal. */
const WAITS = [4096, 4097, 4098];

function* check(facts: Facts): Generator<RuleFinding> {
  const functions = importedFunctions(facts).filter(({ reachable }) => reachable !== false);
  const clocks = functions.filter(isClock);
  const spawns = functions.filter(({ capability, name }) => capability === 'threads' && /spawn|create/.test(name));
  const waiting = facts.modules.find((fact) => sharedMemory(fact) !== null && waits(fact));
  if (waiting !== undefined && clocks.length + spawns.length > 0) {
    yield { message: `Shares a memory, waits and wakes in it, and has ${listing([...clocks, ...spawns].map((found) => importText(facts, found)))}`, subject: 'shared-memory', location: sharedMemory(waiting)! };
  } else if (clocks.length > 0 && spawns.length > 0) {
    yield { message: `Has a clock and threads: ${listing([...clocks, ...spawns].map((found) => importText(facts, found)))}`, subject: 'clock', location: spawns[0]!.location };
  }
}

function isClock({ capability, interface: judged }: ImportFact): boolean {
  return capability === 'clock-read' && !/wall-clock/.test(judged);
}

function waits({ module: { code } }: ModuleFact): boolean {
  return code !== null && WAITS.some((slot) => code.opcodes[slot]! > 0);
}

/** The first memory that threads share; null: there is none. */
function sharedMemory({ path, module }: ModuleFact): Location | null {
  const lead = path === '' ? '' : `${path}/`;
  for (const [index, { type, module: from, name, offset, length }] of module.imports.entries()) {
    if (type.kind === 'memory' && type.shared) return { path: `${lead}import[${index}] ${from}.${name}`, offset, length };
  }
  const own = module.memories.findIndex(({ type }) => type.shared);
  if (own < 0) return null;
  const { offset, length } = module.memories[own]!;
  return { path: `${lead}memory[${module.imports.filter(({ type }) => type.kind === 'memory').length + own}]`, offset, length };
}
