import { type CustomRow, image, row, url } from './rows-row.ts';
import { policy, policyServer } from './settings-kubewarden.ts';

const host = 'kubewarden';
const one = { references: [url('spec.module', { required: true })], host, concerns: policy } as const;
const group = { references: [url('spec.policies.*.module', { required: true })], host, concerns: policy } as const;

/** Kubewarden: policies, groups of them, and the servers that run them. */
export const KUBEWARDEN_ROWS: readonly CustomRow[] = [
  row('policies.kubewarden.io/v1,v1alpha2 ClusterAdmissionPolicy clusteradmissionpolicies', one),
  row('policies.kubewarden.io/v1,v1alpha2 AdmissionPolicy admissionpolicies', one),
  row('policies.kubewarden.io/v1 ClusterAdmissionPolicyGroup clusteradmissionpolicygroups', group),
  row('policies.kubewarden.io/v1 AdmissionPolicyGroup admissionpolicygroups', group),
  row('policies.kubewarden.io/v1,v1alpha2 PolicyServer policyservers', { references: [image('spec.image', { role: 'host' })], host, concerns: policyServer }),
];
