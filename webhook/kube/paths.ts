import { KubeError, type KubeResource } from './api.ts';

/** What a path of the API is built from; without `name`: the collection. */
export interface KubePath {
  readonly resource: KubeResource;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: 'status' | undefined;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const GRAMMAR = {
  group: /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
  version: /^v[0-9]{1,6}((alpha|beta)[0-9]{1,6})?$/,
  resource: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
  namespace: LABEL,
  // Wider than a DNS name, because names of roles hold colons and capitals; narrower than what the API takes in a segment.
  name: /^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$/,
} as const;

/**
 * The path of a resource, beginning with `/api`. Every part is held to its own grammar and encoded, so that no text from an object can lead elsewhere
 * (CVE-2026-22039 and its incomplete fixes). Throws KubeError with reason `InvalidName`.
 */
export function kubePath({ resource, namespace, name, subresource }: KubePath): string {
  const version = segment('version', resource.version);
  const root = resource.group === '' ? ['api', version] : ['apis', segment('group', resource.group), version];
  const scope = namespace === undefined ? [] : ['namespaces', segment('namespace', namespace)];
  const object = name === undefined ? [] : [segment('name', name), ...(subresource === undefined ? [] : [subresource])];
  return `/${[...root, ...scope, segment('resource', resource.resource), ...object].join('/')}`;
}

function segment(part: keyof typeof GRAMMAR, text: unknown): string {
  if (typeof text !== 'string' || !GRAMMAR[part].test(text)) throw new KubeError(`Path of the Kubernetes API holds a ${part} that cannot be one: ${excerpt(text)}`, { status: 0, reason: 'InvalidName' });
  return encodeURIComponent(text);
}

function excerpt(text: unknown): string {
  return typeof text === 'string' ? JSON.stringify(text.slice(0, 80)) : typeof text;
}
