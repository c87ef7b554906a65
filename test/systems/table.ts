import type { SystemRow } from './row.ts';
import { CNCF_SYSTEMS } from './table-cncf.ts';
import { OTHER_SYSTEMS } from './table-others.ts';
import { POLICY_SYSTEMS } from './table-policy.ts';

/** One example, or more, of each system. */
export const SYSTEMS: readonly SystemRow[] = [...CNCF_SYSTEMS, ...POLICY_SYSTEMS, ...OTHER_SYSTEMS];
