import type { Socket } from 'node:net';
import { SERVER_LIMITS } from '../limits.ts';
import type { Callers } from './callers.ts';

/**
 * Decides which answers end their connection. One in a thousand does, because an API server keeps its connections as long as it can and a
 * replica that has just come up would get no traffic: at 100 reviews a second every connection of a pool is a new one after a few minutes,
 * and a handshake (1 ms of work at worst) in a thousand reviews costs nothing that can be measured. While closing every answer does.
 */
export class ConnectionCare {
  readonly #callers: Pick<Callers, 'outdated'>;
  readonly #oneIn: number;
  #answers = 0;
  #closing = false;

  /** @param oneIn 0: none but while closing. */
  constructor(callers: Pick<Callers, 'outdated'>, oneIn: number = SERVER_LIMITS.closeOneIn) {
    this.#callers = callers;
    this.#oneIn = oneIn;
  }

  /** From now on every connection ends with its next answer. */
  close(): void {
    this.#closing = true;
  }

  endsWith(socket: Socket): boolean {
    this.#answers += 1;
    return this.#closing || (this.#oneIn > 0 && this.#answers % this.#oneIn === 0) || this.#callers.outdated(socket);
  }
}
