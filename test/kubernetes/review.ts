import { request } from 'node:https';
import type { ApiObject } from './api-client.ts';
import type { Pair } from './certificates.ts';
import type { Replica } from './gate.ts';
import { SERVICE_ADDRESS } from './namespace.ts';

/** What a caller shows. */
export interface Shown { readonly pair?: Pair; readonly token?: string }

/** Sends a review of a new pod past the API server; gives status and body, or the error. */
export function sendReview({ port }: Replica, object: ApiObject, { pair, token }: Shown = {}): Promise<string> {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const { name, namespace } = object.metadata!;
  const review = { uid: 'x', kind, resource, requestKind: kind, requestResource: resource, name, namespace, operation: 'CREATE', userInfo: { username: 'u', groups: [] }, object, oldObject: null, dryRun: false, options: null };
  return new Promise((resolve) => {
    const sent = request({
      host: SERVICE_ADDRESS, port, path: '/validate?timeout=10s', method: 'POST', rejectUnauthorized: false, agent: false, ...(pair ? { cert: pair.certificate, key: pair.key } : {}),
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece)).on('error', (error) => resolve(error.message)).on('end', () => resolve(`${response.statusCode} ${Buffer.concat(pieces).toString()}`));
    });
    sent.on('error', (error) => resolve(error.message)).end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: review }));
  });
}
