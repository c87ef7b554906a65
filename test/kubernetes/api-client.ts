import { Agent, request } from 'node:https';

/** An object of the Kubernetes API, as JSON. */
export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>>; readonly resourceVersion?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

export interface ApiAnswer {
  /** 0: no answer. */
  readonly status: number;
  readonly body: ApiObject & { readonly message?: string; readonly reason?: string; readonly items?: readonly ApiObject[] };
  /** Texts of the Warning headers, as kubectl would print them. */
  readonly warnings: readonly string[];
}

export interface ApiAccess {
  readonly url: string;
  /** PEM; who may sign the server's certificate. */
  readonly authority: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
}

/** A client of the API with kept connections, for what kubectl would be too slow for. Never throws: no answer is status 0. */
export class ApiClient {
  readonly #access: ApiAccess;
  readonly #agent: Agent;

  constructor(access: ApiAccess, connections = 64) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, ca: access.authority, ...(access.certificate === undefined ? {} : { cert: access.certificate, key: access.key }) });
  }

  get(path: string): Promise<ApiAnswer> {
    return this.send('GET', path);
  }

  post(path: string, body: object): Promise<ApiAnswer> {
    return this.send('POST', path, body);
  }

  put(path: string, body: object): Promise<ApiAnswer> {
    return this.send('PUT', path, body);
  }

  /** A merge patch. */
  patch(path: string, body: object): Promise<ApiAnswer> {
    return this.send('PATCH', path, body, 'application/merge-patch+json');
  }

  delete(path: string): Promise<ApiAnswer> {
    return this.send('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 });
  }

  send(method: string, path: string, body?: object, type = 'application/json'): Promise<ApiAnswer> {
    const { url, token } = this.#access;
    const content = body === undefined ? null : JSON.stringify(body);
    const headers = { accept: 'application/json', ...(content === null ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(content) }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    return new Promise((resolve) => {
      const fail = (error: Error) => resolve({ status: 0, body: { message: error.message }, warnings: [] });
      const sent = request(new URL(path, url), { method, headers, agent: this.#agent, timeout: 60_000 }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece)).on('error', fail).on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(pieces).toString()), warnings: warningsOf(response.headersDistinct['warning'] ?? []) });
        });
      });
      sent.on('error', fail).on('timeout', () => sent.destroy(new Error('No answer within 60 s')));
      sent.end(content ?? undefined);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parse(text: string): ApiAnswer['body'] {
  try {
    return JSON.parse(text) as ApiAnswer['body'];
  } catch {
    return { message: text };
  }
}

/** `299 - "text"`, RFC 7234 5.5, in UTF-8; quotes and backslashes inside are escaped. */
function warningsOf(headers: readonly string[]): string[] {
  return headers.map((header) => Buffer.from(header, 'latin1').toString()).flatMap((header) => [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!.replace(/\\(.)/g, '$1')));
}
