import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { moduleWith } from '../../test/support/miner-parts.ts';
import { watToWasm } from '../../test/support/wat.ts';

test('whose paths they are is told apart, and the level judges all of them alike', async () => {
  const found = await find(['/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/fmt.rs', '/home/mjones/shop/src/main.rs', '/builds/shop/src/main.rs']);
  expect(found.map(({ subject, severity }) => `${subject}: ${severity}`).sort()).toEqual(['author mjones: warning', 'build-service: warning', 'toolchain: warning']);
});

test('paths of one person are one finding with their number, those of two are two', async () => {
  const found = await find(['/home/mjones/shop/src/a.rs', '/home/mjones/shop/src/b.rs', '/home/mjones/other/src/c.rs', '/Users/karin/lib/src/d.rs']);
  expect(found.map(({ message }) => message).sort()).toEqual(['Carries build paths of user karin: /Users/karin/lib/src/d.rs', 'Carries build paths of user mjones: /home/mjones/shop/src/a.rs and 2 more']);
});

test('the subject names the person and no file, so that new files are no news', async () => {
  const subjects = async (file: string) => (await find([file])).map(({ subject }) => subject);
  expect(await subjects('/home/mjones/a/src/x.rs')).toEqual(await subjects('/home/mjones/b/src/y.rs'));
});

async function find(paths: readonly string[]) {
  return findingsOf(watToWasm(moduleWith({ tables: paths.map((path) => Buffer.from(path)) })), { rules: ['build-path-leak'] });
}
