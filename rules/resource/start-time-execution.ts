import type { Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing, wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'start-time-execution',
  title: 'Code runs when the program is instantiated',
  description: 'Finds start functions of modules and components, and exported initialisers that hosts call before anything else; says what they reach.',
  family: 'resource',
  securitySeverity: 3.0,
  confidence: 'high',
  cwe: [400],
  since: '0.1.0',
  remedy: 'Apply the time and fuel limits of the runtime to instantiation too',
  references: ['https://webassembly.github.io/spec/core/syntax/modules.html#start-function', 'https://github.com/WebAssembly/WASI/blob/main/legacy/application-abi.md'],
  *check(facts) {
    yield* componentStart(facts);
    for (const fact of facts.modules) {
      yield* startFunction(fact);
      yield* initialiser(facts, fact);
    }
  },
});

function* componentStart(facts: Facts): Generator<RuleFinding> {
  if (facts.component?.hasStart) yield { message: 'Has a start function of the component, which runs at instantiation', subject: 'component start', location: wholeFile(facts) };
}

function* startFunction(fact: ModuleFact): Generator<RuleFinding> {
  const { path, module } = fact;
  if (module.start === null) return;
  const { functionIndex, offset, length } = module.start;
  yield { message: `Runs a start function at instantiation${reached(fact, functionIndex)}`, subject: path === '' ? 'start' : 'inner start', location: { path: path === '' ? 'start' : `${path}/start`, offset, length } };
}

/** Inside a component the adapter decides what runs when, so only the artifact's own exports count. */
function* initialiser(facts: Facts, fact: ModuleFact): Generator<RuleFinding> {
  if (facts.component !== null) return;
  let row = 0;
  for (const { name, kind, location } of facts.exports) {
    const at = row++;
    if (name !== '_initialize' || kind !== 'func') continue;
    yield { message: `Exports _initialize, which hosts call before anything else${reached(fact, fact.module.exports.at(at).index)}`, subject: '_initialize', location };
  }
}

/** Through tables and references too; so it may be more than any run reaches, and never less. */
function reached({ module, callGraph }: ModuleFact, start: number): string {
  if (module.code === null || callGraph === null) return '';
  const { reached: marks } = callGraph.reachFrom([start]);
  const imports = callGraph.importReach([start]).filter((index) => index !== start);
  const called = functionImports(module);
  const names = imports.map((index) => called[index] ?? `function ${index}`);
  const more = marks.reduce((sum, mark) => sum + mark, 0) - 1 - imports.length;
  return `; calls reach ${more === 1 ? '1 more function' : `${more} more functions`}${names.length > 0 ? ` and the imports ${listing(names)}` : ' and no import'}`;
}

function functionImports({ imports }: ModuleFact['module']): string[] {
  return imports.filter(({ type }) => type.kind === 'func').map(({ module, name }) => `${module}.${name}`);
}
