import { words } from '../../scanner/words.ts';
import { VOCABULARY } from '../../engine/policies.ts';
import { waiverFaults } from '../../scanner/policy/load-waiver.ts';
import type { Waiver } from '../../scanner/policy/policy.ts';
import { dotted } from '../../scanner/policy/schema-faults.ts';
import { currentRule } from '../../scanner/policy/vocabulary.ts';
import type { WaiverDocument } from '../../scanner/policy/waiver-document.generated.ts';
import type { KubeObject } from '../kube/api.ts';
import { API_VERSION } from './resources.ts';

/** A waiver of the cluster. */
export interface WaiverEntry {
  readonly object: KubeObject;
  /** null: it says nothing that can be read, and waives nothing. Nothing of an older version is kept, since that would loosen. */
  readonly waiver: Waiver | null;
  readonly faults: readonly string[];
}

/** Looks at an object. Never throws. */
export function waiverEntry(object: KubeObject): WaiverEntry {
  const { metadata: { name, namespace }, spec } = object;
  const document = { apiVersion: API_VERSION, kind: 'WasmWaiver', metadata: namespace === undefined ? { name } : { name, namespace }, spec };
  try {
    const faults = waiverFaults(document, VOCABULARY).map(({ pointer, message }) => `${dotted(pointer)}: ${message}`);
    if (faults.length > 0) return { object, waiver: null, faults };
    const written = (document as WaiverDocument).spec;
    return { object, waiver: { ...written, rule: currentRule(written.rule, VOCABULARY) }, faults };
  } catch (error) {
    return { object, waiver: null, faults: [words(error)] };
  }
}
