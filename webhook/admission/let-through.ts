import type { AdmissionRequest, WireObject } from '../review.ts';
import { type Identity, isCore, textsOf } from './identity.ts';

/** Subresources that are let through, each with the one kind of object it brings and the reason. Everything that is not listed is judged like its parent. */
const UNJUDGED: readonly { readonly subResource: string; readonly group: string; readonly kind: string; readonly reason: string }[] = [
  { subResource: 'scale', group: 'autoscaling', kind: 'Scale', reason: 'holds a number of replicas and no template; the pods it makes are judged' },
  { subResource: 'scale', group: 'extensions', kind: 'Scale', reason: 'likewise, in old versions' },
  { subResource: 'binding', group: '', kind: 'Binding', reason: 'names a node for a pod that has been judged' },
  { subResource: 'eviction', group: 'policy', kind: 'Eviction', reason: 'removes a pod' },
  { subResource: 'token', group: 'authentication.k8s.io', kind: 'TokenRequest', reason: 'asks for a token of a service account' },
];

/** Whether a request can bring no image, so that nothing is looked at. Its object must be what the list says in every reading. */
export function bringsNothing({ operation, subResource, kind, object }: AdmissionRequest): boolean {
  if (operation === 'DELETE' || operation === 'CONNECT') return true;
  if (subResource === '') return false;
  return UNJUDGED.some((one) => one.subResource === subResource && one.group === kind.group && one.kind === kind.kind && (object === null || isKind(object, one)));
}

const MIRROR = 'kubernetes.io/config.mirror';

/**
 * Whether this is the mirror of a static pod, which runs whatever is answered: made by a node, and marked as such. Anyone can write the
 * mark, and nodes write other things too, so that it takes both.
 */
export function isMirrorPod({ userInfo, subResource, operation, oldObject }: AdmissionRequest, object: WireObject, { kinds, disagreements }: Identity): boolean {
  if (subResource !== '' || disagreements.length > 0 || !kinds.every((kind) => isCore(kind, 'Pod')) || !userInfo.groups.includes('system:nodes')) return false;
  const marked = (one: WireObject): boolean => Object.hasOwn(textsOf(one, 'annotations'), MIRROR);
  return marked(object) && (operation === 'CREATE' || (oldObject !== null && marked(oldObject)));
}

function isKind(object: WireObject, { group, kind }: { readonly group: string; readonly kind: string }): boolean {
  const apiVersion = typeof object['apiVersion'] === 'string' ? object['apiVersion'] : '';
  return object['kind'] === kind && (group === '' ? !apiVersion.includes('/') : apiVersion.startsWith(`${group}/`));
}
