import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { failureIn } from '../../fetch-error.ts';
import { askHelper } from './credential-helper.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmgate-helper-'));
afterAll(() => rmSync(folder, { recursive: true }));

const environment = { PATH: `${folder}:/usr/bin:/bin` };

function helper(name: string, script: string, where = folder): void {
  const path = join(where, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const ask = (name: string, milliseconds = 20_000): ReturnType<typeof askHelper> => askHelper(name, 'ghcr.io', { environment, milliseconds });

async function failureOf(promise: Promise<unknown>): Promise<{ code: string; shown: string }> {
  const error = await promise.then(() => null, (thrown: unknown) => thrown);
  return { code: failureIn(error, '').code, shown: inspect(error, { depth: 9, showHidden: true }) };
}

describe('a credential helper', () => {
  test('is asked by docker’s protocol', async () => {
    helper('good', `printf '%s %s' "$1" "$(cat)" > ${folder}/asked\nprintf '{"ServerURL":"ghcr.io","Username":"me","Secret":"s3cret"}'`);
    expect((await ask('good'))?.basic()).toBe(`Basic ${btoa('me:s3cret')}`);
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('get ghcr.io');
  });

  test('may give an identity token', async () => {
    helper('token', `printf '{"Username":"<token>","Secret":"idtoken"}'`);
    const credential = await ask('token');
    expect([credential?.identityToken(), credential?.basic()]).toEqual(['idtoken', null]);
  });

  test('may have none', async () => {
    helper('none', `printf 'credentials not found in native keychain\\n'; exit 1`);
    expect(await ask('none')).toBeNull();
  });

  test.each(['../evil', 'a/b', 'x y', '$(touch evil)', 'A', '', 'a\n', 'a'.repeat(65)])('with the name %j is not run', async (name) => {
    expect((await failureOf(ask(name))).code).toBe('bad-docker-config');
  });

  test('is only looked for in absolute folders', async () => {
    mkdirSync(join(folder, 'cwd'));
    helper('near', `touch ${folder}/ran`, join(folder, 'cwd'));
    const near = relative(process.cwd(), join(folder, 'cwd'));
    for (const path of ['', '.', near, undefined]) expect((await failureOf(askHelper('near', 'ghcr.io', { environment: { PATH: path }, milliseconds: 5_000 }))).shown).toContain('it is not in PATH');
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  test.each([
    ['fails', `printf 's3cret'; printf 's3cret' >&2; exit 3`, 'ended with code 3'],
    ['answers with something else', `printf '"s3cret'`, 'no JSON object'],
    ['answers with other types', `printf '{"Username":1,"Secret":"s3cret"}'`, 'no JSON object'],
    ['never ends its answer', `exec yes s3cret`, 'answered with more than 1048576 bytes'],
  ])('that %s is a failure that shows nothing of it', async (name, script, words) => {
    const program = name.replaceAll(' ', '-');
    helper(program, script);
    const { code, shown } = await failureOf(ask(program));
    expect(code).toBe('credential-helper');
    expect(shown).toContain(words);
    expect(shown).not.toContain('s3cret');
  });

  test('that does not answer is ended, and so is the wait for what it started', async () => {
    helper('slow', `sleep 60 &\nexec sleep 61`);
    expect((await failureOf(ask('slow', 200))).shown).toContain('did not answer within 0.2 s');
  });

  test('that is not there is named', async () => {
    expect((await failureOf(ask('missing'))).shown).toContain('docker-credential-missing: it is not in PATH');
  });
});
