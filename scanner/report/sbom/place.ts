import type { Location } from '../../location.ts';

/** A location in one line: `module[0]/data[3] at 0x1f40`. */
export function placeText({ path, offset }: Location): string {
  return `${path} at 0x${offset.toString(16)}`;
}
