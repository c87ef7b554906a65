import type { Facts } from '../facts/facts.ts';
import { exposures } from '../facts/runtimes/exposure.ts';
import { missingFeatures } from '../facts/runtimes/feature-support.ts';
import { runtimeText } from '../facts/runtimes/runtime.ts';
import { harmlessName } from './harmless.ts';

/**
 * What `inspect` says of the runtime that will run an artifact, as plain data; null where none is known. `exposures` is null
 * where they are not known: without a version, and where no more than imports was decoded.
 */
export function runtimeObject(facts: Facts): Readonly<Record<string, unknown>> | null {
  const { runtime } = facts;
  if (runtime === null) return null;
  const { name, version, dataDate, stale } = runtime;
  return {
    name, version, dataDate, stale,
    missing: missingFeatures(facts).map(({ feature, count, location, support }) => ({
      feature, count, path: location.path, offset: location.offset, flag: support.state === 'off' ? support.flag : null, since: support.state === 'off' ? null : support.on,
    })),
    exposures: exposuresKnown(facts) ? exposures(facts).map(({ advisory: { id, aliases, severity, confidence, where, summary, source, fixed }, witness }) => ({
      id, aliases, severity, confidence, evidence: `it ${witness.text}`, path: witness.location.path, offset: witness.location.offset, where, summary, source, fixed,
    })) : null,
  };
}

/** The same in rows of label and text, for people; none where no runtime is known. */
export function runtimeRows(facts: Facts): [string, string][] {
  const { runtime } = facts;
  if (runtime === null) return [];
  const missing = missingFeatures(facts).map(({ feature, support }) => `${feature} (${support.state === 'off' ? `off unless ${support.flag}` : support.on === null ? 'no version has it' : `came with ${support.on}`})`);
  const flaws = exposuresKnown(facts) ? exposures(facts).map(({ advisory: { id, severity }, witness }) => `${id} (${severity}: it ${harmlessName(witness.text, 100)})`) : null;
  return [
    ['To run on', `${harmlessName(runtimeText(runtime), 80)}, as runtimes were known on ${runtime.dataDate}`],
    ['Lacks there', missing.join(', ')],
    ['Exposed to', flaws === null ? '' : flaws.join(', ') || 'no published flaw of that version'],
  ];
}

function exposuresKnown({ runtime, modules }: Facts): boolean {
  return runtime?.version !== null && modules.every(({ module }) => module.analysed === 'full');
}
