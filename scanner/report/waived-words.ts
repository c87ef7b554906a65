import type { Waived } from '../finding.ts';

/** Why a finding does not count, in one line: `Replaced soon (team-a, until 2030-01-31, accepted in list.yaml)`. Not yet harmless. */
export function waivedWords({ reason, owner, expires, source }: Waived): string {
  return `${reason} (${owner}, until ${expires}${source === undefined ? '' : `, accepted in ${source}`})`;
}
