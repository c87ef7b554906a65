import { LEVELS } from '../../policies/index.ts';
import type { Level } from '../../scanner/policy/policy.ts';
import { findLevel, levelName } from '../../scanner/policy/vocabulary.ts';
import type { NamespaceView } from '../policy-source.ts';
import { labelOf } from './namespace-selector.ts';

/** What labels of a namespace may ask for. */
export const LABEL_MODES = ['enforce', 'warn', 'audit'] as const;
export type LabelMode = (typeof LABEL_MODES)[number];

/** Every label that bears on policies. */
export const LEVEL_LABELS: readonly string[] = LABEL_MODES.flatMap((mode) => [`wasmgate.dev/${mode}`, `wasmgate.dev/${mode}-version`]);

/** The level that counts where nobody can tell which. */
export const STRICTEST: Level = LEVELS.at(-1)!;

/** A level that a namespace asks for. */
export interface LabelledLevel {
  readonly level: Level;
  /** False: the label could not be read, so that the strictest level stands in, which can only tighten. */
  readonly certain: boolean;
}

/** What the labels of a namespace say; null: nothing. */
export interface LabelledLevels extends Readonly<Record<LabelMode, LabelledLevel | null>> {
  readonly faults: readonly string[];
}

const NOTHING: LabelledLevels = { enforce: null, warn: null, audit: null, faults: [] };

/** Reads the labels of a namespace; labels that could not be looked up enforce the strictest level. */
export function readLabels(namespace: NamespaceView | null): LabelledLevels {
  if (namespace === null) return NOTHING;
  const { name, labels } = namespace;
  if (labels === null) return { ...NOTHING, enforce: { level: STRICTEST, certain: false }, faults: [`The labels of namespace ${name} could not be looked up, so the strictest level counts, ${levelName(STRICTEST)}`] };
  const faults: string[] = [];
  const [enforce, warn, audit] = LABEL_MODES.map((mode) => readLabel(mode, labels, faults));
  return { enforce: enforce!, warn: warn!, audit: audit!, faults };
}

/** A version without a level says nothing, as long as it can be read. */
function readLabel(mode: LabelMode, labels: Readonly<Record<string, string>>, faults: string[]): LabelledLevel | null {
  const name = labelOf(labels, `wasmgate.dev/${mode}`);
  const version = labelOf(labels, `wasmgate.dev/${mode}-version`);
  if (name === undefined && version === undefined) return null;
  const known = name === undefined || isLevel(name);
  const level = known ? findLevel(`${name ?? STRICTEST.name}@${version ?? 'latest'}`, LEVELS) : null;
  if (level !== null) return name === undefined ? null : { level, certain: true };
  faults.push(`Label wasmgate.dev/${known ? `${mode}-version=${version ?? ''} names no version of level ${name ?? STRICTEST.name}` : `${mode}=${name} names no level`}, so the strictest level counts, ${levelName(STRICTEST)}`);
  return { level: STRICTEST, certain: false };
}

function isLevel(name: string): boolean {
  return LEVELS.some((level) => level.name === name);
}
