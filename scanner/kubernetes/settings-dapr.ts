import type { Grant, Setting } from '../grant.ts';
import { child, type ConcernsOf, grant, isTrue, items, type Loose, type Node, setting, shared, textOf } from './grants-node.ts';
import { plainHttp } from './settings-common.ts';

/** What surrounds the module of a Wasm component of Dapr. */
export const daprComponent: ConcernsOf = function* (root, reference) {
  yield* plainHttp(reference);
  if (/^oci:\/\//i.test(textOf(reference) ?? '')) {
    yield setting(reference, 'unsupported-scheme', { meaning: 'Dapr reads oci:// and refuses it, so the component does not start' });
  }
  yield* shared(root, 'component', () => ofComponent(root));
};

/** What concerns the component as a whole, of whatever entry names the module. */
function* ofComponent(root: Node): Iterable<Loose<Grant> | Loose<Setting>> {
  const spec = child(root, 'spec');
  const strict = child(metadata(spec, 'strictSandbox') ?? spec, 'value');
  const type = child(spec, 'type');
  if (textOf(type) === 'bindings.wasm') yield grant(strict.value === undefined ? type : strict, 'hosts', isTrue(strict) ? [] : ['*'], { everything: !isTrue(strict), field: 'strictSandbox' });
  if (strict.value !== undefined && !isTrue(strict)) {
    yield setting(strict, 'broad-scope', { text: `strictSandbox: ${textOf(strict) ?? ''}`, meaning: 'The module has the real clock and real randomness, and a binding may send HTTP requests', confidence: 'low' });
  }
  const scopes = child(root, 'scopes').value;
  if (!Array.isArray(scopes) || scopes.length === 0) {
    yield setting(child(root, 'scopes'), 'broad-scope', { text: 'no scopes', meaning: 'Every application of the namespace loads the component', confidence: 'low' });
  }
}

function metadata(spec: Node, name: string): Node | undefined {
  return [...items(child(spec, 'metadata'))].find((item) => textOf(child(item, 'name'))?.toLowerCase() === name.toLowerCase());
}
