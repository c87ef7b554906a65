import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { SERVER_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Admission, AdmissionRequest, AdmissionResponse } from '../review.ts';
import type { Callers } from './callers.ts';
import type { ConnectionCare } from './connection-care.ts';
import { BodyBudget, readBody } from './read-body.ts';
import { readReview } from './read-review.ts';
import { Refusal } from './refusal.ts';
import { decisionOf, ReviewMetrics } from './review-metrics.ts';
import { SparingLog } from './sparing-log.ts';
import { timeLimit, type TimeLimit } from './time-limit.ts';
import { brokenResponse, writeReview } from './write-review.ts';

export interface ReviewHandlerOptions {
  readonly admission: Admission;
  readonly callers: Pick<Callers, 'refuse'>;
  readonly care: Pick<ConnectionCare, 'endsWith'>;
  /** Milliseconds, where a request names no timeout. */
  readonly defaultTimeout: number;
  /** Milliseconds for a body. */
  readonly bodyTimeout?: number;
  readonly metrics: Pick<Metrics, 'requests' | 'duration' | 'errors'>;
  readonly log: Log;
}

type Method = 'validate' | 'mutate';

/** From a request to its answer. Whatever breaks once a review has been read is a denial; what breaks before has no uid to answer to, and is an HTTP error. */
export class ReviewHandler {
  readonly #options: ReviewHandlerOptions;
  readonly #metrics: ReviewMetrics;
  readonly #refusals: SparingLog;
  readonly #budget = new BodyBudget(SERVER_LIMITS.bodies);
  #inWork = 0;

  constructor(options: ReviewHandlerOptions) {
    this.#options = options;
    this.#metrics = new ReviewMetrics(options.metrics);
    this.#refusals = new SparingLog(options.log);
  }

  /** Reviews that are being read or judged. */
  get inWork(): number {
    return this.#inWork;
  }

  /** Never rejects. */
  async handle(method: Method, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#inWork += 1;
    let taken = 0;
    try {
      const limit = timeLimit(request.url ?? '', Date.now(), this.#options.defaultTimeout);
      this.#admit(request);
      const body = await readBody(request, { budget: this.#budget, timeout: this.#options.bodyTimeout ?? SERVER_LIMITS.body });
      taken = body.length;
      await this.#answer({ method, review: readReview(body), limit }, response);
    } catch (error) {
      this.fail(error, request, response);
    } finally {
      this.#budget.give(taken);
      this.#inWork -= 1;
    }
  }

  /** Answers with a status and its short text. */
  refuse(refusal: Refusal, request: IncomingMessage, response: ServerResponse): void {
    this.#metrics.failed(refusal.reason);
    this.#refusals.warn(refusal.reason, refusal.message, Date.now());
    if (response.headersSent || request.socket.destroyed) {
      response.destroy();
      return;
    }
    if (refusal.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    if (refusal.status === 503) response.setHeader('Retry-After', '1');
    // What comes slowly is not waited for.
    if (refusal.status === 408) response.setHeader('Connection', 'close');
    this.#send(response, refusal.status, { type: 'text/plain; charset=utf-8', text: `${refusal.message}\n` });
  }

  /** Answers what was thrown outside of judging. */
  fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (error instanceof Refusal) return this.refuse(error, request, response);
    // Express itself refuses paths that are no text.
    if (isClientError(error)) return this.refuse(new Refusal(400, 'path', 'Malformed request'), request, response);
    this.#options.log.error({ stack: stackOf(error) }, 'A request could not be handled');
    this.refuse(new Refusal(500, 'exception', 'Internal error'), request, response);
  }

  #admit(request: IncomingMessage): void {
    const refusal = this.#options.callers.refuse(request);
    if (refusal !== null) throw refusal;
    if (this.#inWork > SERVER_LIMITS.reviews) throw new Refusal(503, 'busy', 'Too many reviews at once');
    if (!isJson(request.headers['content-type'] ?? '')) throw new Refusal(415, 'media-type', 'The body must be application/json');
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') throw new Refusal(415, 'media-type', 'The body must not be compressed');
  }

  /** Whether the connection ends is asked now: a review may have been in work since before closing began. */
  #send(response: ServerResponse, status: number, { type, text }: { readonly type: string; readonly text: string }): void {
    if (this.#options.care.endsWith(response.req.socket)) response.setHeader('Connection', 'close');
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text), 'X-Content-Type-Options': 'nosniff' });
    response.end(text);
  }

  async #answer(question: Question, response: ServerResponse): Promise<void> {
    const begun = performance.now();
    const { review } = question;
    const answer = await this.#judge(question);
    const written = this.#write(review, answer);
    this.#send(response, 200, { type: 'application/json', text: written.text });
    const seconds = (performance.now() - begun) / 1_000;
    this.#metrics.answered(review, decisionOf(written.answer), seconds);
    if (!written.answer.allowed) this.#logDenial(review, written.answer, seconds);
  }

  async #judge({ method, review, limit }: Question): Promise<AdmissionResponse> {
    try {
      const answer = await inTime(this.#options.admission[method](review, limit.deadline), limit.last);
      if (answer !== null) return answer;
      this.#metrics.failed('deadline');
      return brokenResponse(review, 'did not come to a decision in time');
    } catch (error) {
      return this.#broken(review, error);
    }
  }

  #write(review: AdmissionRequest, answer: AdmissionResponse): { readonly answer: AdmissionResponse; readonly text: string } {
    try {
      return { answer, text: writeReview(review, answer) };
    } catch (error) {
      const broken = this.#broken(review, error);
      return { answer: broken, text: writeReview(review, broken) };
    }
  }

  #broken(review: AdmissionRequest, error: unknown): AdmissionResponse {
    this.#metrics.failed('exception');
    this.#options.log.error({ ...identity(review), stack: stackOf(error) }, 'A review could not be judged, so it was denied');
    return brokenResponse(review, 'met an internal error');
  }

  #logDenial(review: AdmissionRequest, answer: AdmissionResponse, seconds: number): void {
    this.#options.log.info({ ...identity(review), decision: decisionOf(answer), milliseconds: Math.round(seconds * 1_000) }, 'Denied');
  }
}

interface Question {
  readonly method: Method;
  readonly review: AdmissionRequest;
  readonly limit: TimeLimit;
}

/** null: no answer by `last`, in milliseconds since the epoch. */
async function inTime(answer: Promise<AdmissionResponse>, last: number): Promise<AdmissionResponse | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.max(0, last - Date.now()));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isJson(contentType: string): boolean {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase() === 'application/json';
}

function identity({ uid, operation, resource, subResource, namespace, name, dryRun }: AdmissionRequest): Readonly<Record<string, unknown>> {
  return { uid, operation, resource: cut(resource.resource), subResource: cut(subResource), namespace: cut(namespace ?? ''), name: cut(name), dryRun };
}

function cut(text: string): string {
  return text.slice(0, SERVER_LIMITS.uid);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function isClientError(error: unknown): boolean {
  const status = (error as { readonly status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500;
}
