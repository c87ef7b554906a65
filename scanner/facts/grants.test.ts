import { expect, test } from 'vitest';
import { carrierOf, packagingOf } from '../../test/support/surroundings.ts';
import { grantedByHost, grantsOf } from './grants.ts';

const surroundings = (profile: 'crun-wamr' | 'spin' | 'proxy-wasm', sure: boolean, everything = false): Parameters<typeof grantedByHost>[0] => ({
  host: { profile, sure }, carrier: null,
  packaging: packagingOf({ form: 'spin-application', grants: [{ kind: 'hosts', field: 'allowed_outbound_hosts', values: ['*://*:*'], everything }] }),
});

test('grants of the object come before those of the package', () => {
  expect(grantsOf({ carrier: carrierOf({ grants: [{ field: 'a' }] }), packaging: packagingOf({ grants: [{ field: 'b' }] }) }).map(({ field }) => field)).toEqual(['a', 'b']);
});

test('without a host nothing is known', () => {
  expect(grantedByHost({ host: null, carrier: null, packaging: null }, 'fs-write')).toBeNull();
});

test('a host gives everyone what it does not ask for, whether it is sure or not', () => {
  for (const sure of [true, false]) expect(grantedByHost(surroundings('crun-wamr', sure), 'net-connect')).toEqual({ grants: 'always', why: 'crun with WAMR gives this to every module without being asked' });
});

test('a milder host counts only where nobody could choose it', () => {
  expect(grantedByHost(surroundings('proxy-wasm', true), 'fs-write')).toEqual({ grants: 'never', why: 'the proxy (Envoy and its kin) gives this to nobody, so it is a stub there' });
  expect(grantedByHost(surroundings('proxy-wasm', false), 'fs-write')).toBeNull();
});

test('a manifest that gives everything of a kind gives it to everyone', () => {
  expect(grantedByHost(surroundings('spin', false, true), 'http-client')).toEqual({ grants: 'always', why: 'allowed_outbound_hosts leaves everything of this open in Spin' });
  expect(grantedByHost(surroundings('spin', false), 'http-client')).toBeNull();
  expect(grantedByHost(surroundings('spin', false, true), 'fs-write')).toBeNull();
  expect(grantedByHost(surroundings('spin', false, true), 'net-listen')).toBeNull();
});
