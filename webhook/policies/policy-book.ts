import { levelName } from '../../scanner/policy/vocabulary.ts';
import type { Log } from '../log.ts';
import type { PolicySource } from '../policy-source.ts';
import { chooser, everyPolicy, type PolicySet } from './applied.ts';
import { inForce, levelAlone } from './in-force.ts';
import { STRICTEST } from './labels.ts';
import { createListeners } from './listeners.ts';

/** The policies that are in force, to be exchanged as a whole. */
export interface PolicyBook {
  /** Puts other policies in force and tells everybody. `fingerprint`: equal ones need no exchange. */
  exchange(set: PolicySet, fingerprint: string): void;
  /** The policies as everybody else sees them; `close` ends what writes into the book. */
  source(close: () => Promise<void>): PolicySource;
}

/** A book in which nothing has been written: until then the strictest level counts. */
export function createPolicyBook(log: Log): PolicyBook {
  const listeners = createListeners((error) => log.error({ error: String(error) }, 'A listener of policies failed'));
  const unread = inForce(levelAlone(levelName(STRICTEST)), { namespace: null, waivers: [], fault: `The policies have not been read yet, so the strictest level counts, ${levelName(STRICTEST)}` });
  let set: PolicySet = { cluster: [unread], namespaced: new Map(), fallback: unread, labels: 'read' };
  let choose = chooser(set);
  let known: string | null = null;
  let revision = 0;
  return {
    exchange(next, fingerprint) {
      if (fingerprint === known) return;
      [set, choose, known] = [next, chooser(next), fingerprint];
      revision += 1;
      listeners.tell();
    },
    source: (close) => ({
      get ready() {
        return known !== null;
      },
      get revision() {
        return revision;
      },
      get all() {
        return everyPolicy(set);
      },
      for: (question) => choose(question),
      onChange: (listener) => listeners.add(listener),
      close,
    }),
  };
}
