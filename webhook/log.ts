import { pino, type DestinationStream } from 'pino';

/** Says what happens, one JSON object a line. Nothing that a user wrote is said but names, and no secret ever. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Fields that may hold credentials, should one ever be handed over by mistake. */
const SECRET_FIELDS = ['authorization', 'password', 'token', 'auth', 'key', 'dockerconfigjson'];

/** A log on standard error, or wherever `destination` writes. */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error', destination?: DestinationStream): Log {
  const options = { level, base: null, formatters: { level: (label: string) => ({ level: label }) }, timestamp: () => `,"time":"${new Date().toISOString()}"`, redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]) };
  return destination === undefined ? pino(options, process.stderr) : pino(options, destination);
}

/** A log that says nothing. */
export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
