import { fstatSync, statSync, writeSync, type Stats } from 'node:fs';
import { devNull } from 'node:os';
import type { Io, Stream } from './io.ts';

/** The process as seen by commands. Streams are made when first used, because each costs start-up time. */
export function processIo(): Io {
  return {
    get stdin() { return process.stdin; },
    stdout: outputStream(1, () => process.stdout),
    stderr: outputStream(2, () => process.stderr),
    env: process.env, cwd: process.cwd(), now: new Date(),
  };
}

/**
 * A terminal is written through Node's stream. Files and pipes are written directly, which saves the stream's start-up,
 * until a pipe is full and cannot wait: then Node's stream takes over.
 */
function outputStream(descriptor: number, stream: () => NodeJS.WriteStream): Stream {
  let slow: NodeJS.WriteStream | null = null;
  let closed = false;
  const viaStream = (): NodeJS.WriteStream => (slow ??= stream().on('error', ignoreClosedPipe));
  return {
    get isTTY() { return isTerminal(descriptor) && viaStream().isTTY; },
    get columns() { return isTerminal(descriptor) ? viaStream().columns : undefined; },
    write(text) {
      if (closed) return;
      if (slow || isTerminal(descriptor)) {
        viaStream().write(text);
        return;
      }
      const rest = writeDirectly(descriptor, Buffer.from(text));
      if (rest === 'closed') closed = true;
      else if (rest.length > 0) viaStream().write(rest);
    },
  };
}

function isTerminal(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isCharacterDevice() && !isNullDevice(stat);
  } catch {
    return false;
  }
}

/** A character device too, but no terminal. */
function isNullDevice({ rdev }: Stats): boolean {
  try {
    return statSync(devNull).rdev === rdev;
  } catch {
    return false;
  }
}

/** What could not be written, or that nobody reads any more: a reader that has seen enough, such as `head`, is no error. */
function writeDirectly(descriptor: number, bytes: Buffer): Buffer | 'closed' {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EAGAIN') return rest;
      if (code === 'EPIPE' || code === 'EBADF') return 'closed';
      throw error;
    }
  }
  return rest;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
