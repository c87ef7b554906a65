import { COMPILE_OPTIONS } from '../../engine/policies.ts';
import { sha256 } from '../../engine/hash.ts';
import { levelPolicy, normalForm } from '../../scanner/policy/build.ts';
import { compilePolicy } from '../../scanner/policy/compile.ts';
import type { PolicyDocument } from '../../scanner/policy/document.generated.ts';
import type { Level, Waiver } from '../../scanner/policy/policy.ts';
import { levelName } from '../../scanner/policy/vocabulary.ts';
import type { JudgingPolicy } from '../judging.ts';
import type { NamespaceSelector } from './namespace-selector.ts';

/** A policy, and what it is chosen by beside references. */
export interface PolicyInForce {
  readonly policy: JudgingPolicy;
  /** null: it holds in the whole cluster. */
  readonly namespace: string | null;
  /** null: every namespace. */
  readonly selector: NamespaceSelector | null;
  /** null: every kind. */
  readonly kinds: ReadonlySet<string> | null;
  readonly allowsOverride: boolean;
  /** Why the strictest level stands in for a policy that has never been usable; null: it is the policy itself. */
  readonly fault: string | null;
  /** The policy with another level, enforcing: its lists, authorities and waivers serve that level. The same object for the same level. */
  atLevel(level: Level): JudgingPolicy;
}

/** What stands in an object that judging goes by, before waivers. */
export interface UsablePolicy {
  readonly policy: JudgingPolicy;
  readonly document: PolicyDocument | null;
}

/** A policy with the waivers that are kept beside it. */
export function inForce({ policy, document }: UsablePolicy, about: { readonly namespace: string | null; readonly waivers: readonly Waiver[]; readonly fault?: string }): PolicyInForce {
  const own = withWaivers(policy, about.waivers);
  const copies = new Map<string, JudgingPolicy>();
  const match = document?.spec.match;
  return {
    policy: own,
    namespace: about.namespace,
    selector: match?.namespaceSelector ?? null,
    kinds: match?.kinds === undefined ? null : new Set(match.kinds),
    allowsOverride: about.fault === undefined && document?.spec.allowNamespaceOverride === true,
    fault: about.fault ?? null,
    atLevel(level) {
      if (own.level === level && own.mode === 'enforce') return own;
      const known = copies.get(levelName(level));
      if (known !== undefined) return known;
      const copy = withWaivers(copyAtLevel(policy, document, level), about.waivers);
      copies.set(levelName(level), copy);
      return copy;
    },
  };
}

/** A level alone, ready to judge with. Throws a RangeError when there is no such level. */
export function levelAlone(name: string): UsablePolicy {
  return { policy: { ...levelPolicy(name, COMPILE_OPTIONS), material: null }, document: null };
}

/** The question about signatures stays that of the original, so both are answered at once. */
function copyAtLevel(policy: JudgingPolicy, document: PolicyDocument | null, level: Level): JudgingPolicy {
  const name = levelName(level);
  if (document === null) return { ...levelPolicy(name, COMPILE_OPTIONS), material: null };
  const compiled = compilePolicy({ ...document, spec: { ...document.spec, level: name, mode: 'enforce' } }, COMPILE_OPTIONS);
  return { ...compiled, name: `${policy.name} at ${name}`, material: policy.material };
}

function withWaivers(policy: JudgingPolicy, waivers: readonly Waiver[]): JudgingPolicy {
  if (waivers.length === 0) return policy;
  const hash = `sha256:${sha256(normalForm({ policy: policy.hash, waivers })).replace('sha256:', '')}`;
  return { ...policy, hash, waivers: [...policy.waivers, ...waivers] };
}
