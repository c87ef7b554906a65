import { type KubeClient, KubeError, type KubeObject, type KubeResource } from '../kube/api.ts';
import type { ServingPair } from '../serving-pair.ts';
import type { Authority } from './authority.ts';
import { type Certificate, readAuthority, readCertificates } from './certificate.ts';

/**
 * What the Secret holds. It tells how far a rotation has got, so that any leader can go on with it: `next` is there while the
 * bundle learns to trust it, `previous` while replicas may still serve what they signed; with neither, nothing is under way.
 */
export interface CertificateState {
  /** Signs the serving pair; null: missing or damaged. */
  readonly authority: Authority | null;
  readonly next: Authority | null;
  /** Certificates alone: nothing is signed by them any more. */
  readonly previous: readonly Certificate[];
  readonly pair: ServingPair | null;
}

/** The state as read, and what is needed to write another one over it and over nothing else. */
export interface ReadState extends CertificateState {
  /** null: there is no Secret. */
  readonly object: KubeObject | null;
}

/** Where the Secret stands. */
export interface SecretPlace {
  readonly namespace: string;
  readonly name: string;
}

export const SECRETS: KubeResource = { group: '', version: 'v1', resource: 'secrets' };

const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'wasmgate' };

/** Reads the state. Content that is damaged counts as missing; throws KubeError where the Secret cannot be read. */
export async function readState(kube: KubeClient, { namespace, name }: SecretPlace, signal?: AbortSignal): Promise<ReadState> {
  const object = await kube.get(SECRETS, { namespace, name }, signal);
  const text = (key: string): string => textOf(object, key);
  const authority = { certificate: text('ca.crt'), key: text('ca.key') };
  const next = { certificate: text('next-ca.crt'), key: text('next-ca.key') };
  const pair = { certificate: text('tls.crt'), key: text('tls.key') };
  const usable = readAuthority(authority) !== null;
  return {
    object,
    authority: usable ? authority : null,
    next: readAuthority(next) === null ? null : next,
    // An authority whose key is lost signs nothing more, but what it signed may still be served.
    previous: [...(usable ? [] : readCertificates(authority.certificate)), ...readCertificates(text('previous-ca.crt'))],
    pair: pair.certificate === '' || pair.key === '' ? null : pair,
  };
}

/** Writes a state in the place of the one that was read. False: somebody was faster, and what is there now has to be read again. */
export async function writeState(kube: KubeClient, { namespace, name }: SecretPlace, { read, state, signal }: { readonly read: ReadState; readonly state: CertificateState; readonly signal?: AbortSignal }): Promise<boolean> {
  const data = dataOf(state);
  try {
    if (read.object === null) await kube.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels: MANAGED_BY }, type: 'Opaque', data }, signal);
    else await kube.replace(SECRETS, { ...read.object, apiVersion: 'v1', kind: 'Secret', data }, signal);
    return true;
  } catch (error) {
    if (error instanceof KubeError && (error.status === 409 || error.status === 404)) return false;
    throw error;
  }
}

/** `tls.crt` and `tls.key` are always there: a Secret of type kubernetes.io/tls must have them. */
function dataOf({ authority, next, previous, pair }: CertificateState): Readonly<Record<string, string>> {
  const texts = {
    'tls.crt': pair?.certificate ?? '',
    'tls.key': pair?.key ?? '',
    ...(authority === null ? {} : { 'ca.crt': authority.certificate, 'ca.key': authority.key }),
    ...(next === null ? {} : { 'next-ca.crt': next.certificate, 'next-ca.key': next.key }),
    ...(previous.length === 0 ? {} : { 'previous-ca.crt': previous.map(({ pem }) => pem).join('') }),
  };
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

function textOf(object: KubeObject | null, key: string): string {
  const data = object?.['data'];
  const value = typeof data === 'object' && data !== null && Object.hasOwn(data, key) ? (data as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}
