import type { Io, Stream } from './io.ts';

/** The process as seen by commands. Streams are made when first used, because each costs start-up time. */
export function processIo(): Io {
  return {
    get stdin() { return process.stdin; },
    stdout: lazily(() => process.stdout),
    stderr: lazily(() => process.stderr),
    env: process.env, cwd: process.cwd(), now: new Date(),
  };
}

function lazily(stream: () => NodeJS.WriteStream): Stream {
  let made: NodeJS.WriteStream | null = null;
  const get = (): NodeJS.WriteStream => (made ??= stream().on('error', ignoreClosedPipe));
  return {
    get isTTY() { return get().isTTY; },
    get columns() { return get().columns; },
    write: (text) => get().write(text),
  };
}

/** A reader that has seen enough, such as `head`, is no error. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
