import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FEATURES, type Feature } from '../scanner/wasm/features.ts';
import { levelPolicy } from '../scanner/policy/build.ts';
import { normalForm } from '../scanner/policy/build.ts';
import type { Treatment } from '../scanner/policy/policy.ts';
import { levelName } from '../scanner/policy/vocabulary.ts';
import { OPTIONS } from '../test/support/policy.ts';
import { LEVELS } from './index.ts';

type Row = readonly [privileged: Treatment, baseline: Treatment, restricted: Treatment];
const EVERYWHERE: Row = ['allow', 'allow', 'allow'];
const SILENT: Row = ['allow', 'allow', 'deny'];
const WARNED: Row = ['allow', 'warn', 'deny'];
const PRIVILEGED: Row = ['allow', 'deny', 'deny'];

/** Each capability of the catalogue, and how the three levels treat it when a policy does not name it. */
const CAPABILITIES: Readonly<Record<string, Row>> = {
  'runtime-support': EVERYWHERE, 'async-runtime': EVERYWHERE, stdio: EVERYWHERE, terminal: EVERYWHERE, 'args-read': EVERYWHERE, 'env-read': EVERYWHERE, 'clock-read': EVERYWHERE,
  'timer-poll': EVERYWHERE, 'random-secure': EVERYWHERE, 'random-insecure': EVERYWHERE, 'process-exit': EVERYWHERE, 'fs-preopen': EVERYWHERE, 'fs-meta': EVERYWHERE,
  'http-server': EVERYWHERE, 'http-traffic-read': EVERYWHERE, 'messaging-consume': EVERYWHERE, 'guest-data': EVERYWHERE, logging: EVERYWHERE, telemetry: EVERYWHERE,
  'fs-open': SILENT, 'fs-read': SILENT, 'net-ambient': SILENT, 'net-socket': SILENT, 'net-io': SILENT, 'http-client': SILENT, 'http-traffic-modify': SILENT, 'keyvalue-read': SILENT,
  'blobstore-read': SILENT, 'config-read': SILENT, cache: SILENT, crypto: SILENT, 'component-call': SILENT, 'process-info': SILENT, 'messaging-publish': SILENT, 'net-tls': SILENT,
  'fs-write': WARNED, 'net-connect': WARNED, 'net-listen': WARNED, 'net-dns': WARNED, 'keyvalue-write': WARNED, 'blobstore-write': WARNED, sql: WARNED, 'shared-state': WARNED,
  'distributed-lock': WARNED, 'secrets-read': WARNED, identity: WARNED, 'crypto-keys': WARNED, 'config-write': WARNED, threads: WARNED, 'ai-inference': WARNED, 'js-host': WARNED,
  'k8s-api': WARNED, 'oci-registry': WARNED, 'host-call': WARNED, 'display-input': WARNED, unknown: WARNED,
  'process-spawn': PRIVILEGED, 'process-control': PRIVILEGED, 'dynamic-code': PRIVILEGED, 'kernel-bpf': PRIVILEGED, 'net-config': PRIVILEGED, 'clock-set': PRIVILEGED,
  'hardware-bus': PRIVILEGED, 'hardware-usb': PRIVILEGED, gpu: PRIVILEGED, media: PRIVILEGED,
};

/** Each rule that a level names: severity of high, medium and low confidence at the three levels. */
const RULES: Readonly<Record<string, readonly [string, string, string]>> = {
  'invalid-module': ['error', 'error', 'error'], 'parser-limit-exceeded': ['error', 'error', 'error'], 'precompiled-artifact': ['error', 'error', 'error'],
  'section-structure-anomaly': ['error', 'error', 'error'], 'signature-invalid': ['error', 'error', 'error'], 'known-malware-hash': ['error', 'error', 'error'],
  'signer-not-allowed': ['note', 'note', 'error'], 'signature-partial-coverage': ['note', 'note', 'warning'], 'signature-unsupported': ['note', 'note', 'warning'], 'trust-root-stale': ['note', 'warning', 'warning'],
  'signature-missing': ['off', 'off', 'error'], 'oci-mutable-reference': ['off', 'warning', 'error'],
  'oci-config-mismatch': ['note', 'error warning note', 'error error warning'],
  'oci-platform-mismatch': ['note', 'warning warning note', 'warning'],
  'oci-decompression-bomb': ['error', 'error', 'error'],
  'oci-native-payload': ['warning', 'error warning note', 'error'],
  'oci-package-oddity': ['error note note', 'error warning note', 'error error warning'],
  'k8s-hash-mismatch': ['error warning note', 'error warning note', 'error error warning'],
  'k8s-remote-code-annotation': ['error error warning', 'error error warning', 'error'],
  'k8s-native-code': ['warning', 'warning', 'error'],
  'k8s-wasm-fail-open': ['note', 'warning warning note', 'error warning note'],
  'k8s-wasm-host-env': ['note', 'warning warning note', 'error warning note'],
  'k8s-wasm-broad-scope': ['note', 'warning warning note', 'warning'],
  'k8s-verification-key-noop': ['note', 'warning', 'warning'],
  'k8s-wasm-missing-limits': ['off', 'note', 'warning'],
  'k8s-insecure-transport': ['note', 'warning', 'error warning warning'],
  'k8s-host-path': ['note', 'warning', 'error warning warning'],
  'k8s-mixed-pod': ['note', 'note', 'warning'],
  'k8s-unsupported-scheme': ['note', 'warning', 'warning'],
  'grant-everything': ['note', 'warning warning note', 'error warning warning'],
  'grant-unused': ['off', 'warning note note', 'warning'],
  'grant-missing': ['off', 'note', 'warning'],
  'cryptominer-cryptonight': ['error note note', 'error warning note', 'error error warning'],
  'cryptominer-equihash': ['error note note', 'error warning note', 'error error warning'],
  'cryptominer-randomx': ['error note note', 'error warning note', 'error error warning'],
  'mining-pool-indicator': ['error note note', 'error warning note', 'error error warning'],
  'deceptive-name': ['error note note', 'error warning note', 'error error warning'],
  'exfiltration-path': ['error note note', 'error warning note', 'error error warning'],
  'secret-in-data': ['warning note note', 'error note note', 'error warning warning'],
  'memory-min-excessive': ['off', 'warning', 'error'], 'memory-unbounded': ['off', 'note', 'warning'],
  'build-path-leak': ['off', 'note', 'warning'], 'debug-info-embedded': ['off', 'note', 'warning'], 'external-debug-reference': ['off', 'note', 'warning'],
  'vulnerable-dependency': ['note', 'warning', 'error'], 'component-unlocked-import': ['note', 'error', 'error'],
  'process-spawn-exec': ['note', 'note', 'note'], 'network-raw-sockets': ['note', 'note', 'note'], 'network-outbound-http': ['note', 'note', 'note'], 'network-listen': ['note', 'note', 'note'],
  'fs-write': ['note', 'note', 'note'], 'fs-link-rename-symlink': ['note', 'note', 'note'], 'dynamic-code-load': ['note', 'note', 'note'], 'js-eval-bridge': ['note', 'note', 'note'],
  'js-inline-snippet': ['note', 'note', 'note'], 'native-plugin-import': ['note', 'note', 'note'], 'unknown-host-import': ['note', 'note', 'note'],
  'nonstandard-wasi-function': ['note', 'note', 'note'], 'kubewarden-host-capability': ['note', 'note', 'note'], 'wasix-network-admin': ['note', 'note', 'note'],
  'proxy-wasm-foreign-function': ['note', 'note', 'note'], 'threads-shared-memory': ['note', 'note', 'note'],
  'fs-read': ['note', 'note', 'note'], 'network-dns-lookup': ['note', 'note', 'note'], 'secret-store-access': ['note', 'note', 'note'], 'data-store-access': ['note', 'note', 'note'], 'proxy-wasm-http-callout': ['note', 'note', 'note'], 'proxy-wasm-shared-state': ['note', 'note', 'note'], 'proxy-wasm-traffic-mutation': ['note', 'note', 'note'],
  'experimental-proposal': ['note', 'note', 'note'], 'memory64-used': ['note', 'note', 'note'], 'gc-types-used': ['note', 'note', 'note'], 'tail-call-used': ['note', 'note', 'note'], 'relaxed-simd-used': ['note', 'note', 'note'],
  'exported-table': ['note', 'note', 'note'], 'dylink-module': ['note', 'note', 'note'], 'start-time-execution': ['note', 'note', 'note'], 'stack-overflow-reaches-data': ['note', 'note', 'note'], 'sbom-missing': ['note', 'note', 'note'],
  'dangerous-libc-function': ['note', 'note', 'warning note note'],
  'exported-allocator': ['off', 'off', 'note'], 'missing-stack-protector': ['off', 'off', 'note'],
};

const [privileged, baseline, restricted] = ['privileged@v1', 'baseline@v1', 'restricted@v1'].map((name) => levelPolicy(name, OPTIONS)) as [ReturnType<typeof levelPolicy>, ReturnType<typeof levelPolicy>, ReturnType<typeof levelPolicy>];

describe('levels v1', () => {
  test.each(Object.entries(CAPABILITIES))('%s', (capability, row) => {
    expect([privileged, baseline, restricted].map((policy) => policy.treatCapability(capability, 'any.import').treatment)).toEqual(row);
    for (const { level } of [privileged, baseline, restricted]) expect(level.capabilities).toHaveProperty(capability);
  });

  test('each level has exactly these capabilities, rules and features', () => {
    for (const level of LEVELS) {
      expect(Object.keys(level.capabilities).toSorted()).toEqual(Object.keys(CAPABILITIES).toSorted());
      expect(Object.keys(level.rules).toSorted()).toEqual(Object.keys(RULES).toSorted());
      expect(Object.keys(level.features).toSorted()).toEqual(Object.keys(FEATURES).toSorted());
    }
  });

  test.each(Object.entries(RULES))('%s', (rule, row) => {
    const graded = [privileged, baseline, restricted].map((policy) => {
      const each = (['high', 'medium', 'low'] as const).map((confidence) => policy.severityOf(rule, confidence));
      return new Set(each).size === 1 ? each[0] : each.join(' ');
    });
    expect(graded).toEqual(row);
    for (const { level } of [privileged, baseline, restricted]) expect(level.rules).toHaveProperty(rule);
  });

  test.each(Object.keys(FEATURES) as Feature[])('feature %s', (feature) => {
    const early = ['phase3', 'draft'].includes(FEATURES[feature].status);
    expect(privileged.treatFeature(feature)).toBe('allow');
    expect(baseline.treatFeature(feature)).toBe(feature === 'component-threads' ? 'deny' : early ? 'warn' : 'allow');
    expect(restricted.treatFeature(feature)).toBe(early || feature === 'threads' || feature === 'memory64' ? 'deny' : 'allow');
  });

  test('a rule that no level names is a note, at restricted a warning', () => {
    expect([privileged, baseline, restricted].map((policy) => policy.severityOf('table-size-excessive', 'high'))).toEqual(['note', 'note', 'warning']);
  });

  test('memory over 256 MiB, unseen and unresolved bytes', () => {
    expect([privileged, baseline, restricted].map(({ thresholds }) => thresholds)).toEqual(Array.from({ length: 3 }, () => ({ memory: 256 * 1024 * 1024, bytes: null, functions: null })));
    expect([privileged, baseline, restricted].map(({ onUnseen, onUnresolved }) => [onUnseen, onUnresolved])).toEqual([['allow', 'allow'], ['warn', 'warn'], ['deny', 'deny']]);
    expect([privileged, baseline, restricted].map(({ level }) => level.requireSignature)).toEqual([false, false, true]);
  });

  test('what a level never heard of is treated as an unknown import', () => {
    expect([privileged, baseline, restricted].map((policy) => policy.treatCapability('brand-new', 'a.b').treatment)).toEqual(['allow', 'warn', 'deny']);
    expect([privileged, baseline, restricted].map((policy) => policy.treatFeature('brand-new'))).toEqual(['allow', 'warn', 'deny']);
  });

  // A published version never changes: a new idea is a new version. Change these only before 1.0.
  test('version 1 is pinned', () => {
    const hashes = Object.fromEntries(LEVELS.map((level) => [levelName(level), createHash('sha256').update(normalForm(level)).digest('hex').slice(0, 16)]));
    expect(hashes).toMatchInlineSnapshot(`
      {
        "baseline@v1": "01275da716866c70",
        "privileged@v1": "e749162bab00b320",
        "restricted@v1": "a478e1365ad9744d",
      }
    `);
  });
});
