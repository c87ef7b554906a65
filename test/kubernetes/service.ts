import type { ApiObject } from './api-client.ts';
import type { ControlPlane } from './control-plane.ts';
import { SERVICE_ADDRESS } from './namespace.ts';

/** A port of a Service as its EndpointSlices have to name it. */
export interface ServicePort { readonly name?: string; readonly port: number }

/** Lets a Service lead to these ports of 10.200.0.1, one EndpointSlice each, as if a pod ran at each; replaces what was there. */
export async function pointService(plane: ControlPlane, { namespace, name, portName }: { readonly namespace: string; readonly name: string; readonly portName: string }, ports: readonly number[]): Promise<void> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const wanted = ports.map((port) => `${name}-${port}`);
  const { body } = await plane.api.get(`${path}?labelSelector=kubernetes.io/service-name=${name}`);
  for (const port of ports) await plane.api.post(path, slice(name, portName, port));
  for (const { metadata } of body.items ?? []) {
    if (!wanted.includes(metadata!.name!)) await plane.api.delete(`${path}/${metadata!.name}`);
  }
}

function slice(service: string, portName: string, port: number): ApiObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-${port}`, labels: { 'kubernetes.io/service-name': service, 'endpointslice.kubernetes.io/managed-by': 'tests' } },
    addressType: 'IPv4',
    ports: [{ name: portName, port, protocol: 'TCP' }],
    endpoints: [{ addresses: [SERVICE_ADDRESS], conditions: { ready: true } }],
  };
}
