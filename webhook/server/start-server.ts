import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Admission } from '../review.ts';
import type { CertificateSource } from '../serving-pair.ts';
import type { ListenAddress } from '../settings.ts';
import { createApp } from './app.ts';
import type { Callers } from './callers.ts';
import { ConnectionCare } from './connection-care.ts';
import { watchExpiry } from './expiry.ts';
import { createHealthServer } from './health.ts';
import { createListener } from './listener.ts';
import { ReviewHandler } from './review-handler.ts';
import { ServerFileError } from './watch-files.ts';

export interface ServerOptions {
  readonly listen: ListenAddress;
  readonly healthListen: ListenAddress;
  readonly admission: Admission;
  readonly certificates: CertificateSource;
  readonly callers: Callers;
  /** Milliseconds, where a request names no timeout. */
  readonly defaultTimeout: number;
  /** Milliseconds that serving goes on after readiness has been given up. */
  readonly drain: number;
  /** What is missing for readiness, in short names; nothing: ready. */
  readonly checks: () => readonly string[];
  readonly metrics: Metrics;
  readonly log: Log;
  /** For tests: milliseconds for a body and for closing, and how many answers keep their connection for one that ends it. */
  readonly bodyTimeout?: number;
  readonly closeTimeout?: number;
  readonly closeOneIn?: number;
}

export interface RunningServer {
  readonly address: AddressInfo;
  readonly healthAddress: AddressInfo;
  /** Gives up readiness, serves on, closes. Safe to call again: it is one stop. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Serves reviews and probes. Listens at once, also where no certificate is there yet: until there is one, readiness says so.
 * What was handed over (certificates, callers) is stopped by whoever made it. Rejects with ServerFileError where it cannot listen.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const care = new ConnectionCare(options.callers, options.closeOneIn);
  const handler = new ReviewHandler({ ...options, care });
  const listener = createListener(createApp(handler), options);
  const endExpiry = watchExpiry(options);
  let draining = false;
  const health = createHealthServer({ metrics: options.metrics, missing: () => missing(options, draining) });
  try {
    await listen(health, options.healthListen);
    await listen(listener, options.listen);
  } catch (error) {
    endExpiry();
    await Promise.all([ended(health), ended(listener)]);
    throw error;
  }
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    draining = true;
    options.log.info({ milliseconds: options.drain }, 'Draining');
    await drain(options.drain, care);
    await close(listener, { handler, timeout: options.closeTimeout ?? SERVER_LIMITS.close });
    endExpiry();
    health.closeAllConnections();
    await ended(health);
    options.log.info({}, 'Stopped');
  };
  return { address: listener.address() as AddressInfo, healthAddress: health.address() as AddressInfo, stop: () => (stopping ??= stop()) };
}

function missing({ certificates, checks }: ServerOptions, draining: boolean): readonly string[] {
  return [...(draining ? ['draining'] : []), ...(certificates.current() === null ? ['certificate'] : []), ...checks()];
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(new ServerFileError(`Cannot listen on ${host}:${port}: ${error.code ?? error.message}`));
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

/**
 * First as ever, while word goes round that this replica leaves. Then each answer ends its connection: a client learns that in the answer,
 * whereas a connection closed under its hands may take a request with it.
 */
async function drain(milliseconds: number, care: ConnectionCare): Promise<void> {
  await sleep(milliseconds / 2);
  care.close();
  await sleep(milliseconds / 2);
}

/** Ends what is idle, waits for what is in work, and after `timeout` milliseconds for nothing more. */
async function close(server: Server, { handler, timeout }: { readonly handler: ReviewHandler; readonly timeout: number }): Promise<void> {
  const closed = ended(server);
  const last = Date.now() + timeout;
  // Connections that have not asked anything yet count as busy to Node; some moments are enough for what they may have sent.
  const patience = Date.now() + Math.min(1_000, timeout);
  const over = new AbortController();
  void closed.then(() => over.abort());
  while (!over.signal.aborted) {
    const now = Date.now();
    if (now >= last || (now >= patience && handler.inWork === 0)) server.closeAllConnections();
    await sleep(20, undefined, { signal: over.signal }).catch(() => {});
  }
}

function ended(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
