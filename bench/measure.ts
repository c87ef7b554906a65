import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One finished process: wall time in milliseconds, peak resident memory in MB of 10^6 bytes, exit code. */
export interface Run { readonly ms: number; readonly peakMB: number; readonly code: number | null }

/**
 * Runs a command to its end with its output thrown away. Peak memory is the kernel's high-water mark, read
 * every few milliseconds, so a peak in the very last moment can be missed; exact where it is stable before the exit.
 */
export function runOnce(command: string, parameters: readonly string[], timeoutMs: number): Promise<Run> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, parameters, { stdio: ['ignore', 'ignore', 'ignore'] });
    let peakKB = 0;
    const sample = setInterval(() => { peakKB = Math.max(peakKB, highWaterKB(child.pid)); }, 3);
    const stop = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', (error) => { clearInterval(sample); clearTimeout(stop); reject(error); });
    child.on('exit', (code) => {
      const ms = performance.now() - started;
      clearInterval(sample);
      clearTimeout(stop);
      resolve({ ms, peakMB: (peakKB * 1024) / 1e6, code });
    });
  });
}

/** The run with the median time of several, the least time, and the greatest peak seen. Commands are interleaved by the caller. */
export function summarise(runs: readonly Run[]): Run & { readonly leastMs: number } {
  const sorted = [...runs].sort((a, b) => a.ms - b.ms);
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  return { ms: middle.ms, leastMs: sorted[0]!.ms, peakMB: Math.max(...runs.map(({ peakMB }) => peakMB)), code: middle.code };
}

/** Median of numbers. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function highWaterKB(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
