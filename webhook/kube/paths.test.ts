import { assert, oneof, property, string, stringMatching, webPath } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kubePath } from './paths.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };

describe('paths of the API', () => {
  test.each([
    [{ resource: PODS, namespace: 'team', name: 'web-1' }, '/api/v1/namespaces/team/pods/web-1'],
    [{ resource: { group: 'wasmgate.dev', version: 'v1alpha1', resource: 'wasmpolicies' }, namespace: 'team' }, '/apis/wasmgate.dev/v1alpha1/namespaces/team/wasmpolicies'],
    [{ resource: { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' }, name: 'system:node' }, '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode'],
    [{ resource: PODS, namespace: 'team', name: 'web', subresource: 'status' as const }, '/api/v1/namespaces/team/pods/web/status'],
  ])('%j', (path, expected) => {
    expect(kubePath(path)).toBe(expected);
  });

  test.each(['..', '.', '', '../secrets', 'a/b', 'a%2fb', 'a?b', 'a#b', 'a\nb', 'a b', '%2e%2e', 'ä', 'a'.repeat(254), 'x\\y', ';a', '../../api/v1/namespaces/kube-system/secrets/x'])('no name: %j', (name) => {
    expect(() => kubePath({ resource: PODS, namespace: 'team', name })).toThrow(expect.objectContaining({ name: 'KubeError', reason: 'InvalidName', status: 0 }));
  });

  test.each([
    { namespace: 'Team' }, { namespace: 'team/pods' }, { namespace: '' }, { namespace: 'a.b' }, { namespace: 'a'.repeat(64) },
    { resource: { ...PODS, version: 'v1/..' } }, { resource: { ...PODS, resource: 'pods/x' } }, { resource: { ...PODS, group: 'a/b' } }, { resource: { ...PODS, group: 'a..b' } },
  ])('no path: %j', (parts) => {
    expect(() => kubePath({ resource: PODS, namespace: 'team', name: 'web', ...parts })).toThrow(/cannot be one/);
  });

  test('what is no text is no name, though it looks like one', () => {
    expect(() => kubePath({ resource: PODS, name: ['web'] as unknown as string })).toThrow(/cannot be one: object/);
  });

  test('no text whatever changes the shape of a path', () => {
    assert(
      property(oneof(string({ unit: 'binary' }), webPath(), stringMatching(/^[./%a-z0-9:?#\\]{1,12}$/)), (text) => {
        const built = ['namespace', 'name'].map((part) => {
          try {
            return kubePath({ resource: PODS, namespace: 'team', name: 'web', [part]: text });
          } catch {
            return null;
          }
        });
        for (const path of built) {
          if (path === null) continue;
          const url = new URL(`https://api.example${path}`);
          expect(url.pathname).toBe(path);
          expect(url.search + url.hash).toBe('');
          expect(path.split('/')).toHaveLength(7);
          expect(path).toContain('/pods/');
        }
      }),
      { numRuns: 500 },
    );
  });
});
