/** The forty rules without which nobody would rely on the rest, in the order of the catalogue: numbers 1 to 40. */
export const MUST: readonly string[] = [
  'invalid-module', 'parser-limit-exceeded', 'section-structure-anomaly', 'precompiled-artifact', 'process-spawn-exec', 'network-raw-sockets',
  'network-outbound-http', 'fs-write', 'fs-link-rename-symlink', 'dynamic-code-load', 'js-eval-bridge', 'native-plugin-import',
  'unknown-host-import', 'nonstandard-wasi-function', 'kubewarden-host-capability', 'runtime-cve-exposure', 'feature-not-allowed',
  'threads-shared-memory', 'cryptominer-cryptonight', 'cryptominer-equihash', 'mining-pool-indicator', 'exfiltration-path', 'deceptive-name',
  'secret-in-data', 'build-path-leak', 'vulnerable-dependency', 'inferred-vulnerable-dependency', 'vulnerable-toolchain', 'signature-missing',
  'signature-invalid', 'signature-partial-coverage', 'signer-not-allowed', 'provenance-policy-unmet', 'component-implements-import',
  'oci-config-mismatch', 'oci-mutable-reference', 'oci-decompression-bomb', 'k8s-wasm-fail-open', 'k8s-remote-code-annotation',
  'capability-increase',
];

/** The others, by descending score: numbers 41 to 100. */
export const MORE: readonly string[] = [
  'known-malware-hash', 'wasix-network-admin', 'cryptominer-randomx', 'cloud-metadata-endpoint', 'sensitive-path-constant',
  'proxy-wasm-foreign-function', 'k8s-wasm-host-env', 'network-undeclared-host', 'clock-set', 'component-unlocked-import', 'network-listen',
  'timing-side-channel-kit', 'embedded-executable', 'reverse-shell-indicator', 'k8s-wasm-broad-scope', 'k8s-verification-key-noop',
  'proxy-wasm-http-callout', 'memory-min-excessive', 'component-reexported-capability', 'table-size-excessive', 'hostcall-amplification',
  'secret-store-access', 'compile-cost-excessive', 'infinite-loop', 'experimental-proposal', 'dangerous-libc-function', 'k8s-wasm-missing-limits',
  'network-dns-lookup', 'proxy-wasm-shared-state', 'exported-mutable-global', 'proxy-wasm-traffic-mutation', 'data-store-access',
  'pow-generic-heuristic', 'high-entropy-payload', 'vulnerable-allocator', 'component-shared-memory-instances', 'stack-overflow-reaches-data',
  'test-or-sanitizer-build', 'dylink-module', 'obfuscated-code', 'internal-endpoint-leak', 'memory64-used', 'gc-types-used', 'exported-table',
  'external-debug-reference', 'interpreter-source-embedded', 'debug-info-embedded', 'fs-read', 'start-time-execution', 'target-features-mismatch',
  'tail-call-used', 'env-read', 'relaxed-simd-used', 'js-inline-snippet', 'memory-unbounded', 'license-policy', 'exported-allocator',
  'missing-stack-protector', 'coarse-indirect-call-class', 'sbom-missing',
];
