import type { ApiAnswer, ApiObject } from './api-client.ts';
import type { ControlPlane } from './control-plane.ts';

/** What became of many reviews. */
export interface Tally {
  /** Answered as they should be. */
  right: number;
  /** Let through, though they should have been denied: the one thing that may never be. */
  readonly wronglyAllowed: string[];
  /** Denied by a judgement, though they should have been let through. */
  readonly wronglyDenied: string[];
  /** The API server got no answer from the webhook, and refused. */
  readonly failed: string[];
  /** The API server itself gave no answer. */
  readonly unanswered: string[];
}

/** An object and what has to become of it. */
export interface Attempt { readonly path: string; readonly object: ApiObject; readonly expected: 'allow' | 'deny' }

export interface LoadOptions {
  /** Gives the next object, by its number. */
  readonly next: (number: number) => Attempt;
  /** Requests at the same time. */
  readonly concurrency: number;
  /** Ends when this many have been sent, or when `until` says so. */
  readonly count?: number;
  readonly until?: () => boolean;
}

/** Creates objects as dry runs, which are reviewed like all others and leave nothing behind, and sorts the answers. */
export async function load(plane: ControlPlane, { next, concurrency, count = Infinity, until = () => false }: LoadOptions): Promise<Tally> {
  const tally: Tally = { right: 0, wronglyAllowed: [], wronglyDenied: [], failed: [], unanswered: [] };
  let sent = 0;
  const lane = async () => {
    while (sent < count && !until()) {
      const attempt = next(sent++);
      sort(tally, attempt, await plane.api.post(`${attempt.path}?dryRun=All`, attempt.object));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return tally;
}

/** Puts one answer where it belongs. */
function sort(tally: Tally, { expected }: Attempt, { status, body }: ApiAnswer): void {
  const message = body.message ?? '';
  const outcome = outcomeOf(status, message);
  if (outcome === 'failed') tally.failed.push(message);
  else if (outcome === 'unanswered') tally.unanswered.push(`${status} ${message}`);
  else if (outcome === expected) tally.right++;
  else if (outcome === 'allow') tally.wronglyAllowed.push(JSON.stringify(body).slice(0, 500));
  else tally.wronglyDenied.push(message);
}

function outcomeOf(status: number, message: string): 'allow' | 'deny' | 'failed' | 'unanswered' {
  if (status === 200 || status === 201) return 'allow';
  if (/failed calling webhook|failed to call webhook/.test(message)) return 'failed';
  return message.includes('denied the request') ? 'deny' : 'unanswered';
}
