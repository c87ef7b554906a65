import { child, expand, rootNode, textOf } from './grants-node.ts';
import type { ManifestObject } from './object.ts';
import { type CustomRow, row, url } from './rows-row.ts';
import { daprComponent } from './settings-dapr.ts';
import type { ReferenceRow } from './table-row.ts';

const MIDDLEWARE = { host: { profile: 'dapr-middleware', sure: true } } as const;
const BINDING = { host: { profile: 'dapr-binding', sure: true } } as const;

const handler = (path: string): ReferenceRow => url(path, { otherwise: 'builtin', certain: false, ...MIDDLEWARE, when: (_object, parent) => isMiddleware(parent['type']) });

/** Dapr: components that hold a module, and the pipelines that put them to work. */
export const DAPR_ROWS: readonly CustomRow[] = [
  row('dapr.io/v1alpha1 Component components', {
    references: [...references(MIDDLEWARE, (object) => isMiddleware(typeOf(object))), ...references(BINDING, (object) => typeOf(object) === 'bindings.wasm')],
    concerns: daprComponent,
  }),
  row('dapr.io/v1alpha1 Configuration configurations', { references: [handler('spec.httpPipeline.handlers[].name'), handler('spec.appHttpPipeline.handlers[].name')] }),
];

/** The value as written, or the name of the Secret or variable that holds it, which nobody else sees. */
function references(more: Partial<ReferenceRow>, is: (object: ManifestObject) => boolean): readonly ReferenceRow[] {
  return [
    url('spec.metadata[].value', { otherwise: 'file', ...more, when: (object, parent) => is(object) && namesModule(parent['name']) }),
    url('spec.metadata[].secretKeyRef.name', { otherwise: 'secret', ...more, when: (object, parent) => is(object) && secretsOf(object).has(parent) }),
    url('spec.metadata[].envRef', { otherwise: 'secret', ...more, when: (object, parent) => is(object) && namesModule(parent['name']) }),
  ];
}

function namesModule(name: unknown): boolean {
  return typeof name === 'string' && /^(?:url|path)$/i.test(name);
}

function typeOf(object: ManifestObject): string {
  return textOf(child(rootNode(object.value), 'spec', 'type')) ?? '';
}

function isMiddleware(type: unknown): boolean {
  return typeof type === 'string' && /^middleware\.http\.wasm(?:\.basic)?$/.test(type);
}

const SECRETS = new WeakMap<object, Set<unknown>>();

/** The secret references of the entries that name the module. */
function secretsOf(object: ManifestObject): Set<unknown> {
  const entries = expand(rootNode(object.value), 'spec.metadata[]').filter((entry) => namesModule(child(entry, 'name').value));
  const known = SECRETS.get(object.value) ?? new Set(entries.map((entry) => child(entry, 'secretKeyRef').value));
  SECRETS.set(object.value, known);
  return known;
}
