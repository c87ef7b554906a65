import type { Carrier } from '../../scanner/carrier.ts';
import { carrierEntry, type ScanEntry } from '../../scanner/report/entry.ts';
import { carrierKey } from '../admission/carrier-key.ts';
import type { Examined, ExamineRequest, Examiner } from '../judging.ts';
import { AUDIT_LIMITS } from '../limits.ts';

/** An examiner that asks another one once for each thing that is fetched, for as long as one run takes. */
export interface OnceExaminer extends Examiner {
  /** Examinations asked for so far. */
  readonly asked: number;
  /** Forgets what could not be had, so that it is tried again. */
  forgetUnresolved(): void;
}

interface Kept {
  readonly carrier: Carrier;
  readonly examined: Promise<readonly Examined[]>;
  unresolved: boolean;
}

/** Whether an entry may turn out otherwise when it is asked for again: a registry that did not answer, or no time. */
export function isUnresolved({ verdict, failure }: ScanEntry): boolean {
  return verdict === 'error' && failure !== null && (failure.kind === 'outside' || failure.code === 'deadline' || failure.code === 'queue-full');
}

/**
 * Wraps an examiner for one run. Pods of one workload bring the same image by the same tag, which is then resolved once; what differs from
 * pod to pod is put right in each entry.
 */
export function examineOnce(examiner: Examiner, hash: (bytes: Uint8Array) => string): OnceExaminer {
  const kept = new Map<string, Kept>();
  let asked = 0;
  const ask = (carrier: Carrier, request: ExamineRequest): Promise<readonly Examined[]> => {
    asked++;
    return examiner.examine(carrier, request);
  };
  return {
    get asked() {
      return asked;
    },
    get ready() {
      return examiner.ready;
    },
    close: async () => {},
    forgetUnresolved() {
      for (const [key, { unresolved }] of kept) if (unresolved) kept.delete(key);
    },
    async examine(carrier, request) {
      if (carrier.scheme !== 'oci' && carrier.scheme !== 'http') return ask(carrier, request);
      const key = keyOf(carrier, request, hash);
      const known = kept.get(key) ?? { carrier, examined: ask(carrier, request), unresolved: false };
      kept.delete(key);
      kept.set(key, known);
      if (kept.size > AUDIT_LIMITS.kept) kept.delete(kept.keys().next().value!);
      return (await known.examined).map((one) => placed(one, known, carrier));
    },
  };
}

/** Everything that an examination depends on. The place inside the object is part of it, so that only the object is another. */
function keyOf(carrier: Carrier, { policies, pullSecrets }: ExamineRequest, hash: (bytes: Uint8Array) => string): string {
  const text = JSON.stringify([carrierKey(carrier, hash), carrier.pointer, carrier.grants.map(({ place }) => place?.pointer), pullSecrets, policies.map(({ name, hash, material }) => [name, hash, material?.id])]);
  return hash(new TextEncoder().encode(text));
}

function placed(one: Examined, known: Kept, carrier: Carrier): Examined {
  return {
    ...one,
    judge: (policies, now) => {
      const entry = one.judge(policies, now);
      known.unresolved ||= isUnresolved(entry);
      return known.carrier === carrier ? entry : ofCarrier(entry, known.carrier, carrier);
    },
  };
}

/** The entry of one object as that of another one that brings the same. */
function ofCarrier(entry: ScanEntry, from: Carrier, to: Carrier): ScanEntry {
  const start = `${from.kind}/${from.name} `;
  const findings = entry.findings.map((finding) => {
    const { location } = finding;
    if (location.source?.file !== from.file) return finding;
    const path = location.path.startsWith(start) ? `${to.kind}/${to.name} ${location.path.slice(start.length)}` : location.path;
    return { ...finding, location: { ...location, path, source: { ...location.source, file: to.file } } };
  });
  return { ...entry, findings, carrier: entry.carrier === null ? null : carrierEntry(to) };
}
