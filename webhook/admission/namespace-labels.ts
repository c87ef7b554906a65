import type { PolicySource } from '../policy-source.ts';
import type { AdmissionRequest, WireObject } from '../review.ts';
import type { Cause, Denial } from './denial.ts';
import { textsOf } from './identity.ts';
import { harmlessName } from '../../scanner/report/harmless.ts';

const PREFIX = 'wasmgate.dev/';
const MODES = ['enforce', 'warn', 'audit'] as const;
type Mode = (typeof MODES)[number];

/** From the mildest; whatever else there may be counts as stricter. */
const LEVELS = ['privileged', 'baseline', 'restricted'];

/** What a request does to our labels of a namespace. */
export interface LabelChange {
  /** null: every label that changed can be read. */
  readonly denial: Denial | null;
  /** `enforce` was set, or to a stricter level or another version. */
  readonly tightened: boolean;
  /** Labels that look like ours and mean nothing; one sentence each. */
  readonly remarks: readonly string[];
}

/** Looks at the labels of a namespace that change. What cannot be read and was there before is left alone: it counts as the strictest where it is met. */
export function labelChange({ operation, oldObject, name }: AdmissionRequest, object: WireObject, policies: PolicySource): LabelChange {
  const after = textsOf(object, 'labels');
  const before = operation === 'UPDATE' && oldObject !== null ? textsOf(oldObject, 'labels') : {};
  const causes = MODES.filter((mode) => keysOf(mode).some((key) => after[key] !== before[key])).flatMap((mode) => causesOf(mode, { after, name, policies }));
  const unknown = Object.keys(after).filter((key) => key.startsWith(PREFIX) && !(key in before) && !MODES.some((mode) => keysOf(mode).includes(key)));
  return {
    denial: causes.length === 0 ? null : { message: [`Namespace ${harmlessName(name)} has labels that cannot be read`, ...causes.map(({ message }) => `  ${message}`), `  fix: levels are ${LEVELS.join(', ')}; versions are latest or as in v1`].join('\n'), causes },
    tightened: operation === 'UPDATE' && isTightened(before, after),
    remarks: unknown.map((key) => `Label ${key} means nothing; labels are ${MODES.join(', ')} with and without -version`),
  };
}

function keysOf(mode: Mode): readonly [level: string, version: string] {
  return [`${PREFIX}${mode}`, `${PREFIX}${mode}-version`];
}

/** The policies themselves say what they cannot read: asked with the labels of one mode alone, and with none, so that other faults stay out. */
function causesOf(mode: Mode, { after, name, policies }: { readonly after: Readonly<Record<string, string>>; readonly name: string; readonly policies: PolicySource }): readonly Cause[] {
  const labels = Object.fromEntries(keysOf(mode).flatMap((key) => (after[key] === undefined ? [] : [[key, after[key]]])));
  const faultsWith = (labels: Readonly<Record<string, string>>): readonly string[] => policies.for({ reference: '', kind: 'Pod', namespace: { name, labels } }).faults;
  const others = faultsWith({});
  const field = `/metadata/labels/${keysOf(mode)[0].replace('/', '~1')}`;
  return faultsWith(labels).filter((fault) => !others.includes(fault)).map((fault) => ({ reason: 'invalid-label', message: harmlessName(fault, 300), field }));
}

function isTightened(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): boolean {
  const [level, version] = keysOf('enforce');
  if (after[level] === undefined) return false;
  const [was, is] = [before[level], after[level]].map(rankOf) as [number, number];
  return is > was || (is === was && (before[level] !== after[level] || before[version] !== after[version]));
}

function rankOf(level: string | undefined): number {
  if (level === undefined) return -1;
  const rank = LEVELS.indexOf(level);
  return rank < 0 ? LEVELS.length : rank;
}
