import type { Grant, Setting } from '../grant.ts';
import { child, type ConcernsOf, grant, isTrue, items, type Loose, type Node, rootNode, setting, textOf } from './grants-node.ts';
import { plainHttp } from './settings-common.ts';

type Found = Iterable<Loose<Grant> | Loose<Setting>>;

/** What surrounds a module that Yoke runs with the rights of its controller. */
export const flight: ConcernsOf = function* (root, reference) {
  const spec = child(root, 'spec');
  yield* plainHttp(reference);
  if (!/@sha256:[0-9a-f]{64}$/i.test((textOf(reference) ?? '').slice(-80))) {
    yield setting(reference, 'remote-code', { meaning: 'Whoever serves this address chooses the code that the controller runs with its rights in the cluster', confidence: 'medium' });
  }
  yield* controls(spec);
};

function* controls(spec: Node): Found {
  const insecure = child(spec, 'insecure');
  if (isTrue(insecure)) yield setting(insecure, 'insecure-transport', { meaning: 'The module is fetched without checking who answers' });
  const skip = child(spec, 'skipAdmissionWebhook');
  if (isTrue(skip)) yield setting(skip, 'fail-open', { meaning: 'What the module makes passes no admission webhook of Yoke' });
  const access = child(spec, 'clusterAccess');
  if (isTrue(access)) {
    const matchers = [...items(child(spec, 'resourceAccessMatchers'))].map((one) => textOf(one) ?? '');
    const everything = matchers.length === 0 || matchers.some((one) => /^\*(?:\/\*)?(?::\*)?$/.test(one));
    yield grant(access, 'cluster-resources', matchers.length === 0 ? ['*'] : matchers, { everything });
    if (everything) yield setting(access, 'broad-scope', { meaning: 'The module reads every object that the controller may read' });
  }
  if (child(spec, 'maxMemoryMib').value === undefined && child(spec, 'wasmUrls').value !== undefined) {
    yield setting(child(spec, 'maxMemoryMib'), 'missing-limits', { text: 'no maxMemoryMib', meaning: 'The module may take 4 GiB of memory in the controller', confidence: 'medium' });
  }
}

/** Annotations that choose the code a controller runs, on whatever object (CVE-2026-26056). */
const CODE_ANNOTATIONS = ['overrides.yoke.cd/flight', 'overrides.yoke.cd/converter', 'overrides.yoke.cd/mode'];

/** The annotations of any object that choose code: those that name a module, and what is remarkable about each. */
export function codeAnnotations(object: unknown): readonly { readonly reference: Node; readonly isModule: boolean; readonly settings: readonly Loose<Setting>[] }[] {
  const annotations = child(rootNode(object), 'metadata', 'annotations');
  return CODE_ANNOTATIONS.map((key) => child(annotations, key)).filter((reference) => textOf(reference) !== null).map((reference) => ({
    reference,
    isModule: !reference.key.endsWith('/mode'),
    settings: [
      setting(reference, 'remote-code', { meaning: 'Whoever may write this object chooses the code that a controller runs with its rights in the cluster' }),
      ...plainHttp(reference),
    ],
  }));
}
