import type { ApiObject } from './api-client.ts';
import type { Rendered } from './chart.ts';
import type { AuditEvent } from './control-plane.ts';

/** A rule of a role. */
export interface Rule { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly resourceNames?: readonly string[]; readonly verbs: readonly string[] }

/** Verb and resource of a call as rules name them: `patch wasmpolicies/status.wasmgate.dev`. */
export function callOf({ verb, objectRef }: AuditEvent): string {
  const resource = `${objectRef?.resource ?? ''}${objectRef?.subresource ? `/${objectRef.subresource}` : ''}`;
  return `${verb} ${resource}${objectRef?.apiGroup ? `.${objectRef.apiGroup}` : ''}`;
}

/** Every call among these events, each once. A server-side apply that makes its object needs the right to create it beside that to patch, and is logged as a patch. */
export function callsOf(events: readonly AuditEvent[]): ReadonlySet<string> {
  const made = events.filter(({ verb, responseStatus }) => verb === 'patch' && responseStatus?.code === 201);
  return new Set([...events, ...made.map((event) => ({ ...event, verb: 'create' }))].map(callOf));
}

/** Rules of the roles of a chart that are bound to a service account, given by its username. */
export function rulesOf({ objects }: Rendered, username: string): readonly Rule[] {
  const account = username.split(':').at(-1);
  const bindings = objects.filter(({ kind, subjects }) => /^(Cluster)?RoleBinding$/.test(kind ?? '') && (subjects as { name: string }[]).some(({ name }) => name === account));
  const names = new Set(bindings.map(({ roleRef }) => `${(roleRef as { kind: string }).kind}/${(roleRef as { name: string }).name}`));
  return objects.filter((object: ApiObject) => names.has(`${object.kind}/${object.metadata?.name}`)).flatMap(({ rules }) => rules as Rule[]);
}

/** Every call that those rules allow, each once. */
export function grantedTo(rendered: Rendered, username: string): readonly string[] {
  const calls = rulesOf(rendered, username).flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`))));
  return [...new Set(calls)].toSorted();
}
