import { compileCost } from '../../scanner/facts/compile-cost.ts';
import type { ModuleFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

/** Limits of the WebAssembly JavaScript Interface, section 10: beyond them browsers and Node refuse the module, and other engines compile it at their own risk. */
const BODY_BYTES = 7_654_321;
const LOCALS = 50_000;
const DATA_SEGMENTS = 100_000;

export default defineRule({
  id: 'compile-cost-excessive',
  title: 'The program is very costly to compile',
  description: 'Finds function bodies, locals and data segments beyond the limits that browsers and Node set; engines without them may take minutes or gigabytes to compile such a module.',
  family: 'resource',
  securitySeverity: 5.0,
  confidence: 'high',
  cwe: [400],
  since: '0.1.0',
  remedy: 'Split the function, and limit the time and memory that compiling may take',
  references: ['https://webassembly.github.io/spec/js-api/#limits', 'https://docs.wasmtime.dev/security.html'],
  *check({ modules }) {
    for (const fact of modules) yield* costsOf(fact);
  },
});

function* costsOf(fact: ModuleFact): Generator<RuleFinding> {
  const { module, path } = fact;
  const { body, locals } = compileCost(module);
  const within = path === '' ? '' : `${path}/`;
  if (body !== null && body.amount > BODY_BYTES) {
    yield { message: `A function body has ${body.amount} bytes, more than the ${BODY_BYTES} that engines of browsers take`, subject: 'body', location: { path: `${within}func[${body.functionIndex}]`, offset: body.offset, length: body.length } };
  }
  if (locals !== null && locals.amount > LOCALS) {
    yield { message: `A function declares ${locals.amount} locals, more than the ${LOCALS} that engines of browsers take`, subject: 'locals', location: { path: `${within}func[${locals.functionIndex}]`, offset: locals.offset, length: locals.length } };
  }
  const section = module.sections.find(({ name }) => name === 'data');
  if (section !== undefined && module.data.length > DATA_SEGMENTS) {
    yield { message: `Has ${module.data.length} data segments, more than the ${DATA_SEGMENTS} that engines of browsers take`, subject: 'data segments', location: { path: `${within}data`, offset: section.offset, length: section.length } };
  }
}
