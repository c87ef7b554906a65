// Sends admission reviews over TLS and measures the answers; a process of its own, so that it takes nothing from the thread it measures.
// node bench/load.ts HOST:PORT BODIES.json CONNECTIONS SECONDS [RATE]   BODIES.json: a list of request bodies, sent in turn.
// Without RATE each connection sends as soon as it has its answer; with RATE that many reviews a second are sent at fixed times, and
// time counts from when a review should have been sent, so that a server that stalls cannot hide it.
// Prints { sent, failed, denied, perSecond, p50, p99, max } with times in milliseconds.
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';

const [target = '', file = '', connections = '20', seconds = '10', rate] = process.argv.slice(2);
const [host, port] = target.split(':') as [string, string];
const requests = (JSON.parse(readFileSync(file, 'utf8')) as string[]).map((body) =>
  Buffer.from(`POST /validate?timeout=10s HTTP/1.1\r\nHost: wasmgate.wasmgate.svc\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));

interface Lane {
  socket: TLSSocket;
  /** When the review under way should have been sent; null: free. */
  started: number | null;
  received: string;
}

const times: number[] = [];
const waiting: number[] = [];
const free: Lane[] = [];
let next = 0;
let failed = 0;
let denied = 0;
let ended = false;

function send(lane: Lane, at: number): void {
  lane.started = at;
  lane.received = '';
  lane.socket.write(requests[next++ % requests.length]!);
}

function answered(lane: Lane): void {
  const { started, received } = lane;
  if (started === null) return;
  times.push(performance.now() - started);
  if (!received.startsWith('HTTP/1.1 200')) failed++;
  if (received.includes('"allowed":false')) denied++;
  lane.started = null;
  if (/\r\nconnection: close\r\n/i.test(received)) return void open();
  take(lane);
}

/** Gives a lane its next review: one that is late, or in a closed loop the next at once. */
function take(lane: Lane): void {
  if (ended) return;
  if (rate === undefined) return send(lane, performance.now());
  const late = waiting.shift();
  if (late === undefined) free.push(lane);
  else send(lane, late);
}

/** Whether the head and as many bytes as it announces have arrived. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  return length !== undefined && text.length >= end + 4 + Number(length);
}

function open(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      take(lane);
      resolve();
    });
    const lane: Lane = { socket, started: null, received: '' };
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      lane.received += piece;
      if (isWhole(lane.received)) answered(lane);
    });
    const lost = (): void => {
      if (ended) return;
      if (lane.started !== null) failed++;
      lane.started = null;
      const at = free.indexOf(lane);
      if (at >= 0) free.splice(at, 1);
      socket.destroy();
      void open();
    };
    socket.on('error', () => {});
    socket.on('close', lost);
    resolve();
  });
}

await Promise.all(Array.from({ length: Number(connections) }, open));
await new Promise((resolve) => setTimeout(resolve, 300));
times.length = 0;
failed = 0;
const begun = performance.now();
if (rate !== undefined) {
  let due = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    for (; begun + (due * 1_000) / Number(rate) <= now; due++) {
      const at = begun + (due * 1_000) / Number(rate);
      const lane = free.shift();
      if (lane === undefined) waiting.push(at);
      else send(lane, at);
    }
    if (now - begun > Number(seconds) * 1_000) clearInterval(timer);
  }, 1);
}
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1_000));
const took = (performance.now() - begun) / 1_000;
ended = true;
const sorted = times.toSorted((a, b) => a - b);
const share = (part: number): number => Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(2));
console.log(JSON.stringify({ sent: times.length, failed, denied, perSecond: Math.round(times.length / took), p50: share(0.5), p99: share(0.99), max: share(1) }));
process.exit(0);
