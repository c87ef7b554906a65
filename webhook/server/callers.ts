import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createSecureContext, type TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import type { Log } from '../log.ts';
import { clientNames } from './client-names.ts';
import { Refusal } from './refusal.ts';
import { watchFiles, type WatchedFiles } from './watch-files.ts';

/** Who may send reviews. */
export interface Callers {
  /** PEM of the authorities that client certificates must come from; null: none are asked for. */
  clientAuthorities(): string | null;
  /** Called with the new authorities; connections that are open end after their next answer. */
  onChange(listener: () => void): void;
  /** Tells of a connection whose handshake is done. */
  connected(socket: TLSSocket): void;
  /** Whether the authorities have changed since the handshake. */
  outdated(socket: Socket): boolean;
  /** Why a request is not heard: 401 or 403; null: it is. */
  refuse(request: IncomingMessage): Refusal | null;
  stop(): void;
}

export interface CallerOptions {
  /** Path of a PEM file; null: no client certificates. */
  readonly clientAuthorities: string | null;
  /** Common or alternative names, one of which a certificate must have; empty: whoever has one. */
  readonly names: readonly string[];
  /** Path of a file with the token; null: none is asked for, and one that comes is not looked at. */
  readonly bearerToken: string | null;
  readonly log: Log;
  /** Milliseconds between two readings of the files. */
  readonly interval?: number;
}

/** Everybody: what the API server gives by default is no proof of anything. */
export const EVERYBODY: Callers = { clientAuthorities: () => null, onChange: () => {}, connected: () => {}, outdated: () => false, refuse: () => null, stop: () => {} };

/** Callers with a client certificate, a bearer token, or both where both are set. Rejects with ServerFileError where a file cannot be used. */
export async function openCallers(options: CallerOptions): Promise<Callers> {
  const { clientAuthorities, bearerToken, log } = options;
  const rest = { log, ...(options.interval === undefined ? {} : { interval: options.interval }) };
  const authorities = clientAuthorities === null ? null : await watchFiles({ paths: [clientAuthorities], parse: parseAuthorities, what: 'Authorities of clients', ...rest });
  try {
    const token = bearerToken === null ? null : await watchFiles({ paths: [bearerToken], parse: parseToken, what: 'Bearer token', ...rest });
    return new Gate({ authorities, token, names: new Set(options.names) });
  } catch (error) {
    authorities?.stop();
    throw error;
  }
}

interface Proofs {
  readonly authorities: WatchedFiles<string> | null;
  readonly token: WatchedFiles<Buffer> | null;
  readonly names: ReadonlySet<string>;
}

/** What a handshake showed. */
interface Shown {
  readonly refusal: Refusal | null;
  /** The authorities that were asked. */
  readonly authorities: string;
}

const NO_CERTIFICATE = new Refusal(401, 'no-client-certificate', 'A client certificate of a known authority is required');
const OTHER_NAME = new Refusal(403, 'other-client', 'The client certificate has none of the expected names');
const NO_TOKEN = new Refusal(401, 'no-token', 'A valid bearer token is required');

class Gate implements Callers {
  readonly #proofs: Proofs;
  /** Certificates are looked at once a connection. */
  readonly #shown = new WeakMap<Socket, Shown>();

  constructor(proofs: Proofs) {
    this.#proofs = proofs;
  }

  clientAuthorities(): string | null {
    return this.#proofs.authorities?.current() ?? null;
  }

  onChange(listener: () => void): void {
    this.#proofs.authorities?.onChange(listener);
  }

  connected(socket: TLSSocket): void {
    const authorities = this.clientAuthorities();
    if (authorities !== null) this.#shown.set(socket, { refusal: this.#byCertificate(socket), authorities });
  }

  outdated(socket: Socket): boolean {
    const shown = this.#shown.get(socket);
    return shown !== undefined && shown.authorities !== this.clientAuthorities();
  }

  refuse(request: IncomingMessage): Refusal | null {
    if (this.#proofs.authorities !== null) {
      const shown = this.#shown.get(request.socket);
      const refusal = shown === undefined ? NO_CERTIFICATE : shown.refusal;
      if (refusal !== null) return refusal;
    }
    return this.#byToken(request.headers.authorization ?? '');
  }

  stop(): void {
    this.#proofs.authorities?.stop();
    this.#proofs.token?.stop();
  }

  #byCertificate(socket: TLSSocket): Refusal | null {
    if (!socket.authorized) return NO_CERTIFICATE;
    const { names } = this.#proofs;
    if (names.size === 0) return null;
    return clientNames(socket.getPeerCertificate()).some((name) => names.has(name)) ? null : OTHER_NAME;
  }

  /** Digests are compared: they are equally long, and tell nothing of the token. */
  #byToken(header: string): Refusal | null {
    if (this.#proofs.token === null) return null;
    if (header.slice(0, 7).toLowerCase() !== 'bearer ') return NO_TOKEN;
    return timingSafeEqual(digest(header.slice(7).trim()), this.#proofs.token.current()) ? null : NO_TOKEN;
  }
}

function parseAuthorities([text = '']: readonly string[]): string {
  try {
    void new X509Certificate(text);
    createSecureContext({ ca: text });
  } catch {
    throw new Error('It holds no PEM certificates');
  }
  return text;
}

function parseToken([text = '']: readonly string[]): Buffer {
  const token = text.trim();
  if (token === '') throw new Error('It is empty');
  return digest(token);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
