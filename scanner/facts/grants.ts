import type { TargetProfile } from '../carrier.ts';
import type { Grant, GrantKind } from '../grant.ts';
import type { Facts } from './facts.ts';
import { hostGrants, profileData } from './target-profiles.ts';

/**
 * Capabilities that use what a grant of a kind gives. Lists of interfaces, of names of imports and of a host's own capabilities are
 * compared name by name; what stands here uses them in any case.
 */
export const USED_BY: Readonly<Record<GrantKind, readonly string[]>> = {
  hosts: ['http-client', 'net-connect', 'net-socket', 'net-io', 'net-dns', 'net-tls', 'net-ambient', 'sql', 'keyvalue-read', 'keyvalue-write', 'messaging-publish'],
  files: ['fs-preopen', 'fs-open', 'fs-read', 'fs-write', 'fs-meta'],
  environment: ['env-read', 'config-read'],
  'key-value': ['keyvalue-read', 'keyvalue-write', 'cache', 'shared-state'],
  sql: ['sql'],
  ai: ['ai-inference'],
  interfaces: [],
  'cluster-resources': ['k8s-api', 'host-call'],
  imports: [],
  capabilities: ['host-call', 'k8s-api', 'oci-registry'],
  secrets: ['secrets-read', 'env-read', 'config-read'],
};

/** What the manifests around an artifact give it: those of the object first, then those of the package. */
export function grantsOf({ carrier, packaging }: Pick<Facts, 'carrier' | 'packaging'>): readonly Grant[] {
  return [...(carrier?.grants ?? []), ...(packaging?.grants ?? [])];
}

/** Whether the bytes were read to the end, so that what is not there can be relied on. */
export function analysedFully({ kind, modules, problems }: Facts): boolean {
  const read = kind === 'module' || kind === 'component';
  return read && modules.every(({ module }) => module.analysed === 'full') && problems.every(({ effect }) => effect === 'degraded');
}

/** What the known host makes of a capability, with words for people. */
export interface Granted {
  readonly grants: 'always' | 'never';
  /** Completes a message: `crun with WAMR gives this to every module`. */
  readonly why: string;
}

/**
 * Whether the host of an artifact gives a capability to everyone, or to nobody. A manifest that gives everything of a kind counts as
 * everyone. "Nobody" is believed only where nobody could have chosen the host to get a milder answer. null: neither.
 */
export function grantedByHost(facts: Pick<Facts, 'host' | 'carrier' | 'packaging'>, capability: string): Granted | null {
  if (facts.host === null) return null;
  const { profile, sure } = facts.host;
  const { title, withheld } = profileData(profile);
  const given = hostGrants(profile, capability);
  if (given === 'always') return { grants: 'always', why: `${title} gives this to every module without being asked` };
  if (given === 'asked') return grantedWholesale(facts, profile, capability);
  return given === 'never' && sure ? { grants: 'never', why: `${title} gives this to nobody, so it ${withheld} there` } : null;
}

function grantedWholesale(facts: Pick<Facts, 'carrier' | 'packaging'>, profile: TargetProfile, capability: string): Granted | null {
  const wide = grantsOf(facts).find(({ kind, everything }) => everything && USED_BY[kind].includes(capability));
  return wide === undefined ? null : { grants: 'always', why: `${wide.field} leaves everything of this open in ${profileData(profile).title}` };
}
