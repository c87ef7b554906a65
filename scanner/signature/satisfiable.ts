import type { Authority } from './authority.ts';
import type { TrustRoot } from './trust-root.ts';

/** Why nobody could satisfy an authority, because its trust root knows nothing of what is asked; empty: somebody could. */
export function unsatisfiable(authority: Authority): readonly string[] {
  switch (authority.kind) {
    case 'keyless': return keyless(authority);
    case 'key': return authority.transparencyLog === 'required' ? logFaults(authority.root, 'transparencyLog: ifPresent or ignore') : [];
    case 'certificate': return authority.timestamps.atLeast > 0 && !(authority.root?.has.timestampAuthorities ?? false) && !(authority.root?.has.logs ?? false) ? [`A trusted time is asked for, and trust root ${nameOf(authority.root)} knows no log and no timestamp authority: take another one, or write timestamps: { atLeast: 0 }`] : [];
    default: return [];
  }
}

function keyless({ root, transparencyLog, sct, timestamps: { accept } }: Extract<Authority, { kind: 'keyless' }>): readonly string[] {
  const faults: string[] = [];
  if (!root.has.certificateAuthorities) faults.push(`Trust root ${root.name} knows no certificate authority, so nobody could have a certificate: add certificateAuthorities to it`);
  if (transparencyLog === 'required') faults.push(...logFaults(root, 'transparencyLog: ignore'));
  if (sct === 'required' && !root.has.certificateLogs) faults.push(`A certificate timestamp is asked for, and trust root ${root.name} knows no certificate log: add ctlogs to it, or write sct: ignore`);
  const log = accept.includes('log') && transparencyLog !== 'ignore' && root.has.logs;
  const tsa = accept.includes('tsa') && root.has.timestampAuthorities;
  if (!log && !tsa) faults.push(`No trusted time that is accepted can be had under trust root ${root.name}: accept log or tsa, whichever it knows`);
  return faults;
}

function logFaults(root: TrustRoot | null, instead: string): readonly string[] {
  return root?.has.logs === true ? [] : [`A log entry is required, and trust root ${nameOf(root)} knows no log: add tlogs to it, or write ${instead}`];
}

function nameOf(root: TrustRoot | null): string {
  return root?.name ?? 'none';
}
