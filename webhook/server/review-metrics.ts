import { SERVER_LIMITS } from '../limits.ts';
import type { Metrics } from '../metrics.ts';
import type { AdmissionRequest, AdmissionResponse } from '../review.ts';

/** One answer in few words. */
export type Decision = 'allow' | 'warn' | 'deny' | 'error';

interface Instruments {
  readonly requests: { inc(): void };
  readonly duration: { observe(seconds: number): void };
}

/** Counts answers. Instruments are looked up once for each set of labels, and those are bounded: resources beyond the bound are `other`. */
export class ReviewMetrics {
  readonly #metrics: Pick<Metrics, 'requests' | 'duration' | 'errors'>;
  readonly #resources = new Set<string>();
  readonly #known = new Map<string, Instruments>();

  constructor(metrics: Pick<Metrics, 'requests' | 'duration' | 'errors'>) {
    this.#metrics = metrics;
  }

  answered(request: AdmissionRequest, decision: Decision, seconds: number): void {
    const { resource, subresource } = this.#resourceOf(request);
    const key = `${request.operation} ${decision} ${resource}/${subresource}`;
    let instruments = this.#known.get(key);
    if (instruments === undefined) {
      instruments = this.#lookUp({ operation: request.operation, resource, subresource, decision });
      this.#known.set(key, instruments);
    }
    instruments.requests.inc();
    instruments.duration.observe(seconds);
  }

  failed(reason: string): void {
    this.#metrics.errors.inc({ reason });
  }

  #resourceOf({ resource: { resource }, subResource }: AdmissionRequest): { readonly resource: string; readonly subresource: string } {
    const name = `${resource}/${subResource}`;
    if (!this.#resources.has(name)) {
      if (this.#resources.size >= SERVER_LIMITS.resources || name.length > SERVER_LIMITS.uid) return { resource: 'other', subresource: '' };
      this.#resources.add(name);
    }
    return { resource, subresource: subResource };
  }

  #lookUp(labels: { readonly operation: string; readonly resource: string; readonly subresource: string; readonly decision: Decision }): Instruments {
    const { operation, resource, decision } = labels;
    return { requests: this.#metrics.requests.labels({ ...labels }), duration: this.#metrics.duration.labels({ operation, resource, decision }) };
  }
}

/** What a response comes to. Whoever judges may have said `error` in its annotations; a denial is counted as nothing less. */
export function decisionOf({ allowed, warnings, auditAnnotations }: AdmissionResponse): Decision {
  if (auditAnnotations?.['decision'] === 'error') return 'error';
  if (!allowed) return 'deny';
  return warnings !== undefined && warnings.length > 0 ? 'warn' : 'allow';
}
