import type { Carrier, CarrierRole, Scheme } from '../carrier.ts';
import type { Grant, Setting } from '../grant.ts';
import type { ManifestObject } from './object.ts';

/** One field of a kind that holds a reference. */
export interface ReferenceRow {
  /** Dotted path from the object; `[]` for every item of a list, `*` for every value of a map: `spec.policies.*.module`. */
  readonly path: string;
  /** How the text is read. `url`: its own scheme decides, `otherwise` where it has none. */
  readonly reads: 'image' | 'url' | 'path' | 'volume';
  /** For `url` without a scheme; default `oci`. */
  readonly otherwise?: Scheme;
  /** The hash field, as a path from the object that holds the reference. */
  readonly hash?: { readonly path: string; readonly of: 'bytes' | 'manifest' | 'either' };
  /** Default: module. */
  readonly role?: CarrierRole;
  /** Default: true. */
  readonly certain?: boolean;
  /** The host runs nothing else where this stands, so that a field that is not there is a module that nobody can see. Default: false. */
  readonly required?: boolean;
  /** Default: the row's. */
  readonly host?: Carrier['host'];
  /** Whether the row holds for this object; `parent` is the value that holds the reference. */
  readonly when?: (object: ManifestObject, parent: Readonly<Record<string, unknown>>) => boolean;
}

/** One kind of object and how Wasm gets into a cluster through it. The command line and the webhook read the same table. */
export interface CarrierRow {
  /** API group; '' for the core group. */
  readonly group: string;
  /** Versions seen; others of the same group and kind are read alike. */
  readonly versions: readonly string[];
  readonly kind: string;
  /** Plural name in URLs, for the rules of a webhook. */
  readonly resource: string;
  readonly onDeny: Carrier['onDeny'];
  readonly host: Carrier['host'];
  readonly references: readonly ReferenceRow[];
  /** Paths of pod specs (`spec`) and pod templates (`spec.template`), whose containers, volumes and signals are carriers too. */
  readonly pods?: readonly { readonly path: string; readonly is: 'pod' | 'template' }[];
  /** Whose texts and maps are searched at any depth: Envoy configuration, or texts that hold configuration or modules. */
  readonly search?: 'envoy' | 'texts';
  /** Grants and settings of the object that concern one reference; `pointer` is the reference's, base included. */
  readonly surroundings?: (object: ManifestObject, pointer: string) => { readonly grants: readonly Grant[]; readonly settings: readonly Setting[] };
}
