import { describe, expect, test } from 'vitest';
import { LEVELS } from '../../policies/index.ts';
import { TARGET_PROFILES } from '../carrier.ts';
import { describeProfile, hostGrants, profileData } from './target-profiles.ts';

describe('grants of untouched hosts', () => {
  test.each([
    ['runwasi-wasmtime', 'fs-write', 'always'], ['runwasi-wasmtime', 'net-connect', 'always'], ['runwasi-wasmtime', 'net-dns', 'always'], ['runwasi-wasmtime', 'env-read', 'always'],
    ['runwasi-wamr', 'fs-read', 'always'], ['runwasi-wamr', 'net-connect', 'unknown'],
    ['crun-wamr', 'net-connect', 'always'], ['crun-wamr', 'net-dns', 'always'],
    ['crun-wasmtime', 'fs-open', 'always'], ['crun-wasmtime', 'net-connect', 'never'],
    ['crun-wasmer', 'fs-open', 'never'], ['youki', 'env-read', 'always'], ['youki', 'fs-open', 'never'],
    ['kuasar-wasmtime', 'net-dns', 'never'], ['kuasar-wasmedge', 'net-connect', 'always'],
    ['spin', 'http-client', 'asked'], ['spin', 'fs-write', 'asked'], ['spin', 'keyvalue-write', 'asked'], ['spin', 'sql', 'asked'],
    ['wasmcloud', 'blobstore-write', 'asked'], ['wasmcloud', 'http-client', 'asked'],
    ['proxy-wasm', 'fs-open', 'never'], ['proxy-wasm', 'net-connect', 'never'], ['proxy-wasm', 'http-client', 'asked'], ['proxy-wasm', 'env-read', 'asked'],
    ['kubewarden', 'fs-write', 'never'], ['kubewarden', 'k8s-api', 'asked'], ['kubewarden', 'net-dns', 'asked'],
    ['opa', 'fs-open', 'never'], ['opa', 'net-connect', 'never'],
    ['dapr-middleware', 'net-connect', 'never'], ['dapr-middleware', 'http-client', 'never'], ['dapr-binding', 'http-client', 'asked'],
    ['traefik', 'net-connect', 'always'], ['traefik', 'fs-open', 'asked'],
    ['extism', 'http-client', 'asked'], ['fluent-bit', 'fs-read', 'always'],
  ] as const)('%s: %s is given %s', (profile, capability, grants) => {
    expect(hostGrants(profile, capability)).toBe(grants);
  });

  test('powers that leave every sandbox are given by nobody this table knows, so no host makes them milder', () => {
    for (const profile of TARGET_PROFILES) {
      for (const capability of ['process-spawn', 'process-control', 'dynamic-code', 'kernel-bpf', 'net-config', 'clock-set', 'hardware-bus', 'unknown', 'host-call', 'no-such']) {
        expect([profile, capability, hostGrants(profile, capability)]).toEqual([profile, capability, 'unknown']);
      }
    }
  });

  test('each host says one thing of each capability, and names only what the levels know', () => {
    const known = Object.keys(LEVELS[0]!.capabilities);
    for (const profile of TARGET_PROFILES) {
      const { always, asked, never, accepts } = profileData(profile);
      const powers = [...always, ...asked, ...never];
      expect([profile, new Set(powers).size]).toEqual([profile, powers.length]);
      expect(accepts.length).toBeGreaterThan(0);
      expect(powers.length === 0 || known.some((capability) => hostGrants(profile, capability) !== 'unknown')).toBe(true);
    }
  });
});

test('a host is described in one line', () => {
  expect(describeProfile('runwasi-wasmtime')).toBe('runwasi with Wasmtime: runs core modules, components of WASI 0.2; gives every module files, environment, network, names');
  expect(describeProfile('proxy-wasm')).toBe('the proxy (Envoy and its kin): runs core modules; gives when asked environment, http; gives nobody files, network, names');
  expect(new Set(TARGET_PROFILES.map(describeProfile)).size).toBe(TARGET_PROFILES.length);
});
