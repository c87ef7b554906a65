import { words } from '../../scanner/words.ts';
import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { SERVER_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { CertificateSource, ServingPair } from '../serving-pair.ts';
import type { Callers } from './callers.ts';

export interface ListenerOptions {
  readonly certificates: CertificateSource;
  readonly callers: Callers;
  readonly log: Log;
}

/** Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** HTTP/1.1 over TLS 1.2 or newer. A new pair serves new connections; without any pair, and only then, handshakes fail. */
export function createListener(app: RequestListener, { certificates, callers, log }: ListenerOptions): Server {
  const secure = (pair: ServingPair | null): SecureContextOptions => secureOptions(pair, callers.clientAuthorities());
  const server = createServer({ ...serverOptions(callers.clientAuthorities() !== null), ...secure(certificates.current()) }, app);
  server.maxConnections = SERVER_LIMITS.connections;
  server.on('secureConnection', (socket) => callers.connected(socket));
  const renew = (): void => {
    try {
      server.setSecureContext(secure(certificates.current()));
    } catch (error) {
      log.error({ reason: words(error) }, 'The new serving certificate cannot be used; the old one stays in use');
    }
  };
  certificates.onChange(renew);
  callers.onChange(renew);
  return server;
}

function serverOptions(requestCert: boolean): ServerOptions {
  return {
    requestCert,
    // Who shows no certificate gets an answer that says so, instead of a broken handshake.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: SERVER_LIMITS.handshake,
    keepAliveTimeout: SERVER_LIMITS.keepAlive,
    headersTimeout: SERVER_LIMITS.silence,
    // Bodies have a shorter time of their own: this one counts from the opening of a connection that may be meant for later.
    requestTimeout: SERVER_LIMITS.silence,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: SERVER_LIMITS.headers,
  };
}

function secureOptions(pair: ServingPair | null, authorities: string | null): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    // A resumed session would carry an old proof past a change of the authorities.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (authorities === null ? 0 : constants.SSL_OP_NO_TICKET),
    ...(pair === null ? {} : { key: pair.key, cert: pair.certificate }),
    ...(authorities === null ? {} : { ca: authorities }),
  };
}
