import { words } from '../../scanner/words.ts';
import { sha256 } from '../../engine/hash.ts';
import { COMPILE_OPTIONS, VOCABULARY } from '../../engine/policies.ts';
import { isRecord } from '../../scanner/is-record.ts';
import { normalForm } from '../../scanner/policy/build.ts';
import { compilePolicy } from '../../scanner/policy/compile.ts';
import type { PolicyDocument } from '../../scanner/policy/document.generated.ts';
import { policyFaults } from '../../scanner/policy/load.ts';
import { dotted } from '../../scanner/policy/schema-faults.ts';
import { levelName } from '../../scanner/policy/vocabulary.ts';
import type { KubeObject } from '../kube/api.ts';
import { POLICY_LIMITS } from '../limits.ts';
import { compileDocument, namesMaterial, type ReadMaterial } from './compile-document.ts';
import type { UsablePolicy } from './in-force.ts';
import { STRICTEST } from './labels.ts';
import { API_VERSION } from './resources.ts';

export type PolicyKind = PolicyDocument['kind'];

/** A policy of the cluster: what is written, what is wrong with it, and what judges in its place. */
export interface PolicyEntry {
  readonly kind: PolicyKind;
  /** As the API server gave it last. */
  readonly object: KubeObject;
  /** Names what is written, so that a change of status changes nothing. */
  readonly specKey: string;
  readonly faults: { readonly compile: readonly string[]; readonly resolve: readonly string[] };
  /** The last that was usable; null: none ever was. */
  readonly good: UsablePolicy | null;
  /** What stands in where nothing was ever usable, and the sentence that says so. */
  readonly standIn: { readonly usable: UsablePolicy; readonly fault: string } | null;
}

/** As messages and reports name a policy. */
export function policyName({ metadata: { name, namespace } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/**
 * Looks at an object. `before`: what was known of it; as long as the same is written and nothing outside bears on it, that stays true.
 * What was usable stays in force whatever is written later. Never throws.
 */
export async function entryOf(kind: PolicyKind, object: KubeObject, before: PolicyEntry | null, read: ReadMaterial): Promise<PolicyEntry> {
  if (before !== null && isSettled(before) && object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion === before.object.metadata.resourceVersion) return before;
  const specKey = sha256(normalForm(object['spec'] ?? null));
  if (before !== null && before.specKey === specKey && isSettled(before)) return { ...before, object };
  const document = documentOf(kind, object);
  const faults = faultTexts(document);
  const base = { kind, object, specKey };
  if (faults.length > 0) return unusable(base, { compile: faults, resolve: [] }, before);
  const outcome = await compileDocument(document as PolicyDocument, policyName(object), read);
  if (!('usable' in outcome)) return unusable(base, { compile: [], resolve: [], [outcome.stage]: outcome.faults }, before);
  const same = before?.good?.policy.hash === outcome.usable.policy.hash && before.good.policy.material?.id === outcome.usable.policy.material?.id;
  return { ...base, faults: { compile: [], resolve: [] }, good: same ? before.good : outcome.usable, standIn: null };
}

/** Nothing outside the object can change what is known of it. */
function isSettled({ faults, good }: PolicyEntry): boolean {
  return faults.resolve.length === 0 && (faults.compile.length > 0 || (good !== null && !namesMaterial(good)));
}

/** Only what judging reads: metadata holds much else, and not all of it is known to the schema. */
function documentOf(kind: PolicyKind, { metadata: { name, namespace }, spec }: KubeObject): unknown {
  return { apiVersion: API_VERSION, kind, metadata: namespace === undefined ? { name } : { name, namespace }, spec };
}

function faultTexts(document: unknown): readonly string[] {
  try {
    const characters = celCharacters(document);
    if (characters > POLICY_LIMITS.expressions) return [`spec: Its CEL has ${characters} characters in all, and a policy of a cluster may have at most ${POLICY_LIMITS.expressions}`];
    return policyFaults(document, VOCABULARY).map(({ pointer, message }) => `${dotted(pointer)}: ${message}`);
  } catch (error) {
    return [words(error)];
  }
}

/** Counted before anything is compiled, whatever the document is. */
function celCharacters(document: unknown): number {
  const spec = isRecord(document) && isRecord(document['spec']) ? document['spec'] : {};
  const lists = [spec['expressions'], spec['attestations']].map((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  return lists.flat().reduce<number>((sum, one) => sum + (isRecord(one) && typeof one['cel'] === 'string' ? one['cel'].length : 0), 0);
}

function unusable(base: Pick<PolicyEntry, 'kind' | 'object' | 'specKey'>, faults: PolicyEntry['faults'], before: PolicyEntry | null): PolicyEntry {
  const good = before?.good ?? null;
  return { ...base, faults, good, standIn: good === null ? standIn(base, [...faults.compile, ...faults.resolve]) : null };
}

/** The strictest level for whatever the policy may have been meant for; in its mode, as far as that can be read. */
function standIn({ kind, object }: Pick<PolicyEntry, 'kind' | 'object'>, faults: readonly string[]): NonNullable<PolicyEntry['standIn']> {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const kept = Object.fromEntries(['match', 'mode'].filter((key) => spec[key] !== undefined).map((key) => [key, spec[key]]));
  const document = documentOf(kind, { ...object, spec: { ...kept, level: levelName(STRICTEST) } });
  const readable = faultTexts(document).length === 0 ? (document as PolicyDocument) : (documentOf(kind, { ...object, spec: { level: levelName(STRICTEST) } }) as PolicyDocument);
  const name = policyName(object);
  return {
    usable: { policy: { ...compilePolicy(readable, COMPILE_OPTIONS), name, material: null }, document: readable },
    fault: `Policy ${name} cannot be used, so for what it matches the strictest level counts, ${levelName(STRICTEST)}: ${faults[0] ?? 'it has not been read'}`,
  };
}
