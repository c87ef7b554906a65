/** API group, version and kind of a resource, as AdmissionReview spells them. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** A Kubernetes object as it came over the wire. Hostile input: nothing about its shape is known. */
export type WireObject = Readonly<Record<string, unknown>>;

/** `request` of an AdmissionReview (admission.k8s.io/v1), read strictly: what is missing or of a wrong type never gets here. */
export interface AdmissionRequest {
  /** New for every call, so good for logs and no key of a cache. */
  readonly uid: string;
  /** Of `object` as sent; may differ from requestKind where the API server converted it (matchPolicy Equivalent). */
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  /** '' : the object itself. */
  readonly subResource: string;
  readonly requestKind: GroupVersionKind;
  readonly requestResource: GroupVersionResource;
  readonly requestSubResource: string;
  /** Empty where the server has still to generate it. */
  readonly name: string;
  /** null: cluster-scoped. */
  readonly namespace: string | null;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly userInfo: { readonly username: string; readonly groups: readonly string[] };
  readonly object: WireObject | null;
  readonly oldObject: WireObject | null;
  readonly dryRun: boolean;
}

/** `response` of an AdmissionReview. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  /** Only where it is denied: code 403 and reason Forbidden, so that kubectl shows the message. */
  readonly status?: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details?: { readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[] };
  };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  /** JSON Patch in base64; mutating webhooks only. */
  readonly patchType?: 'JSONPatch';
  readonly patch?: string;
}

/** What answers reviews. Never throws: whatever breaks inside is a denial with a message. */
export interface Admission {
  /** `deadline`: milliseconds since the epoch by which the answer must be on its way. */
  validate(request: AdmissionRequest, deadline: number): Promise<AdmissionResponse>;
  /** Pins tags to the digests that would be judged; changes nothing where that cannot be done. */
  mutate(request: AdmissionRequest, deadline: number): Promise<AdmissionResponse>;
}
