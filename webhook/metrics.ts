import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; the buckets of admission controllers, and two below for answers from memory. */
const ADMISSION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 25, 30];

/** Milliseconds between two looks at the event loop. */
const LAG_RESOLUTION = 10;

/** Everything that is measured. No label holds a namespace, a name or a digest: their number has no bound. */
export type Metrics = ReturnType<typeof createMetrics>;

/** The instruments of one process, each registered in a registry of its own so that tests can have several. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'wasmgate_' });
  const registers = [registry];
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION });
  delay.enable();
  return {
    registry,
    requests: new Counter({ name: 'wasmgate_admission_requests_total', help: 'Admission reviews answered', labelNames: ['operation', 'resource', 'subresource', 'decision'], registers }),
    duration: new Histogram({ name: 'wasmgate_admission_duration_seconds', help: 'Time from a whole review to its answer', labelNames: ['operation', 'resource', 'decision'], buckets: ADMISSION_BUCKETS, registers }),
    evaluations: new Counter({ name: 'wasmgate_policy_evaluations_total', help: 'Judgements by level, mode and decision', labelNames: ['level', 'version', 'mode', 'decision'], registers }),
    errors: new Counter({ name: 'wasmgate_admission_errors_total', help: 'Reviews that could not be judged as they should, by reason', labelNames: ['reason'], registers }),
    scans: new Histogram({ name: 'wasmgate_scan_duration_seconds', help: 'Time of one scan in a worker thread', labelNames: ['outcome'], buckets: ADMISSION_BUCKETS, registers }),
    moduleBytes: new Histogram({ name: 'wasmgate_module_bytes', help: 'Size of scanned modules', buckets: [1e3, 1e4, 1e5, 1e6, 1e7, 1e8], registers }),
    cacheHits: new Counter({ name: 'wasmgate_cache_hits_total', help: 'Answers from memory', labelNames: ['cache'], registers }),
    cacheMisses: new Counter({ name: 'wasmgate_cache_misses_total', help: 'Answers that had to be worked out', labelNames: ['cache'], registers }),
    registryRequests: new Counter({ name: 'wasmgate_registry_requests_total', help: 'Fetches from registries, by outcome', labelNames: ['code'], registers }),
    queueDepth: new Gauge({ name: 'wasmgate_worker_queue_depth', help: 'Scans that wait for a worker thread', registers }),
    certificateExpiry: new Gauge({ name: 'wasmgate_certificate_expiry_timestamp_seconds', help: 'When the serving certificate runs out', registers }),
    policyReady: new Gauge({ name: 'wasmgate_policy_ready', help: '1: the policies in force are those that were last written; 0: an older one is used, or none', registers }),
    leader: new Gauge({ name: 'wasmgate_leader', help: '1: this process does what only one may do', registers }),
    unresolved: new Gauge({ name: 'wasmgate_audit_unresolved_images', help: 'Images of running workloads that could not be fetched at the last audit', registers }),
    reportResults: new Gauge({ name: 'wasmgate_report_results', help: 'Results of the last audit', labelNames: ['result'], registers }),
    auditDuration: new Gauge({ name: 'wasmgate_audit_duration_seconds', help: 'Time that the last audit took', registers }),
    eventLoopLag: new Gauge({
      name: 'wasmgate_event_loop_lag_seconds',
      help: 'Longest that the event loop was kept busy since the last scrape',
      registers,
      collect() {
        // The clock ticks once in a resolution whatever happens; only what goes beyond is a delay.
        this.set(Math.max(0, delay.max / 1e9 - LAG_RESOLUTION / 1e3));
        delay.reset();
      },
    }),
    auditLastRun: new Gauge({ name: 'wasmgate_audit_last_run_timestamp_seconds', help: 'When the last audit ended', registers }),
  };
}
