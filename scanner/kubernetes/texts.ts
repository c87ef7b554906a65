import { LIMITS } from '../wasm/limits.ts';
import { envoyAt } from './envoy-vm.ts';
import type { Node } from './grants-node.ts';
import { type Find, findAt, type InnerPlace, type ShapeFind } from './texts-find.ts';
import { argumentFinds, likeness, searchLines } from './texts-lines.ts';
import { annotationFinds, objectsAt } from './texts-objects.ts';
import { shapesAt } from './texts-shapes.ts';
import { isSpinManifest, looksLikeToml, spinFinds, tomlTree } from './texts-toml.ts';
import { type Budget, documentTree, newBudget, type Visit, walk, yamlTrees } from './texts-walk.ts';

/** A reference in configuration that stands in a text, with what surrounds it there. */
export type TextFind = Find;

/**
 * Searches a text that may hold configuration in any language known here: Envoy, Fluent Bit, Kubewarden, Traefik, the scheduler,
 * APISIX, Kong, wasmCloud, Spin, Extism, Helm values, Kubernetes objects. Linear in the text; never throws.
 * @param pointer of the text, in its document
 * @param name the key it stands under: `envoy.yaml`
 * @param budget shared by all searches of one object; says afterwards whether everything was seen
 */
export function searchTexts(text: string, pointer: string, name: string, budget: Budget = newBudget()): Iterable<TextFind> {
  return searchValues(text, pointer, name, budget);
}

/** The same for a value of any kind, with all texts in it. An object that stands at the root is left to who reads the table of kinds. */
export function* searchValues(value: unknown, pointer: string, name: string, budget: Budget = newBudget()): Iterable<TextFind> {
  const claimed = new Claims();
  const document = documentTree(value, pointer, name);
  for (const visit of walk([document], budget)) {
    const { node, tree } = visit;
    if (typeof node.value === 'string') yield* textFinds(visit, claimed, budget);
    if (typeof node.value !== 'object' || node.value === null) continue;
    yield* claimed.take(envoyAt(tree, node));
    if (node !== document.root) yield* claimed.take(annotationFinds(tree, node));
    yield* claimed.take(shapesAt(tree, node));
    if (node !== document.root) yield* claimed.take(objectsAt(tree, node));
  }
}

function* textFinds(visit: Visit, claimed: Claims, budget: Budget): Iterable<Find> {
  const { node, tree, textDepth } = visit;
  const text = node.value as string;
  if (claimed.has(node) || (node.key === LAST_APPLIED && node.up?.key === 'annotations')) return;
  const like = likeness(text);
  if (like) {
    yield findAt(tree, node, { ...like, inside: 0, signals: [node.key === '' ? 'text' : node.key.slice(0, 100)] });
    return;
  }
  if (!mayHoldConfiguration(text)) return;
  if (textDepth >= LIMITS.kubernetesTextDepth) budget.exceeded = true;
  else yield* configurationFinds(visit, text, budget);
}

function* configurationFinds(visit: Visit, text: string, budget: Budget): Iterable<Find> {
  const { node, tree } = visit;
  const place = (offset: number): InnerPlace => tree.place(node, offset);
  const toml = looksLikeToml(text) ? tomlTree(text, place) : null;
  if (toml && isSpinManifest(text)) yield* spinFinds(toml);
  else if (toml) visit.inside = [toml];
  if (toml) return;
  const single = !text.includes('\n');
  if (single && !/^\s*[[{"']|^[\w.-]+:\s/.test(text)) {
    const finds = [...argumentFinds(tree, node, text, 0)];
    yield* finds.length > 0 ? finds : searchLines(tree, node);
    return;
  }
  const { trees, faulty } = yamlTrees(text, place, budget);
  const structured = !faulty && trees.some(({ root }) => typeof root.value === 'object' && root.value !== null);
  if (structured) visit.inside = trees;
  else yield* searchLines(tree, node);
}

/** What kubectl keeps of an object for itself: the object once more. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Words of every configuration that is read here; texts with an escape count, since they may spell the words with it. */
const WORDS = /wasm|wasi|\.wat\b|vm_?config|inline_?(?:bytes|string)|dynamic_?module|guest_?url|kubewarden|registry:\/\/|local_?plugins|module_?name|spin|oam\.dev|dapr\.io|extism|yoke\.cd|fluentbit|host-?plugin|cosmonic|envoy|policymode|contextaware|\\[ux]/i;

function mayHoldConfiguration(text: string): boolean {
  return text.length > 8 && WORDS.test(text);
}

/** References that a shape has read, so that the text is not listed once more by its looks. */
class Claims {
  readonly #known = new Map<unknown, Set<string>>();

  has({ up, key }: Node): boolean {
    return up !== null && (this.#known.get(up.value)?.has(key) ?? false);
  }

  * take(finds: Iterable<ShapeFind>): Iterable<Find> {
    for (const { at, find } of finds) {
      if (this.has(at)) continue;
      const keys = this.#known.get(at.up?.value) ?? new Set<string>();
      this.#known.set(at.up?.value, keys.add(at.key));
      yield find;
    }
  }
}
