import { expect, test } from 'vitest';
import { parseReference, referenceMatcher } from './reference.ts';

const D = `sha256:${'0'.repeat(64)}`;

test.each([
  ['nginx', 'docker.io/library/nginx', null, null], ['nginx:1.27', 'docker.io/library/nginx', '1.27', null], ['team/app', 'docker.io/team/app', null, null],
  ['index.docker.io/nginx', 'docker.io/library/nginx', null, null], ['Registry.Example/x/y:1', 'registry.example/x/y', '1', null], ['localhost:5000/x', 'localhost:5000/x', null, null],
  ['registry.example:443/x', 'registry.example/x', null, null], [`r.example/x:1@${D}`, 'r.example/x', '1', D], ['oci://r.example/x', 'r.example/x', null, null],
])('%s is %s', (text, repository, tag, digest) => {
  expect(parseReference(text)).toEqual({ repository, tag, digest });
});

test.each([
  ['registry.example/payments/**', 'oci://registry.example/payments/a/b:1', true], ['registry.example/payments/**', 'registry.example/payments-evil/a', false],
  ['registry.example/payments/*', 'registry.example/payments/a/b', false], ['registry.example/payments/**', 'REGISTRY.example:443/payments/a', true],
  ['nginx', 'docker.io/library/nginx:latest', true], ['docker.io/**', 'nginx', true], ['docker.io/**', 'build/app.wasm', false], ['docker.io/**', './nginx', false],
  ['r.example/x:1.*', 'r.example/x:1.2', true], ['r.example/x:1.*', 'r.example/x:2.0', false], ['r.example/x:1.*', `r.example/x@${D}`, false], [`r.example/x@${D}`, `r.example/x:9@${D}`, true],
  ['build/**', 'build/app.wasm', true], ['build/**', './build/app.wasm', true], ['build/**', 'build/../secret.wasm', false], ['**/*.wasm', '/tmp/x.wasm', true], ['build/**', 'oci://r.example/build/app', false], ['r.example/t/**', 'oci://R.example/t/app.wasm', true], ['r.example/t/**', 'R.example/t/app.wasm', true], ['docker.io/**', 'app.wasm', false],
  ['**', 'stdin', true], ['**/payments/**', 'oci://r.example/payments/x', true], ['*/payments/*', 'r.example/payments/x', true],
])('pattern %s on %s is %s', (pattern, name, expected) => {
  expect(referenceMatcher(pattern)(name)).toBe(expected);
});
