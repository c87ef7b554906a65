import { type KubeClient, KubeError, type KubeObject, type KubeResource } from '../kube/api.ts';
import { type Certificate, readCertificates } from './certificate.ts';

/** One webhook of a configuration and the authorities by which the API server knows it. */
interface TrustingWebhook {
  readonly index: number;
  readonly name: string;
  readonly trusted: readonly Certificate[];
  /** As written, so that text that is no certificate is replaced too. */
  readonly text: string;
}

interface TrustingConfiguration {
  readonly resource: KubeResource;
  readonly name: string;
  readonly resourceVersion: string;
  readonly webhooks: readonly TrustingWebhook[];
}

/** The bundles of the webhook configurations of one name, as they were read. */
export interface Bundles {
  readonly configurations: readonly TrustingConfiguration[];
  /** Fingerprints of the authorities that every webhook trusts. */
  readonly trusted: ReadonlySet<string>;
  /** Every authority that some webhook trusts. */
  readonly all: readonly Certificate[];
  /** False: nobody calls us yet, or not any more. */
  readonly exist: boolean;
}

const GROUP = { group: 'admissionregistration.k8s.io', version: 'v1' };
const VALIDATING: KubeResource = { ...GROUP, resource: 'validatingwebhookconfigurations' };
const MUTATING: KubeResource = { ...GROUP, resource: 'mutatingwebhookconfigurations' };

/** Reads both configurations of a name, where they exist. Throws KubeError where they cannot be read. */
export async function readBundles(kube: KubeClient, name: string, signal?: AbortSignal): Promise<Bundles> {
  const found = [[VALIDATING, await kube.get(VALIDATING, { name }, signal)], [MUTATING, await readOptional(kube, name, signal)]] as const;
  const configurations = found.flatMap(([resource, object]) => (object === null ? [] : [configurationOf(resource, object)]));
  const webhooks = configurations.flatMap((configuration) => configuration.webhooks);
  const all = new Map(webhooks.flatMap(({ trusted }) => trusted).map((certificate) => [certificate.fingerprint, certificate]));
  const byAll = [...all.keys()].filter((fingerprint) => webhooks.every(({ trusted }) => trusted.some((certificate) => certificate.fingerprint === fingerprint)));
  return { configurations, trusted: new Set(byAll), all: [...all.values()], exist: webhooks.length > 0 };
}

/** Whether every webhook trusts these and, unless `others` may stay, nothing else. */
export function bundlesAre(bundles: Bundles, wanted: readonly Certificate[], others: 'kept' | 'dropped'): boolean {
  return bundles.configurations.every(({ webhooks }) => webhooks.every((webhook) => webhook.text === textFor(webhook, wanted, others)));
}

/**
 * Makes every webhook trust `wanted`. Only bundles that are not so are touched, and only in configurations that still are as they were
 * read: one that was deleted meanwhile stays deleted. False: one of them has changed, and has to be read again.
 */
export async function writeBundles(kube: KubeClient, bundles: Bundles, { wanted, others, signal }: { readonly wanted: readonly Certificate[]; readonly others: 'kept' | 'dropped'; readonly signal?: AbortSignal }): Promise<boolean> {
  let whole = true;
  for (const { resource, name, resourceVersion, webhooks } of bundles.configurations) {
    const changes = webhooks.map((webhook) => ({ webhook, text: textFor(webhook, wanted, others) })).filter(({ webhook, text }) => webhook.text !== text);
    if (changes.length === 0) continue;
    const patch = [{ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }, ...changes.flatMap(({ webhook, text }) => operations(webhook, text))];
    whole = await patched(kube, { resource, name, patch }, signal) && whole;
  }
  return whole;
}

function operations({ index, name }: TrustingWebhook, text: string): readonly unknown[] {
  return [
    { op: 'test', path: `/webhooks/${index}/name`, value: name },
    { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: Buffer.from(text).toString('base64') },
  ];
}

async function patched(kube: KubeClient, { resource, name, patch }: { readonly resource: KubeResource; readonly name: string; readonly patch: readonly unknown[] }, signal?: AbortSignal): Promise<boolean> {
  try {
    await kube.jsonPatch(resource, { name }, patch, signal);
    return true;
  } catch (error) {
    // 404: deleted. 409, 422: changed, so that a test of the patch no longer holds.
    if (error instanceof KubeError && [404, 409, 422].includes(error.status)) return false;
    throw error;
  }
}

function textFor({ trusted }: TrustingWebhook, wanted: readonly Certificate[], others: 'kept' | 'dropped'): string {
  const kept = others === 'kept' ? trusted.filter(({ fingerprint }) => !wanted.some((certificate) => certificate.fingerprint === fingerprint)) : [];
  return [...wanted, ...kept].map(({ pem }) => pem).join('');
}

/** A chart without the mutating webhook grants no look at its configuration. */
async function readOptional(kube: KubeClient, name: string, signal?: AbortSignal): Promise<KubeObject | null> {
  try {
    return await kube.get(MUTATING, { name }, signal);
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return null;
    throw error;
  }
}

function configurationOf(resource: KubeResource, { metadata, webhooks }: KubeObject): TrustingConfiguration {
  const list = Array.isArray(webhooks) ? webhooks as readonly { readonly name?: unknown; readonly clientConfig?: { readonly caBundle?: unknown } | null }[] : [];
  return {
    resource,
    name: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    webhooks: list.map(({ name, clientConfig }, index) => {
      const text = typeof clientConfig?.caBundle === 'string' ? Buffer.from(clientConfig.caBundle, 'base64').toString('utf8') : '';
      return { index, name: String(name), trusted: readCertificates(text), text };
    }),
  };
}
