import { KUBE_LIMITS } from '../limits.ts';
import { KubeError } from './api.ts';
import type { ApiAccess, ApiAnswer, ApiRequest } from './config.ts';
import { backOff, startDeadline, wait } from './wait.ts';

/** One call of the API. */
export interface KubeCall {
  readonly method: ApiRequest['method'];
  /** With its query. */
  readonly path: string;
  readonly type?: 'application/json' | 'application/json-patch+json' | 'application/apply-patch+yaml';
  readonly body?: unknown;
  /** `always`: doing it twice is doing it once; `refused`: only where the server says that it did nothing. */
  readonly repeat: 'always' | 'refused';
  readonly signal?: AbortSignal | undefined;
}

/** Makes calls that end in time. */
export interface Caller {
  /** The JSON of a success. Throws KubeError; reason `Aborted` where the signal of the caller ended it, `Timeout` where time did, `TooLarge` above the bound of an answer. */
  call(call: KubeCall): Promise<unknown>;
}

const RETRY = { first: 200, last: 5_000 };

/** Calls of at most `timeout` milliseconds each, tries and waits included. */
export function createCaller(access: ApiAccess, timeout: number): Caller {
  return {
    async call(call) {
      const deadline = startDeadline(timeout, call.signal);
      const until = performance.now() + timeout;
      try {
        for (let failures = 1; ; failures++) {
          const outcome = await attempt(access, call, deadline.signal);
          if ('value' in outcome) return outcome.value;
          const pause = pauseAfter(outcome.error, call, failures);
          if (pause === null || performance.now() + pause >= until || deadline.signal.aborted) throw ended(outcome.error, deadline.expired, call.signal);
          await wait(pause, deadline.signal);
        }
      } finally {
        deadline.end();
      }
    },
  };
}

async function attempt(access: ApiAccess, { method, path, type, body }: KubeCall, signal: AbortSignal): Promise<{ readonly value: unknown } | { readonly error: KubeError }> {
  try {
    const headers = { accept: 'application/json', ...(type === undefined ? {} : { 'content-type': type }) };
    const sending = access.send({ method, path, headers, body: body === undefined ? null : JSON.stringify(body), signal });
    const answer = await unlessAborted(sending, signal);
    if (answer.status < 200 || answer.status > 299) return { error: await kubeErrorOf(answer) };
    const text = await readText(answer.body);
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: asKubeError(error) };
  }
}

/** Getting credentials may hang where no signal reaches; an answer that comes after all is thrown away. */
async function unlessAborted(sending: Promise<ApiAnswer>, signal: AbortSignal): Promise<ApiAnswer> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('The call was aborted'));
    signal.addEventListener('abort', onAbort);
  });
  try {
    if (signal.aborted) onAbort();
    return await Promise.race([sending, aborted]);
  } catch (error) {
    sending.then(({ body }) => body.destroy()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Sends a request and gives its answer when headers are there; ends with the signal, wherever it hangs. Throws KubeError unless it is a success. */
export async function openAnswer(access: ApiAccess, path: string, signal: AbortSignal): Promise<ApiAnswer> {
  try {
    const answer = await unlessAborted(access.send({ method: 'GET', path, headers: { accept: 'application/json' }, body: null, signal }), signal);
    if (answer.status !== 200) throw await kubeErrorOf(answer);
    return answer;
  } catch (error) {
    throw asKubeError(error);
  }
}

/** The body as UTF-8. Throws KubeError with reason `TooLarge` above the bound. */
async function readText(body: ApiAnswer['body']): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > KUBE_LIMITS.answer) throw new KubeError(`Answer of the Kubernetes API has more than ${KUBE_LIMITS.answer} bytes`, { status: 0, reason: 'TooLarge' });
      chunks.push(chunk);
    }
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function kubeErrorOf(answer: ApiAnswer): Promise<KubeError> {
  const text = await readText(answer.body).catch(() => '');
  const seconds = Number(answer.retryAfter ?? Number.NaN);
  return statusError(jsonOrNull(text), { status: answer.status, retryAfter: Number.isFinite(seconds) && seconds >= 0 ? seconds : null });
}

/** The error that a `Status` object stands for; `fallback` counts where it says nothing. */
export function statusError(status: unknown, fallback: { readonly status: number; readonly retryAfter: number | null }): KubeError {
  const { code, reason, message } = (typeof status === 'object' && status !== null ? status : {}) as Record<string, unknown>;
  const number = fallback.status || (typeof code === 'number' ? code : 0);
  const said = typeof message === 'string' && message !== '' ? message.slice(0, 1_000) : `status ${number}`;
  return new KubeError(`Kubernetes API: ${said}`, { status: number, reason: typeof reason === 'string' ? reason.slice(0, 100) : '', retryAfter: fallback.retryAfter });
}

/** Anything thrown, as a KubeError; without an answer its status is 0. */
export function asKubeError(error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  const { message, code } = error instanceof Error ? (error as Error & { readonly code?: unknown }) : { message: String(error), code: undefined };
  return Object.assign(new KubeError(`Kubernetes API cannot be reached: ${message || (typeof code === 'string' ? code : 'connection failed')}`, { status: 0, reason: '' }), { cause: error });
}

function ended(error: KubeError, expired: boolean, signal: AbortSignal | undefined): KubeError {
  if (signal?.aborted) return new KubeError('Call of the Kubernetes API was aborted', { status: 0, reason: 'Aborted' });
  if (expired) return new KubeError('Kubernetes API gave no answer in time', { status: 0, reason: 'Timeout' });
  return error;
}

/** Milliseconds until the next try; null: there is none. */
function pauseAfter(error: KubeError, { method, repeat }: KubeCall, failures: number): number | null {
  if (failures >= KUBE_LIMITS.attempts || !isPassing(error, method, repeat)) return null;
  // Never earlier than told; a little later, so that those who were told the same come one by one.
  if (error.retryAfter !== null) return error.retryAfter * 1000 + Math.random() * RETRY.first;
  return backOff(failures, RETRY);
}

function isPassing({ status, reason, retryAfter }: KubeError, method: KubeCall['method'], repeat: KubeCall['repeat']): boolean {
  // No answer may still have been an act; only reading is tried again. A name that is none stays so.
  if (status === 0) return reason === '' && method === 'GET';
  if (status === 429) return true;
  return status >= 500 && status <= 599 && (repeat === 'always' || retryAfter !== null);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
