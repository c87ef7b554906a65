import { haveTools } from './tools.ts';

/** The address, beside loopback, of the network that in-namespace.sh makes: endpoints of Services stand here. */
export const SERVICE_ADDRESS = '10.200.0.1';

/** Whether a control plane can run here: the programs are built and this process has a network of its own. Otherwise one line and false; an error under CI. */
export function canRunKubernetes(): boolean {
  const tools = haveTools(['kube-apiserver', 'kube-controller-manager', 'kubectl', 'etcd', 'helm']);
  if (process.env['WASMGATE_TEST_NAMESPACE'] === SERVICE_ADDRESS) return tools;
  const message = 'This process has no network namespace of its own (test/kubernetes/in-namespace.sh makes one where the kernel allows it)';
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`${message}; tests that need one are skipped`);
  return false;
}
