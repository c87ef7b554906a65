import type { Answer, SeenRequest } from './answer.ts';

/** Turns an honest answer into another one. */
export type Twist = (honest: Answer, seen: SeenRequest, turn: number) => Answer;

/** A twist and the requests it meets. */
export interface Fault {
  readonly method: string;
  /** Tested against path and query. */
  readonly path: RegExp;
  readonly twist: Twist;
  /** Only the first so many requests that match. */
  readonly times: number;
}

/**
 * A fault for `startRegistry({ faults: [...] })` or `registry.faults.push(...)`: `on('GET', /\/blobs\//, truncated(3))`.
 * With `times` only the first so many matching requests meet it. HEAD counts as a method of its own.
 */
export function on(method: string, path: RegExp, twist: Twist, times = Infinity): Fault {
  return { method, path, twist, times };
}

/** Another status without the body: 404, 429, 503. Headers as given, `retry-after` for instance. */
export function failing(status: number, headers: Readonly<Record<string, string>> = {}): Twist {
  return () => ({ status, headers, body: new Uint8Array(0) });
}

/** Another place, wherever it may be. */
export function redirected(location: string | ((seen: SeenRequest) => string), status = 307): Twist {
  return (_, seen) => ({ status, headers: { location: typeof location === 'string' ? location : location(seen) }, body: new Uint8Array(0) });
}

/** Headers added or replaced; undefined removes one. */
export function headed(headers: Readonly<Record<string, string | undefined>>): Twist {
  return (honest) => ({ ...honest, headers: Object.fromEntries(Object.entries({ ...honest.headers, ...headers }).filter((pair): pair is [string, string] => pair[1] !== undefined)) });
}

/** The last bytes are missing, and the length says so: only a hash or a descriptor's size can tell. */
export function truncated(count: number): Twist {
  return changed((bytes) => bytes.subarray(0, bytes.length - count));
}

/** More bytes than there should be. */
export function extended(count: number): Twist {
  return changed((bytes) => {
    const longer = new Uint8Array(bytes.length + count);
    longer.set(bytes);
    return longer;
  });
}

/** One bit differs in the middle. */
export function corrupted(): Twist {
  return changed((bytes) => {
    const other = bytes.slice();
    other[other.length >> 1]! ^= 1;
    return other;
  });
}

/** Other bytes altogether, with the honest headers but for the length. */
export function replaced(bytes: Uint8Array): Twist {
  return changed(() => bytes);
}

/** Each request for the same thing gets the next of these; the last one stays. `content-type` and digest header follow where given. */
export function alternating(answers: readonly { readonly bytes: Uint8Array; readonly headers?: Readonly<Record<string, string>> }[]): Twist {
  return (honest, _, turn) => {
    const { bytes, headers = {} } = answers[Math.min(turn, answers.length - 1)]!;
    return { ...honest, headers: { ...honest.headers, ...headers }, body: bytes };
  };
}

/** A Content-Length that is not the body's. Larger: the connection ends early. */
export function lyingLength(length: number): Twist {
  return headed({ 'content-length': String(length) });
}

/** Slow: pieces of `bytes` with a pause before each. */
export function dripping(bytes: number, milliseconds: number): Twist {
  return (honest) => ({ ...honest, drip: { bytes, milliseconds } });
}

/** The connection is reset after so many bytes of the body; 0: before anything is said. */
export function resetting(after = 0): Twist {
  return (honest) => ({ ...honest, resetAfter: after });
}

/** A body that does not end, in pieces of 64 KiB, without Content-Length. */
export function endless(fill = 0x20): Twist {
  return (honest) => ({ ...honest, body: repeat(new Uint8Array(65_536).fill(fill)) });
}

/** A list that always has a further page, whatever was asked for. */
export function endlessPages(page: (turn: number) => unknown): Twist {
  return (honest, seen, turn) => ({
    ...honest, status: 200, body: new TextEncoder().encode(JSON.stringify(page(turn))),
    headers: { ...honest.headers, 'content-type': 'application/vnd.oci.image.index.v1+json', link: `<${seen.path}?last=${turn}>; rel="next"` },
  });
}

function changed(change: (bytes: Uint8Array) => Uint8Array): Twist {
  return (honest) => (honest.body instanceof Uint8Array ? { ...honest, body: change(honest.body) } : honest);
}

async function* repeat(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  for (;;) yield piece;
}
