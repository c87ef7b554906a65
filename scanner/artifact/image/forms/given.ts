import type { Grant, Setting } from '../../../grant.ts';
import { LIMITS } from '../../../wasm/limits.ts';
import { isRecord } from '../../../is-record.ts';

/** What a manifest inside a package gives a module. */
export interface Given {
  readonly grants: readonly Grant[];
  readonly settings: readonly Setting[];
}

/** Nothing said. */
export const NOTHING_GIVEN: Given = { grants: [], settings: [] };

/** Longest text that is kept of a value. */
const TEXT_LENGTH = 500;

/** One grant of a manifest that is bytes itself, so that it has no place. Of more values than are kept everything counts as given. */
export function grantOf(kind: Grant['kind'], field: string, values: readonly string[], everything = (value: string): boolean => value === '*'): Grant {
  const all = values.length > LIMITS.grantValues || values.some(everything);
  return { kind, values: values.slice(0, LIMITS.grantValues).map((value) => value.slice(0, TEXT_LENGTH)), everything: all, field, place: null };
}

/** The grant of a list of texts, where the field is there at all: an empty list gives nothing, which some hosts need said. */
export function listGrants(kind: Grant['kind'], field: string, value: unknown, everything?: (value: string) => boolean): readonly Grant[] {
  return Array.isArray(value) ? [grantOf(kind, field, textsOf(value), everything)] : [];
}

/** The grant of the names of an object, where it has any. */
export function keyGrants(kind: Grant['kind'], field: string, value: unknown): readonly Grant[] {
  return isRecord(value) && Object.keys(value).length > 0 ? [grantOf(kind, field, Object.keys(value))] : [];
}

/** One setting, with high confidence unless said. */
export function settingOf(id: Setting['id'], text: string, meaning: string, confidence: Setting['confidence'] = 'high'): Setting {
  return { id, text: text.slice(0, TEXT_LENGTH), meaning, confidence, place: null };
}

/** The texts of a list; of objects their first text among the keys. */
export function textsOf(value: unknown, ...keys: readonly string[]): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item === 'string') return [item];
    const found = isRecord(item) ? keys.map((key) => item[key]).find((text) => typeof text === 'string') : undefined;
    return typeof found === 'string' ? [found] : [];
  });
}
